import { beforeAll, describe, expect, it } from "vitest";
import {
  type Engine,
  type Layer,
  bidirectional,
  conv1d,
  createDecoder,
  createEngine,
  crossEntropy,
  dense,
  embedding,
  flatten,
  gru,
  layerNorm,
  lstm,
  mse,
  multiHeadAttention,
  positionEmbedding,
  sequential,
  sgd,
  simpleRnn,
  sinusoidalPositions,
  timeDistributed,
  transformerBlock,
  unembedding,
} from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";
import { expectWithin } from "../support/expect.ts";

const [STEPS, VOCABULARY] = [13, 11];
const ids = Int32Array.from({ length: 3 * STEPS }, (_, i) => (i * 7 + (i % 5)) % VOCABULARY);

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});

const table = embedding(VOCABULARY, 16);
const block = { causal: true, normFirst: true, activation: "gelu" } as const;
const shared = multiHeadAttention(2, { causal: true });
const sequences = { returnSequences: true };

const layersOfGpt = (): readonly Layer[] => [
  ...[table, positionEmbedding(20), transformerBlock(4, 32, block)],
  ...[transformerBlock(4, 32, { causal: true }), layerNorm(), unembedding(table)],
];

/** Layers between ids [batch, steps] and logits [batch, steps, vocabulary]. */
const networks: Record<string, () => readonly Layer[]> = {
  gpt: layersOfGpt,
  "rotary attention": () => [
    ...[table, transformerBlock(2, 24, { ...block, rotary: true }), unembedding(table)],
  ],
  "sinusoidal positions": () => [table, sinusoidalPositions(), shared, unembedding(table)],
  "an attention that is used twice": () => [table, shared, shared, unembedding(table)],
  "lstm in two layers": () => [
    ...[table, lstm(9, sequences), lstm(6, sequences), timeDistributed(dense(VOCABULARY))],
  ],
  gru: () => [table, gru(17, sequences), dense(VOCABULARY)],
  simpleRnn: () => [table, simpleRnn(5, { ...sequences, activation: "relu" }), dense(VOCABULARY)],
  "lstm behind attention": () => [table, shared, lstm(8, sequences), dense(VOCABULARY)],
};

function compile(layers: readonly Layer[]) {
  const options = { inputShape: [STEPS], loss: crossEntropy(), optimizer: sgd(), batchSize: 3 };
  return engine.compile(sequential(layers), { ...options, seed: 3 });
}

describe.each(Object.entries(networks))("%s", (_, layers) => {
  /** Steps of all sequences from one step to another. */
  const part = (from: number, to: number): Int32Array =>
    Int32Array.from({ length: 3 * (to - from) }, (_, i) => {
      const [row, step] = [Math.floor(i / (to - from)), i % (to - from)];
      return ids[row * STEPS + from + step]!;
    });

  it.each([
    ["one by one", Array.from({ length: STEPS }, () => 1)],
    ["after a prompt", [6, 1, 1, 1, 1, 3]],
    ["at once", [STEPS]],
  ])("decodes %s what predict gives for whole sequences", (_, sizes) => {
    const model = compile(layers());
    const whole = model.predict(ids).data.slice();
    const decoder = createDecoder(model, { batchSize: 3 });
    for (let round = 0; round < 2; round++) {
      for (const steps of sizes) {
        const from = decoder.position;
        const { data, shape } = decoder.predict(part(from, from + steps));
        expect(shape).toEqual([3, steps, VOCABULARY]);
        data.forEach((logit, i) => {
          const [row, step] = [Math.floor(i / (steps * VOCABULARY)), Math.floor(i / VOCABULARY)];
          const at = (row * STEPS + from + (step % steps)) * VOCABULARY + (i % VOCABULARY);
          expect(Math.abs(logit - whole[at]!)).toBeLessThan(2e-6);
        });
      }
      expect(decoder.position).toBe(STEPS);
      decoder.reset();
    }
    model.dispose();
  });
});

describe("layers of a step in timeDistributed", () => {
  const inner: Record<string, Layer> = {
    lstm: lstm(3),
    "lstm in both directions": bidirectional(lstm(3)),
    conv1d: conv1d(3, 2),
    attention: multiHeadAttention(2),
    "causal attention": multiHeadAttention(1, { causal: true }),
    "positions, learned": positionEmbedding(5),
    "positions, sinusoidal": sinusoidalPositions(),
  };

  it.each(Object.entries(inner))("begin anew with each step: %s", (_, layer) => {
    const layers = [timeDistributed(layer), timeDistributed(flatten()), gru(3, sequences)];
    const options = { inputShape: [4, 5, 2], loss: mse(), optimizer: sgd(), batchSize: 1 };
    const model = engine.compile(sequential(layers), options);
    const x = floats(40, 3);
    const whole = model.predict(x).data.slice();
    const decoder = createDecoder(model);
    expectWithin(decoder.predict(x.subarray(0, 10)).data, whole.subarray(0, 3), () => 1e-6);
    expectWithin(decoder.predict(x.subarray(10)).data, whole.subarray(3), () => 1e-6);
  });
});

describe("a network of features", () => {
  const net = () => sequential([lstm(4, { returnSequences: true }), lstm(3)]);
  const compileFeatures = () =>
    engine.compile(net(), { inputShape: [5, 2], loss: mse(), optimizer: sgd(), batchSize: 1 });
  const x = floats(2 * 5 * 2, 1);

  it("may give the last step alone", () => {
    const model = compileFeatures();
    const whole = model.predict(x.subarray(0, 10)).data.slice();
    const decoder = createDecoder(model);
    expect(decoder.predict(x.subarray(0, 6)).shape).toEqual([1, 3]);
    expectWithin(decoder.predict(x.subarray(6, 10)).data, whole, () => 1e-6);
  });

  it("without attention and positions has no bound", () => {
    const model = compileFeatures();
    const decoder = createDecoder(model);
    expect(decoder.length).toBe(Infinity);
    for (let i = 0; i < 40; i++) decoder.predict(x.subarray(0, 2));
    expect(decoder.position).toBe(40);
  });

  it("takes bytes, which are scaled, and tensors", () => {
    const model = compileFeatures();
    const decoder = createDecoder(model);
    const bytes = Uint8Array.of(255, 0, 51, 102);
    const scaled = Float32Array.from(bytes, (byte) => Math.fround(byte * Math.fround(1 / 255)));
    const ofBytes = decoder.predict(bytes).data.slice();
    decoder.reset();
    const tensor = engine.tensor([1, 2, 2]);
    tensor.data.set(scaled);
    expect(decoder.predict(tensor).data).toEqual(ofBytes);
  });
});

describe("a decoder", () => {
  const gpt = () => compile(layersOfGpt());

  it("sees the weights that training leaves", () => {
    const model = gpt();
    const decoder = createDecoder(model);
    const before = decoder.predict(Int32Array.of(1)).data.slice();
    model.trainStep(ids, ids);
    decoder.reset();
    const after = decoder.predict(Int32Array.of(1)).data;
    expect(after).not.toEqual(before);
    expectWithin(after, model.predict(ids.map(() => 1)).data.subarray(0, VOCABULARY), () => 1e-5);
  });

  it("is planned once for each number of steps, however many decoders there are", () => {
    let recorded = 0;
    const counting: Layer = {
      kind: "counting",
      label: "counting",
      record(_, x) {
        recorded++;
        return x;
      },
    };
    const model = compile([counting, ...layersOfGpt()]);
    const decoders = Array.from({ length: 10 }, () => createDecoder(model));
    const run = (): void => {
      for (const decoder of decoders) decoder.predict(Int32Array.of(1));
    };
    run();
    const before = recorded;
    run();
    model.trainStep(ids, ids);
    expect(recorded).toBe(before);
  });

  it("does not mind other calls of the model in between, nor another decoder", () => {
    const model = gpt();
    const run = (between: () => void) => {
      const decoder = createDecoder(model);
      return Array.from({ length: 6 }, (_, i) => {
        between();
        return decoder.predict(ids.subarray(i, i + 1)).data.slice();
      });
    };
    const alone = run(() => undefined);
    const other = createDecoder(model, { batchSize: 2, length: 20 });
    const disturbed = run(() => {
      model.predict(ids);
      model.predict(ids.subarray(0, STEPS));
      other.predict(Int32Array.of(3, 5));
    });
    expect(disturbed).toEqual(alone);
  });

  it("gives its memory back, and prints what it is", () => {
    const model = gpt();
    const { state } = model.memoryPlan;
    const decoder = createDecoder(model, { batchSize: 2, length: 9 });
    expect(String(decoder)).toBe("Decoder(2 x 9)");
    // Keys and values of two blocks.
    expect(model.memoryPlan.state - state).toBeGreaterThanOrEqual(2 * 2 * 9 * 2 * 16 * 4);
    decoder.dispose();
    decoder.dispose();
    expect(model.memoryPlan.state).toBe(state);
    expect(() => decoder.predict(Int32Array.of(1, 1))).toThrow("expected a live decoder");
    expect(() => {
      decoder.reset();
    }).toThrow("expected a live decoder");
    const other = createDecoder(model);
    model.dispose();
    expect(() => other.predict(Int32Array.of(1))).toThrow("expected a live model");
    other.dispose();
  });

  it("is left as it was by a call that it refuses", () => {
    const decoder = createDecoder(gpt(), { batchSize: 2, length: 4 });
    decoder.predict(Int32Array.of(1, 2));
    const refused: [unknown, string][] = [
      [new Int32Array(8), "predict: expected at most 3 more steps of 4, got 4; reset starts anew"],
      [new Int32Array(3), "predict: expected as many steps for each of 2 sequences, got 3 in all"],
      [new Int32Array(0), "predict: expected x to hold examples, got an empty array"],
      [Int32Array.of(1, VOCABULARY), "ids from 0 to 10, x has 11 in row 1, column 0"],
      [[1, 2], "predict: expected x to be a Float32Array"],
      ["ab", "predict: expected x to be a Float32Array"],
    ];
    for (const [x, text] of refused) expect(() => decoder.predict(x as never)).toThrow(text);
    expect(decoder.position).toBe(1);
    const next = decoder.predict(Int32Array.of(3, 4)).data.slice();
    decoder.reset();
    decoder.predict(Int32Array.of(1, 2));
    expect(decoder.predict(Int32Array.of(3, 4)).data).toEqual(next);
  });
});
