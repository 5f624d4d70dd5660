import { describe, expect, it } from "vitest";
import {
  type Dataset,
  type Model,
  createEngine,
  crossEntropy,
  dense,
  dropout,
  l2,
  mse,
  nll,
  perplexity,
  sequential,
  sgd,
  topKAccuracy,
} from "../../src/index.ts";
import { crossEntropy as crossEntropyOf, oneHot } from "../../src/reference/losses.ts";
import { floats, weightsOf } from "../engine/fixtures.ts";
import { integers } from "../../src/verify/numbers.ts";

const engine = await createEngine();
const [COUNT, TIME, IN, CLASSES] = [20, 3, 4, 5];
const classWeights = [0.5, 1, 2, 0.25, 1.5];

/** Sequences of which each is 0 to 3 steps long; -100 is the label of the other steps. */
const x = floats(COUNT * TIME * IN, 1);
const y = integers(COUNT * TIME, 2, CLASSES).map((label, at) =>
  at % TIME < (at / TIME) % (TIME + 1) ? label : -100,
);
const data: Dataset = { x, y };

function compile(loss = crossEntropy(), weightPenalty = l2(0)): Model {
  return engine.compile(
    sequential([dense(8, { activation: "tanh" }), dense(CLASSES, { weightPenalty })]),
    {
      inputShape: [TIME, IN],
      loss,
      optimizer: sgd({ learningRate: 0.5 }),
      metrics: ["accuracy", perplexity(), topKAccuracy(2), topKAccuracy(1)],
      seed: 3,
      batchSize: COUNT,
    },
  );
}

/** Returns the measures of the model's logits by their definitions, in float64. */
function measured(model: Model, weights = [1, 1, 1, 1, 1]) {
  const { data: logits, shape } = model.predict(x);
  expect(shape).toEqual([COUNT, TIME, CLASSES]);
  const steps = Array.from(y, (label, at) => {
    const row = [...logits.slice(at * CLASSES, (at + 1) * CLASSES)];
    const own = row.filter((v) => v > row[label]!).length;
    return { label, loss: label < 0 ? 0 : crossEntropyOf(row, oneHot(label, CLASSES)), own };
  }).filter(({ label }) => label >= 0);
  const sum = (of: (step: (typeof steps)[number]) => number) =>
    steps.reduce((total, step) => total + of(step), 0);
  const mean = sum(({ loss }) => loss) / steps.length;
  return {
    loss: sum(({ loss, label }) => weights[label]! * loss) / sum(({ label }) => weights[label]!),
    accuracy: sum(({ own }) => Number(own === 0)) / steps.length,
    top2Accuracy: sum(({ own }) => Number(own < 2)) / steps.length,
    perplexity: Math.exp(mean),
  };
}

function expectMeasures(result: object, expected: ReturnType<typeof measured>): void {
  const { loss, accuracy, top1Accuracy, top2Accuracy, perplexity } = result as Record<
    string,
    number
  >;
  expect(loss! / expected.loss).toBeCloseTo(1, 6);
  expect(perplexity! / expected.perplexity).toBeCloseTo(1, 12);
  expect([accuracy, top1Accuracy]).toEqual([expected.accuracy, expected.accuracy]);
  expect(top2Accuracy).toBe(expected.top2Accuracy);
}

/** The weights of two models differ by roundings of their gradients at most. */
function expectCloseWeights(actual: Model, expected: Model): void {
  actual.parameters.forEach(({ data }, i) => {
    const wanted = expected.parameters[i]!.data;
    data.forEach((weight, j) => expect(Math.abs(weight - wanted[j]!)).toBeLessThan(1e-6));
  });
}

describe("a label for each step", () => {
  it.each([
    [crossEntropy(), undefined],
    [crossEntropy({ classWeights }), classWeights],
  ])("is measured over those that count, whatever the batches are: %s", async (loss, weights) => {
    const model = compile(loss);
    const expected = measured(model, weights);
    for (const batchSize of [COUNT, 7, 3, 1]) {
      expectMeasures(await model.evaluate(data, { batchSize }), expected);
    }
    expect(model.trainStep(x, y) / expected.loss).toBeCloseTo(1, 6);
  });

  it.each([
    crossEntropy(),
    crossEntropy({ classWeights }),
    crossEntropy({ classWeights, labelSmoothing: 0.1 }),
    crossEntropy({ reduction: "sum" }),
    crossEntropy({ reduction: "meanOverExamples" }),
  ])("is trained alike by whole batches and by micro-batches: %s", async (loss) => {
    const [whole, pieces] = [compile(loss, l2(0.01)), compile(loss, l2(0.01))];
    for (const model of [whole, pieces]) model.learningRate = 0.01;
    const options = { epochs: 3, batchSize: 10 };
    const expected = await whole.fit(data, options);
    const { epochs } = await pieces.fit(data, { ...options, microBatchSize: 3 });
    epochs.forEach((epoch, i) => {
      expect(epoch.loss / expected.epochs[i]!.loss).toBeCloseTo(1, 5);
      expect(epoch.accuracy).toBe(expected.epochs[i]!.accuracy);
    });
    expectCloseWeights(pieces, whole);
  });

  it("has the mean of an epoch over all labels of its batches", async () => {
    const model = compile();
    model.learningRate = 0;
    const expected = measured(model);
    const { epochs } = await model.fit(data, { batchSize: 6, validation: data });
    const { loss, accuracy, validationPerplexity } = epochs[0]!;
    expect(loss / expected.loss).toBeCloseTo(1, 6);
    expect(accuracy).toBe(expected.accuracy);
    expect(Number(validationPerplexity) / expected.perplexity).toBeCloseTo(1, 12);
  });

  it("learns nothing from a batch in which none counts, and penalties still count", async () => {
    const none = { x, y: new Int32Array(COUNT * TIME).fill(-100) };
    const model = compile();
    const before = weightsOf(model);
    expect(model.trainStep(none.x, none.y)).toBe(0);
    expect(weightsOf(model)).toEqual(before);
    const { epochs } = await model.fit(none, { batchSize: 6, microBatchSize: 2 });
    expect([epochs[0]!.loss, epochs[0]!.accuracy]).toEqual([0, NaN]);
    expect(weightsOf(model)).toEqual(before);
    const { loss, accuracy, perplexity } = await model.evaluate(none, { batchSize: 6 });
    expect([loss, accuracy, perplexity]).toEqual([0, NaN, NaN]);
    const [whole, pieces] = [compile(crossEntropy(), l2(0.1)), compile(crossEntropy(), l2(0.1))];
    await whole.fit(none, { batchSize: 6 });
    await pieces.fit(none, { batchSize: 6, microBatchSize: 4 });
    expect(weightsOf(whole)).not.toEqual(before);
    expectCloseWeights(pieces, whole);
  });

  it("may be ignored by a class of its own, which accuracy leaves out", async () => {
    const model = compile(crossEntropy({ ignoreIndex: 0 }));
    const labels = y.map((label) => Math.max(label, 0));
    const { accuracy, top1Accuracy } = await model.evaluate({ x, y: labels }, { batchSize: 3 });
    const { data: logits } = model.predict(x);
    const steps = [...labels.keys()].filter((at) => labels[at] !== 0);
    const right = steps.filter((at) => {
      const row = [...logits.slice(at * CLASSES, (at + 1) * CLASSES)];
      return row.indexOf(Math.max(...row)) === labels[at];
    });
    expect([accuracy, top1Accuracy]).toEqual([
      right.length / steps.length,
      right.length / steps.length,
    ]);
  });

  it("may be a row of probabilities", async () => {
    const labels = y.map((label) => Math.max(label, 0));
    const rows = new Float32Array(COUNT * TIME * CLASSES);
    labels.forEach((label, at) => (rows[at * CLASSES + label] = 1));
    const model = compile();
    const [byClass, byRow] = [
      await model.evaluate({ x, y: labels }, { batchSize: 7 }),
      await model.evaluate({ x, y: rows }, { batchSize: 7 }),
    ];
    expect(byRow.loss).toBeCloseTo(byClass.loss, 5);
    expect([byRow.accuracy, byRow.top2Accuracy]).toEqual([byClass.accuracy, byClass.top2Accuracy]);
    expect(Number(byRow.perplexity) / Number(byClass.perplexity)).toBeCloseTo(1, 12);
  });

  it("has a likelihood", async () => {
    const labels = y.map((label) => Math.max(label, 0));
    const model = compile(nll());
    const { data: logs } = model.predict(x);
    const sum = labels.reduce((total, label, at) => total - logs[at * CLASSES + label]!, 0);
    expect((await model.evaluate({ x, y: labels })).loss).toBeCloseTo(sum / labels.length, 5);
  });

  it("counts answers of other losses by their last axis", async () => {
    const model = compile(mse());
    const labels = y.map((label) => Math.max(label, 0));
    const rows = new Float32Array(COUNT * TIME * CLASSES);
    labels.forEach((label, at) => (rows[at * CLASSES + label] = 1));
    const { accuracy, top1Accuracy } = await model.evaluate({ x, y: rows }, { batchSize: 6 });
    expect(accuracy).toBe(top1Accuracy);
  });

  it("gives the same bits on data without ignored labels as a mean over examples", async () => {
    const labels = y.map((label) => Math.max(label, 0));
    const [plain, ignoring] = [compile(), compile(crossEntropy({ ignoreIndex: -7 }))];
    await plain.fit({ x, y: labels }, { epochs: 2, batchSize: 6 });
    await ignoring.fit({ x, y: labels }, { epochs: 2, batchSize: 6 });
    expect(weightsOf(ignoring)).toEqual(weightsOf(plain));
  });
});

describe("labels that do not fit", () => {
  const model = compile();
  const ofOneStep = engine.compile(sequential([dropout(0), dense(CLASSES)]), {
    inputShape: [IN],
    loss: crossEntropy({ ignoreIndex: -1 }),
    optimizer: sgd(),
  });
  const withLabel = (at: number, label: number): Int32Array => {
    const labels = y.slice();
    labels[at] = label;
    return labels;
  };

  it.each([
    [
      withLabel(7, CLASSES),
      "crossEntropy: expected class indices from 0 to 4, y has 5 at 7, row 1 of example 2; " +
        "a label of -100 is ignored",
    ],
    [withLabel(59, -1), "y has -1 at 59, row 2 of example 19; a label of -100 is ignored"],
    [y.subarray(1), "expected y to hold 60 class indices, one for each of 3 rows for each of 20"],
    [
      y.subarray(0, COUNT),
      "of 20 examples, got 20; flatten() or a global pool gives one row an example",
    ],
    [
      Float32Array.from(y),
      "numbers, 15 for each of 20 examples, got 60; class indices go in an Int32Array or Uint8Array",
    ],
  ])("are refused by every call (case %#)", async (labels, text) => {
    const before = weightsOf(model);
    expect(() => model.trainStep(x, labels)).toThrow(RangeError);
    expect(() => model.trainStep(x, labels)).toThrow(text);
    await expect(model.fit({ x, y: labels })).rejects.toThrow(text);
    await expect(model.evaluate({ x, y: labels })).rejects.toThrow(text);
    expect(weightsOf(model)).toEqual(before);
  });

  it("are refused for one label an example, too", () => {
    expect(() => ofOneStep.trainStep(new Float32Array(2 * IN), Int32Array.of(0, -100))).toThrow(
      new RangeError(
        "trainStep: crossEntropy: expected class indices from 0 to 4, y has -100 at 1; " +
          "a label of -1 is ignored",
      ),
    );
    expect(ofOneStep.trainStep(new Float32Array(2 * IN), Int32Array.of(-1, -1))).toBe(0);
  });

  it("are refused where classWeights are of other classes", () => {
    const text = "crossEntropy: expected one of classWeights for each of 5 classes, got 2";
    expect(() => compile(crossEntropy({ classWeights: [1, 2] }))).toThrow(new RangeError(text));
  });
});
