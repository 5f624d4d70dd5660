import { describe, expect, it } from "vitest";
import * as gradlane from "../src/index.ts";
import { bceWithLogits, crossEntropy, huber, klDiv, mae, mse, nll } from "../src/index.ts";
import { wrong } from "./engine/fixtures.ts";

const engine = await gradlane.createEngine();

describe("options that cannot be", () => {
  it.each([
    [() => mse({ reduction: wrong("avg") }), 'mse: expected reduction to be "mean", "sum", '],
    [() => mae({ reduction: wrong("none") }), 'mae: expected reduction to be "mean", "sum", '],
    [() => huber({ delta: 0 }), "huber: expected delta to be a number above 0, got 0"],
    [() => huber({ delta: 1e-60 }), "huber: expected delta to be a number above 0"],
    [() => huber({ delta: Infinity }), "huber: expected delta to be a number above 0"],
    [
      () => bceWithLogits({ posWeight: -1 }),
      "expected posWeight to be a number from 0 on or a list of them, got -1",
    ],
    [
      () => bceWithLogits({ posWeight: [1, NaN] }),
      "expected posWeight to be a number from 0 on or a list of them, got [1, NaN]",
    ],
    [
      () => bceWithLogits({ posWeight: [] }),
      "expected posWeight to be a number from 0 on or a list of them, got []",
    ],
    [
      () => crossEntropy({ labelSmoothing: 1.5 }),
      "expected labelSmoothing to be a number from 0 to 1, got 1.5",
    ],
    [
      () => crossEntropy({ labelSmoothing: NaN }),
      "expected labelSmoothing to be a number from 0 to 1, got NaN",
    ],
    [
      () => crossEntropy({ ignoreIndex: 0.5 }),
      "crossEntropy: expected ignoreIndex to be a whole number from -2147483648 to 2147483647, got",
    ],
    [
      () => crossEntropy({ classWeights: [1, -1] }),
      "crossEntropy: expected classWeights to be a list of numbers from 0 on, one for each class, got",
    ],
    [() => crossEntropy({ classWeights: [] }), "crossEntropy: expected classWeights to be a list"],
  ])("%s", (make, text) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(text);
  });

  it.each([
    [
      "mse",
      [2, 3],
      [3, 2],
      "mse: expected a float target of the prediction's shape, got [2, 3] and",
    ],
    ["klDiv", [2, 3], [2], "klDiv: expected a float target of the prediction's shape"],
    ["crossEntropy", [2, 3], [3], "crossEntropy: expected logits [..., classes] and class indices"],
    ["nll", [2, 3], [2, 3], "nll: expected log-probabilities [..., classes]"],
  ] as const)("%s of %j against %j in a graph", (name, shape, targetShape, text) => {
    const g = engine.graph();
    const prediction = g.parameter(shape, 1);
    const target = g.constant(
      new Float32Array((targetShape as readonly number[]).reduce((a, b) => a * b)),
      targetShape,
    );
    expect(() => g[name](prediction, target)).toThrow(RangeError);
    expect(() => g[name](prediction, target)).toThrow(text);
  });

  it("names both counts where posWeight does not fit the columns", () => {
    const g = engine.graph();
    const [x, t] = [g.parameter([2, 3], 1), g.constant(new Float32Array(6), [2, 3])];
    const text = "one posWeight, or one for each of 3 columns, got 2 for predictions [2, 3]";
    expect(() => g.bceWithLogits(x, t, { posWeight: [1, 2] })).toThrow(text);
    expect(() => g.mse(x, t, wrong("avg"))).toThrow('mse: expected reduction to be "mean"');
  });

  it("names both counts where classWeights do not fit the classes", () => {
    const g = engine.graph();
    const [x, t] = [g.parameter([4, 3], 1), g.constant(new Int32Array(4))];
    const text = "crossEntropy: expected one of classWeights for each of 3 classes, got 2";
    expect(() => g.crossEntropy(x, t, { classWeights: [1, 2] })).toThrow(new RangeError(text));
  });

  it("does not take probabilities for the class indices of nll", () => {
    const model = engine.compile(gradlane.sequential([gradlane.dense(3)]), {
      inputShape: [2],
      loss: nll(),
      optimizer: gradlane.sgd(),
    });
    const x = new Float32Array(4);
    expect(() => model.trainStep(x, new Float32Array(6))).toThrow(
      "nll: expected log-probabilities",
    );
    expect(model.trainStep(x, new Int32Array(2))).toBeCloseTo(0, 15);
  });
});

it("says how batches come together, and what a yes is", () => {
  const seen = [mse(), mae({ reduction: "sum" }), klDiv({ reduction: "batchmean" })];
  expect(seen.map(({ reduction }) => reduction)).toEqual(["mean", "sum", "mean"]);
  expect([bceWithLogits().threshold, gradlane.bce().threshold]).toEqual([0, 0.5]);
  expect([crossEntropy(), nll(), mse()].map(({ takesClasses }) => takesClasses)).toEqual([
    true,
    true,
    false,
  ]);
});

it("keeps its own copy of the weights of positives", () => {
  const posWeight = [2, 2];
  const loss = bceWithLogits({ posWeight, reduction: "sum" });
  posWeight.fill(100);
  const model = engine.compile(
    gradlane.sequential([gradlane.dense(2, { weightInitializer: gradlane.constant(0) })]),
    { inputShape: [1], loss, optimizer: gradlane.sgd({ learningRate: 0 }) },
  );
  const value = model.trainStep(new Float32Array([1]), new Float32Array([1, 1]));
  expect(value).toBeCloseTo(2 * 2 * Math.LN2, 5);
});

it("keeps its own copy of the weights of classes", () => {
  const classWeights = Float32Array.of(1, 3);
  const loss = crossEntropy({ classWeights, reduction: "sum" });
  classWeights.fill(100);
  const model = engine.compile(
    gradlane.sequential([gradlane.dense(2, { weightInitializer: gradlane.constant(0) })]),
    { inputShape: [1], loss, optimizer: gradlane.sgd({ learningRate: 0 }) },
  );
  const value = model.trainStep(Float32Array.of(1, 1), Int32Array.of(0, 1));
  expect(value).toBeCloseTo(4 * Math.LN2, 5);
});

it("means over examples are weighted by the examples of a batch", async () => {
  const compile = (batchSize: number) =>
    engine.compile(gradlane.sequential([gradlane.dense(3)]), {
      inputShape: [2],
      loss: mse({ reduction: "meanOverExamples", half: true }),
      optimizer: gradlane.sgd({ learningRate: 0 }),
      seed: 3,
      batchSize,
    });
  const [x, y] = [Float32Array.from({ length: 14 }, (_, i) => i / 7), new Float32Array(21).fill(1)];
  const [whole, cut] = [compile(7), compile(3)];
  const { loss } = await cut.evaluate({ x, y });
  expect(loss).toBeCloseTo((await whole.evaluate({ x, y })).loss, 5);
  const { data } = whole.predict(x);
  const expected = data.reduce((sum, p) => sum + (p - 1) ** 2, 0) / 2 / 7;
  expect(loss).toBeCloseTo(expected, 5);
});
