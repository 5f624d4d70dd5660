import { afterEach, describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import {
  type Loss,
  type Model,
  constant,
  createEngine,
  crossEntropy,
  dense,
} from "../../src/index.ts";
import { bce, mse, sequential, sgd, sigmoid } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";

const engine = await createEngine();
const models: Model[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

const ROWS = 6;
const x = floats(ROWS * 4, 1);
const labels = Int32Array.from([0, 2, 1, 1, 0, 2]);
const values = floats(ROWS * 3, 2);
const weights = Float32Array.of(1, 0, 2.5, 0.5, 3, 1);

function compile(loss: Loss, options: Partial<gradlane.CompileOptions> = {}): Model {
  const net = sequential([dense(3, { weightInitializer: constant(0.1) })]);
  const optimizer = sgd({ learningRate: 0.5 });
  const model = engine.compile(net, {
    inputShape: [4],
    loss,
    optimizer,
    batchSize: ROWS,
    ...options,
  });
  models.push(model);
  return model;
}

function gradients({ parameters }: Model): number[] {
  return parameters.flatMap(({ grad }) => [...grad]);
}

/** Row i of an array, alone. */
function row<T extends Float32Array | Int32Array>(array: T, i: number): T {
  const width = array.length / ROWS;
  return array.slice(i * width, (i + 1) * width) as T;
}

/** Loss and gradients as the sum of those of each example alone, times its weight and a factor. */
function byHand(loss: Loss, y: Int32Array | Float32Array, factor: (i: number) => number) {
  let sum = 0;
  const total: number[] = [];
  for (let i = 0; i < ROWS; i++) {
    const model = compile(loss, { batchSize: 1 });
    const weight = weights[i]! * factor(i);
    sum += weight * model.trainStep(row(x, i), row(y, i));
    gradients(model).forEach((g, k) => (total[k] = (total[k] ?? 0) + weight * g));
  }
  return { loss: sum, gradients: total };
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual[i]!).toBeCloseTo(value, 5);
  });
}

const CLASS_WEIGHTS = [0.5, 2, 1];
const share = (i: number): number =>
  CLASS_WEIGHTS[labels[i]!]! / [...labels].reduce((sum, label) => sum + CLASS_WEIGHTS[label]!, 0);

describe("sampleWeights", () => {
  const cases: [string, Loss, Int32Array | Float32Array, (i: number) => number][] = [
    ["mse", mse(), values, () => 1 / ROWS],
    ["mse by examples", mse({ reduction: "meanOverExamples" }), values, () => 1 / ROWS],
    ["mse as a sum", mse({ reduction: "sum" }), values, () => 1],
    ["crossEntropy", crossEntropy(), labels, () => 1 / ROWS],
    ["crossEntropy of rows", crossEntropy(), values.map(Math.abs), () => 1 / ROWS],
    ["crossEntropy as a sum", crossEntropy({ reduction: "sum" }), labels, () => 1],
    [
      "crossEntropy with classWeights",
      crossEntropy({ classWeights: CLASS_WEIGHTS }),
      labels,
      share,
    ],
  ];

  it.each(cases)("%s: each example counts by its weight", (_, loss, y, factor) => {
    const model = compile(loss);
    const actual = model.trainStep(x, y, weights);
    const expected = byHand(loss, y, factor);
    expectNear([actual], [expected.loss]);
    expectNear(gradients(model), expected.gradients);
  });

  it.each(cases)("%s: fit, micro-batches, evaluate and trainStep agree", async (_, loss, y) => {
    const [step, fitted, pieces] = [compile(loss), compile(loss), compile(loss)];
    const data = { x, y, sampleWeights: weights };
    const before = (await step.evaluate(data)).loss;
    const inBatches = (await step.evaluate(data, { batchSize: 4 })).loss;
    expect(step.trainStep(x, y, weights)).toBeCloseTo(before, 5);
    expect(inBatches).toBeCloseTo(before, 5);
    const { epochs } = await fitted.fit(data, { shuffle: false });
    expect(epochs[0]!.loss).toBeCloseTo(before, 5);
    await pieces.fit(data, { shuffle: false, microBatchSize: 4 });
    expectNear(
      pieces.parameters.flatMap((p) => [...p.data]),
      step.parameters.flatMap((p) => [...p.data]),
    );
    expect(fitted.parameters.map((p) => [...p.data])).toEqual(
      step.parameters.map((p) => [...p.data]),
    );
  });

  it("follow their examples when fit shuffles", async () => {
    // All but one example weigh nothing, so that steps of one example tell which has its weight.
    const sampleWeights = new Float32Array(ROWS).with(3, 1) as Float32Array;
    const model = compile(mse());
    const losses: number[] = [];
    const onBatchEnd = ({ loss }: gradlane.BatchEnd) => losses.push(loss);
    await model.fit({ x, y: values, sampleWeights }, { batchSize: 1, onBatchEnd });
    const alone = compile(mse(), { batchSize: 1 });
    const expected = alone.trainStep(row(x, 3), row(values, 3));
    expect(losses.filter((loss) => loss !== 0)).toEqual([expected]);
    expectNear(
      model.parameters.flatMap((p) => [...p.data]),
      alone.parameters.flatMap((p) => [...p.data]),
    );
  });

  it("of 1 change nothing, and labels that do not count stay out", () => {
    const ignoring = labels.with(1, -100) as Int32Array;
    const one = compile(crossEntropy());
    const other = compile(crossEntropy());
    const ones = new Float32Array(ROWS).fill(1);
    expect(one.trainStep(x, ignoring, ones)).toBeCloseTo(other.trainStep(x, ignoring), 6);
    expectNear(gradients(one), gradients(other));
    const none = new Int32Array(ROWS).fill(-100);
    expect(one.trainStep(x, none, ones)).toBe(0);
  });

  it("weigh binary and custom losses", () => {
    const net = sequential([dense(3), sigmoid()]);
    const model = engine.compile(net, { inputShape: [4], loss: bce(), optimizer: sgd() });
    models.push(model);
    const y = values.map((value) => Number(value > 0));
    expect(model.trainStep(x, y, new Float32Array(ROWS))).toBe(0);
    const own: Loss = {
      name: "own",
      takesClasses: false,
      reduction: "mean",
      record: (g, prediction, target) => g.mean(g.abs(g.sub(prediction, target))),
      recordEach: (g, prediction, target) => g.abs(g.sub(prediction, target)),
      divisor: (shape) => shape.reduce((product, length) => product * length, 1),
    };
    const expected = byHand(gradlane.mae(), values, () => 1 / ROWS);
    expect(compile(own).trainStep(x, values, weights)).toBeCloseTo(expected.loss, 5);
    const without = { ...own, recordEach: undefined } as unknown as Loss;
    expect(() => compile(without).trainStep(x, values, weights)).toThrow(
      new RangeError("own: expected a loss with recordEach for sampleWeights, got none"),
    );
    const short: Loss = { ...own, recordEach: (g, p, t) => g.mean(g.abs(g.sub(p, t)), 0) };
    expect(() => compile(short).trainStep(x, values, weights)).toThrow(
      new RangeError("own: expected recordEach to give [6, ...], got [3]"),
    );
  });

  it.each([
    ["a list", [1, 1, 1, 1, 1, 1], "expected sampleWeights to be a Float32Array, got [1, "],
    ["too few", weights.slice(1), "expected 6 sampleWeights, one for each example, got 5"],
    ["a negative one", weights.with(2, -1), "from 0 on, got -1 for example 2"],
    ["NaN", weights.with(0, NaN), "from 0 on, got NaN for example 0"],
    ["infinity", weights.with(5, Infinity), "from 0 on, got Infinity for example 5"],
  ])("refuses %s, and nothing is changed", async (_, wrong, error) => {
    const model = compile(mse());
    const sampleWeights = wrong as Float32Array;
    const start = model.parameters.map((p) => [...p.data]);
    expect(() => model.trainStep(x, values, sampleWeights)).toThrow(
      `trainStep: ${error.startsWith("from") ? "expected sampleWeights " : ""}${error}`,
    );
    await expect(model.fit({ x, y: values, sampleWeights })).rejects.toThrow(error);
    await expect(model.evaluate({ x, y: values, sampleWeights })).rejects.toThrow(error);
    expect(model.parameters.map((p) => [...p.data])).toEqual(start);
  });

  it("refuses weights of which none is above 0, for all examples of a fit", async () => {
    const data = { x, y: values, sampleWeights: new Float32Array(ROWS) };
    await expect(compile(mse()).fit(data)).rejects.toThrow(
      new RangeError("fit: expected sampleWeights above 0 for some examples, got 0 for all 6"),
    );
  });
});
