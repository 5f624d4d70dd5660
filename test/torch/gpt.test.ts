import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { adam, createEngine, crossEntropy, dense, embedding, layerNorm } from "../../src/index.ts";
import { positionEmbedding, sequential, transformerBlock } from "../../src/index.ts";
import { type Reference, expectClose } from "./reference.ts";
import { readTrained, shareOf, transposed } from "./trained.ts";

/** A small GPT, with nanoGPT's names of weights; x are ids [batch, time], y those that follow. */
const recorded = readTrained("gpt.json");

const [BATCH, TIME, VOCABULARY, WIDTH, HEADS] = [3, 8, 11, 12, 3];

/** nanoGPT's names of parameters, by ours; h is the number of a block. */
const names: readonly (readonly [ours: RegExp, theirs: string])[] = [
  [/^embedding1.weight$/, "wte.weight"],
  [/^positionEmbedding1.weight$/, "wpe.weight"],
  [/attention.inProjection.(.*)$/, "h.c_attn.$1"],
  [/attention.outProjection.(.*)$/, "h.c_proj.$1"],
  [/norm(\d).(.*)$/, "h.ln_$1.$2"],
  [/dense1.(weight|bias)$/, "h.c_fc.$1"],
  [/dense2.(weight|bias)$/, "h.c_out.$1"],
  [/layerNorm1.(.*)$/, "ln_f.$1"],
];

function theirName(name: string): string {
  if (name === "dense1.weight") return "lm_head.weight";
  const [ours, theirs] = names.find(([ours]) => ours.test(name))!;
  const block = Number(/^transformerBlock(\d)/.exec(name)?.[1] ?? 0) - 1;
  return ours.exec(name)![0].replace(ours, theirs).replace(/^h\./, `h.${block}.`);
}

/** Weights of dense layers, [out, in], become [in, out]; tables stay as they are. */
function turned(name: string): (array: Reference) => Reference {
  return (array) => {
    return array.shape.length !== 2 || /^w[tp]e/.test(name) ? array : transposed(array);
  };
}

const engine = await createEngine();

function startedModel(): gradlane.Model {
  const block = () =>
    transformerBlock(HEADS, 48, { causal: true, normFirst: true, activation: "geluTanh" });
  const layers = [
    embedding(VOCABULARY, WIDTH),
    positionEmbedding(TIME),
    block(),
    block(),
    layerNorm(),
    dense(VOCABULARY, { useBias: false }),
  ];
  const model = engine.compile(sequential(layers), {
    inputShape: [TIME],
    loss: crossEntropy(),
    optimizer: adam({ learningRate: 0.01 }),
    batchSize: BATCH,
  });
  for (const { name, shape, data } of model.parameters) {
    const theirs = theirName(name);
    const start = turned(theirs)(recorded.start[theirs]!);
    expect(start.shape, name).toEqual(shape);
    data.set(start.data);
  }
  expect(model.parameters.length).toBe(Object.keys(recorded.start).length);
  return model;
}

const ids = recorded.x.map(({ data }) => Float32Array.from(data));

const targets = recorded.y.map(({ data }) => Int32Array.from(data));

/** Error as a share of an array's largest element: some roundings for each of the steps. */
const SHARE = 5e-6;

const close = shareOf(SHARE);

/** The bias of the keys has the gradient 0, as it moves all scores of a query alike. */
function withoutKeys(name: string, data: ArrayLike<number>): number[] {
  const isKey = (i: number) => /inProjection.bias$/.test(name) && i >= WIDTH && i < 2 * WIDTH;
  return Array.from(data, (value, i) => (isKey(i) ? 0 : value));
}

describe("a small GPT as in PyTorch", () => {
  it("has its scores, its losses in twelve steps, and the weights behind them", () => {
    const model = startedModel();
    const scores = () => model.predict(ids[0]!);
    expectClose("scores", scores(), recorded.evaluated, close(recorded.evaluated));
    recorded.losses.forEach((expected, s) => {
      const batch = s % ids.length;
      const loss = model.trainStep(ids[batch]!, targets[batch]!);
      expectClose(`loss of step ${s}`, loss, [expected], () => SHARE * expected);
    });
    for (const { name, shape, data } of model.parameters) {
      const theirs = theirName(name);
      const expected = turned(theirs)(recorded.trained[theirs]!);
      expect(shape).toEqual(expected.shape);
      expectClose(name, withoutKeys(name, data), withoutKeys(name, expected.data), close(expected));
    }
    expectClose("scores after", scores(), recorded.evaluatedAfter, close(recorded.evaluatedAfter));
    model.dispose();
  });
});
