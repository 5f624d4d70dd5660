import { beforeAll, describe, expect, it } from "vitest";
import {
  type Engine,
  type GenerateOptions,
  type Layer,
  adam,
  createDecoder,
  createEngine,
  crossEntropy,
  dense,
  embedding,
  generate,
  layerNorm,
  lstm,
  mse,
  positionEmbedding,
  reshape,
  sequential,
  timeDistributed,
  transformerBlock,
  unembedding,
} from "../../src/index.ts";

/** Length of the context, and characters. */
const [STEPS, BATCH] = [16, 8];
const TEXT = "the cat sat on the mat, and the dog sat on the log; the cow ate the hay by the bay. ";
const characters = [...new Set(TEXT)].sort();
const VOCABULARY = characters.length;
const encode = (text: string): number[] => [...text].map((c) => characters.indexOf(c));
const decode = (ids: Iterable<number>): string => Array.from(ids, (id) => characters[id]).join("");

const table = embedding(VOCABULARY, 32);
const block = { causal: true, normFirst: true } as const;
const networks: Record<"gpt" | "lstm", readonly Layer[]> = {
  gpt: [
    ...[table, positionEmbedding(STEPS), transformerBlock(4, 64, { ...block, activation: "gelu" })],
    ...[transformerBlock(4, 64, { ...block, dropout: 0.1 }), layerNorm(), unembedding(table)],
  ],
  lstm: [embedding(VOCABULARY, 12), lstm(24, { returnSequences: true }), dense(VOCABULARY)],
};

/** Returns a model that has read the text for some steps. */
function trained(engine: Engine, layers: readonly Layer[], steps = 40) {
  const loss = crossEntropy();
  const model = engine.compile(sequential(layers), {
    ...{ inputShape: [STEPS], loss, optimizer: adam({ learningRate: 0.01 }) },
    ...{ batchSize: BATCH, seed: 2 },
  });
  const ids = encode(TEXT.repeat(2));
  const windows = (step: number, shift: number): number[] =>
    Array.from({ length: BATCH }, (_, row) => (step * 11 + row * 17) % TEXT.length).flatMap((at) =>
      ids.slice(at + shift, at + shift + STEPS),
    );
  for (let step = 0; step < steps; step++) {
    model.trainStep(Int32Array.from(windows(step, 0)), Int32Array.from(windows(step, 1)));
  }
  return model;
}

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});

/** Texts of the seeds below on every engine of math strict. */
const pinned = {
  gpt: "dog mathe nan og the mat n. sat at t ow the the og sat the t",
  lstm: "c att t ate e aat t h t  at  t taat t ehe e  t taat  tt te e",
};
const SAMPLING = { count: 60, temperature: 0.7, topK: 8, topP: 0.95, seed: 3 };

describe.each(["gpt", "lstm"] as const)("%s", (name) => {
  it("writes the same text on every machine and any number of threads", async () => {
    const write = (on: Engine): string =>
      decode(generate(trained(on, networks[name]), encode("the "), SAMPLING));
    const text = write(engine);
    if (engine.info.math === "strict") expect(text).toBe(pinned[name]);
    if (engine.info.threads === 1) return;
    const alone = await createEngine({ threads: 1 });
    expect(write(alone)).toBe(text);
    alone.dispose();
  });

  it("takes the likeliest id of the whole context at temperature 0", () => {
    const model = trained(engine, networks[name]);
    const count = STEPS - 3;
    const ids = [...generate(model, encode("the "), { count, temperature: 0 })];
    const all = [...encode("the "), ...ids];
    const { data } = model.predict(Int32Array.from(all.slice(0, STEPS)));
    for (let at = 3; at < STEPS; at++) {
      const logits = data.subarray(at * VOCABULARY, (at + 1) * VOCABULARY);
      expect(all[at + 1]).toBe(logits.indexOf(Math.max(...logits)));
    }
  });

  it("draws by the weights as they are, and leaves them and the memory", () => {
    const model = trained(engine, networks[name], 2);
    const weights = model.parameters.map(({ data }) => data.slice());
    const first = decode(generate(model, [0], SAMPLING));
    const held = model.memoryPlan;
    expect(decode(generate(model, [0], SAMPLING))).toBe(first);
    expect(decode(generate(model, [0], { ...SAMPLING, seed: 4 }))).not.toBe(first);
    for (const id of generate(model, [0])) if (id === 2) break;
    expect(model.memoryPlan).toEqual(held);
    expect(model.parameters.map(({ data }) => data.slice())).toEqual(weights);
    model.parameters.at(-1)!.data.fill(0);
    expect(decode(generate(model, [0], SAMPLING))).not.toBe(first);
  });
});

describe("a context that is full", () => {
  it("starts anew from its last half", () => {
    const model = trained(engine, networks.gpt, 10);
    const length = 7;
    const options = { count: 12, temperature: 0, length };
    const ids = [...generate(model, encode("the "), options)];
    const decoder = createDecoder(model, { length });
    const expected: number[] = [];
    let text = encode("the ");
    let seen = text;
    while (expected.length < 12) {
      const { data } = decoder.predict(Int32Array.from(seen));
      const logits = data.subarray(data.length - VOCABULARY);
      const id = logits.indexOf(Math.max(...logits));
      expected.push(id);
      text = [...text, id];
      seen = [id];
      if (decoder.position < length) continue;
      decoder.reset();
      seen = text.slice(-4);
    }
    expect(ids).toEqual(expected);
  });

  it.each([1, 2, STEPS])("goes on with a length of %d, and longer prompts", (length) => {
    const model = trained(engine, networks.gpt, 1);
    const ids = [...generate(model, encode(TEXT), { count: 40, length })];
    expect(ids).toHaveLength(40);
    expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < VOCABULARY)).toBe(true);
  });
});

describe("generate refuses", () => {
  const model = () => trained(engine, networks.gpt, 0);

  it.each<[string, unknown, GenerateOptions, typeof Error, string]>([
    ["no prompt", undefined, {}, TypeError, "generate: expected prompt to be a list of ids"],
    ["a text", "the", {}, TypeError, "generate: expected prompt to be a list of ids"],
    ["an empty prompt", [], {}, RangeError, "expected prompt to have at least one id, got none"],
    ["half an id", [1, 0.5], {}, RangeError, "ids from 0 to 18, got 0.5 at position 1"],
    ["an id that is none", [1, VOCABULARY], {}, RangeError, "18, got 19 at position 1"],
    ["a negative id", [-1], {}, RangeError, "ids from 0 to 18, got -1 at position 0"],
    ["big ints", BigInt64Array.of(1n), {}, TypeError, "prompt to be a list of ids"],
    ["bytes of a view", new DataView(new ArrayBuffer(4)), {}, TypeError, "prompt to be a list"],
    ["a negative count", [1], { count: -1 }, RangeError, "generate: expected count"],
    ["an unknown option", [1], { steps: 4 } as never, RangeError, "generate: expected options"],
    ["topP of 0", [1], { topP: 0 }, RangeError, "generate: expected topP"],
  ])("%s at once", (_, prompt, options, type, text) => {
    const call = () => generate(model(), prompt as never, options);
    expect(call).toThrow(type);
    expect(call).toThrow(text);
  });

  it.each<[string, number[], GenerateOptions, string]>([
    [
      "a context past the positions",
      [1],
      { length: STEPS + 1 },
      "positionEmbedding(16): expected at most",
    ],
  ])("%s when the first is asked for", (_, prompt, options, text) => {
    const live = model();
    const { state } = live.memoryPlan;
    expect(() => [...generate(live, prompt, options)]).toThrow(RangeError);
    expect(() => [...generate(live, prompt, options)]).toThrow(text);
    expect(live.memoryPlan.state).toBe(state);
  });

  it("outputs that are no logits of steps", () => {
    const layers = [embedding(5, 4), dense(6), timeDistributed(reshape([2, 3]))];
    const options = { inputShape: [4], loss: mse(), optimizer: adam() };
    const model = engine.compile(sequential(layers), options);
    expect(() => [...generate(model, [1])]).toThrow(
      "generate: expected a network that gives logits [steps, classes], got [steps, 2, 3]",
    );
  });

  it("what is no model", () => {
    expect(() => generate({} as never, [1])).toThrow(
      new TypeError("generate: expected model to be a model of compile, got an empty object"),
    );
  });

  it("weights that are not finite", () => {
    const live = model();
    live.parameters.at(-1)!.data.fill(NaN);
    expect(() => [...generate(live, [1], { count: 1 })]).toThrow("expected finite logits, got NaN");
  });

  it("gives nothing for a count of 0", () => {
    expect([...generate(model(), [1], { count: 0 })]).toEqual([]);
  });
});
