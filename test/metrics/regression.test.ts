import { describe, expect, it } from "vitest";
import {
  type ModelMetric,
  adam,
  createEngine,
  dense,
  logLoss,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  mse,
  r2Score,
  rootMeanSquaredError,
  sequential,
} from "../../src/index.ts";
import { floats, integers } from "../../src/verify/numbers.ts";
import { wrong } from "../engine/fixtures.ts";

const all = {
  mae: meanAbsoluteError(),
  mse: meanSquaredError(),
  rmse: rootMeanSquaredError(),
  mape: meanAbsolutePercentageError(),
  r2: r2Score(),
};
const list: readonly ModelMetric[] = Object.values(all);

const column = (...data: number[]) => ({ data, shape: [data.length, 1] });
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** scikit-learn's examples of one output and of two. */
const one = { predictions: column(2.5, 0, 2, 8), targets: [3, -0.5, 2, 7] };
const two = {
  predictions: { data: [0, 2, -1, 2, 8, -5], shape: [3, 2] },
  targets: [0.5, 1, -1, 1, 7, -6],
};

describe("known answers", () => {
  it("are those of scikit-learn's documentation", () => {
    const { predictions, targets } = one;
    expect(all.mae.of(predictions, targets)).toBe(0.5);
    expect(all.mse.of(predictions, targets)).toBe(0.375);
    expect(all.rmse.of(predictions, targets)).toBe(Math.sqrt(0.375));
    expect(all.r2.of(predictions, targets)).toBeCloseTo(0.948608137, 9);
    expect(all.mape.of(predictions, targets)).toBeCloseTo(32.738095238, 9);
    expect(all.mae.of(two.predictions, Float32Array.from(two.targets))).toBe(0.75);
    expect(all.mse.of(two.predictions, two.targets)).toBeCloseTo(0.708333333, 9);
    expect(all.rmse.of(two.predictions, two.targets)).toBe(Math.sqrt(4.25 / 6));
    // r2_score(..., multioutput="uniform_average"), by hand from its two outputs.
    const first = 1 - (0.25 + 0 + 1) / (217 / 6);
    const second = 1 - 3 / (98 / 3);
    expect(all.r2.of(two.predictions, two.targets)).toBeCloseTo((first + second) / 2, 14);
  });

  it("r2 of constant targets is 1 for no error and 0 for any", () => {
    expect(all.r2.of(column(-2, -2, -2), [-2, -2, -2])).toBe(1);
    expect(all.r2.of(column(-2, -2, -2 + 1e-8), [-2, -2, -2])).toBe(0);
    const predictions = { data: [1, 5, 2, 5], shape: [2, 2] };
    expect(all.r2.of(predictions, [1, 5, 2, 5])).toBe(1);
    expect(all.r2.of(predictions, [1, 4, 2, 4])).toBe(0.5);
    expect(all.r2.of(column(1, 2, 3), [3, 2, 1])).toBe(-3);
    expect(all.r2.of(column(0.1, 0.1, 0.1), [0.1, 0.1, 0.1])).toBe(1);
  });

  it("r2 keeps its digits where the mean is large", () => {
    const targets = Array.from({ length: 1000 }, (_, i) => 1e9 + (i % 7));
    const predictions = column(...targets.map((value, i) => value + (i % 3) - 1));
    const center = mean(targets.map((value) => value - 1e9));
    const spread = targets.reduce((sum, value) => sum + (value - 1e9 - center) ** 2, 0);
    const error = targets.reduce((sum, _, i) => sum + ((i % 3) - 1) ** 2, 0);
    expect(all.r2.of(predictions, targets)).toBeCloseTo(1 - error / spread, 12);
  });

  it("mape divides by no less than 1e-7", () => {
    expect(all.mape.of(column(1e-7, 3), [0, 2])).toBe((100 + 50) / 2);
  });
});

it.each(Array.from({ length: 10 }, (_, i) => i + 1))("follow from their sums, %d", (seed) => {
  const [rows, cols] = [20 + seed, 1 + (seed % 4)];
  const predictions = { data: floats(rows * cols, seed, -3, 3), shape: [rows, cols] };
  const targets = floats(rows * cols, seed + 100, -3, 3);
  const errors = Array.from(predictions.data, (value, i) => value - targets[i]!);
  const squares = mean(errors.map((error) => error ** 2));
  expect(all.mae.of(predictions, targets)).toBeCloseTo(mean(errors.map(Math.abs)), 13);
  expect(all.mse.of(predictions, targets)).toBeCloseTo(squares, 12);
  expect(all.rmse.of(predictions, targets)).toBeCloseTo(Math.sqrt(squares), 12);
  const shares = errors.map((error, i) => 100 * Math.abs(error / targets[i]!));
  expect(all.mape.of(predictions, targets) / mean(shares)).toBeCloseTo(1, 13);
  const ofOutputs = Array.from({ length: cols }, (_, j) => {
    const own = Array.from(targets).filter((_, i) => i % cols === j);
    const spread = own.reduce((sum, target) => sum + (target - mean(own)) ** 2, 0);
    const error = errors.reduce((sum, e, i) => (i % cols === j ? sum + e ** 2 : sum), 0);
    return 1 - error / spread;
  });
  expect(all.r2.of(predictions, targets)).toBeCloseTo(mean(ofOutputs), 12);
});

describe.each(list)("$name", (metric) => {
  it("does not depend on how the data was cut, and takes other axes", () => {
    const state = metric.create();
    for (let i = 0; i < 3; i++) {
      const prediction = { data: two.predictions.data.slice(2 * i, 2 * i + 2), shape: [1, 2] };
      state.update(prediction, { data: two.targets.slice(2 * i, 2 * i + 2), kind: "values" });
    }
    const whole = metric.of(two.predictions, two.targets);
    expect(state.result()).toBe(whole);
    expect(metric.of({ ...two.predictions, shape: [1, 3, 2] }, two.targets)).toBe(whole);
  });

  it("takes -100 for a number, and whole numbers of any kind", () => {
    const expected = metric.of(column(-90, 3, 4), Float32Array.of(-100, 2, 4));
    expect(metric.of(column(-90, 3, 4), [-100, 2, 4])).toBe(expected);
    expect(metric.of(column(-90, 3, 4), Int32Array.of(-100, 2, 4))).toBe(expected);
  });

  it("is NaN where a number is, or nothing was counted", () => {
    expect(metric.create().result()).toBeNaN();
    expect(metric.of(column(NaN, 1, 2), [3, 1, 2])).toBeNaN();
    expect(metric.of(column(3, 1, 2), Float32Array.of(3, NaN, 2))).toBeNaN();
    expect(all.r2.of(column(1), [1])).toBeNaN();
  });

  it("refuses class indices, and targets that do not fit", () => {
    const { predictions } = two;
    expect(() => metric.of(predictions, Int32Array.of(0, 1, 1))).toThrow(
      new RangeError(`${metric.name}: expected 6 targets for predictions [3, 2], got 3`),
    );
    expect(() => metric.create().update(predictions, wrong(undefined))).toThrow(TypeError);
    expect(() =>
      metric.create().update(predictions, { data: two.targets, kind: wrong("numbers") }),
    ).toThrow(`${metric.name}: expected target.kind to be "classes" or "values"`);
  });
});

it("r2 refuses batches of other columns, and counts nothing of them", () => {
  const state = all.r2.create();
  state.update(two.predictions, { data: two.targets, kind: "values" });
  const before = state.result();
  expect(() => {
    state.update(one.predictions, { data: one.targets, kind: "values" });
  }).toThrow(new RangeError("r2: expected batches with the same columns, got 2 before, now 1"));
  expect(state.result()).toBe(before);
});

it("name themselves as they are called, and refuse arguments", () => {
  const makers = { meanAbsoluteError, meanSquaredError, rootMeanSquaredError };
  const others = { meanAbsolutePercentageError, r2Score };
  for (const [name, make] of Object.entries({ ...makers, ...others })) {
    expect(String(make())).toBe(`${name}()`);
    expect(() => (make as (...args: unknown[]) => unknown)({})).toThrow(
      new TypeError(`${name}: expected at most 0 arguments, got 1`),
    );
  }
  expect(list.map(({ name }) => name)).toEqual(Object.keys(all));
});

it("are metrics of a model, which agree with its loss", async () => {
  const engine = await createEngine();
  const model = engine.compile(sequential([dense(2)]), {
    inputShape: [3],
    loss: mse(),
    optimizer: adam({ learningRate: 0.05 }),
    metrics: list,
    seed: 1,
  });
  const x = floats(60, 1, -1, 1);
  const y = floats(40, 2, -1, 1);
  const { epochs } = await model.fit({ x, y }, { epochs: 2, validation: { x, y } });
  const result = await model.evaluate({ x, y }, { batchSize: 7 });
  const { data, shape } = model.predict(x);
  for (const metric of list) {
    expect(result[metric.name]).toBe(metric.of({ data, shape }, y));
  }
  expect(Number(result.mse) / result.loss).toBeCloseTo(1, 6);
  expect(epochs[1]!.validationR2).toBe(result.r2);
  engine.dispose();
});

describe("logLoss", () => {
  const classes = { data: [0.25, 0.5, 0.25, 0.125, 0.125, 0.75], shape: [2, 3] };

  it("is the mean of -Σ t log p", () => {
    const yes = column(0.1, 0.9, 0.8, 0.35);
    // scikit-learn's example, whose result is 0.21616….
    const ofYes = -mean([0.9, 0.9, 0.8, 0.65].map(Math.log));
    expect(logLoss().of(yes, [0, 1, 1, 0])).toBeCloseTo(ofYes, 14);
    expect(ofYes).toBeCloseTo(0.21616, 5);
    expect(logLoss().of(classes, [1, 2])).toBeCloseTo(-mean([Math.log(0.5), Math.log(0.75)]), 15);
    const rows = Float32Array.of(0, 1, 0, 0.5, 0, 0.5);
    const expected = -(Math.log(0.5) + 0.5 * Math.log(0.125) + 0.5 * Math.log(0.75)) / 2;
    expect(logLoss().of(classes, rows)).toBeCloseTo(expected, 15);
    expect(logLoss().of({ ...classes, shape: [1, 2, 3] }, [1, 2])).toBe(
      logLoss().of(classes, [1, 2]),
    );
    expect(logLoss().of(classes, [1, -100])).toBeCloseTo(Math.log(2), 15);
  });

  it("clips certain answers as scikit-learn does", () => {
    const most = 52 * Math.LN2;
    expect(logLoss().of(column(0, 1), [1, 1])).toBeCloseTo(most / 2, 14);
    expect(logLoss().of({ data: [1, 0], shape: [1, 2] }, [1])).toBeCloseTo(most, 14);
    expect(logLoss().of(column(0, 1), [0, 1])).toBeCloseTo(0, 15);
  });

  it("of logits is that of their probabilities, however large they are", () => {
    const fromLogits = logLoss({ fromLogits: true });
    const logits = floats(40, 3, -4, 4);
    const targets = integers(40, 4, 2);
    const sure = Array.from(logits, (x) => 1 / (1 + Math.exp(-x)));
    expect(fromLogits.of({ data: logits, shape: [40, 1] }, targets)).toBeCloseTo(
      logLoss().of(column(...sure), targets),
      13,
    );
    const rows = Array.from({ length: 20 }, (_, i) => {
      const parts = [Math.exp(logits[2 * i]!), Math.exp(logits[2 * i + 1]!)] as const;
      return parts.map((part) => part / (parts[0] + parts[1]));
    });
    const half = targets.slice(0, 20);
    expect(fromLogits.of({ data: logits, shape: [20, 2] }, half)).toBeCloseTo(
      logLoss().of({ data: rows.flat(), shape: [20, 2] }, half),
      13,
    );
    expect(fromLogits.of(column(800, -800), [0, 1])).toBe(800);
    expect(fromLogits.of(column(40), [1])).toBeCloseTo(Math.exp(-40), 30);
    expect(fromLogits.of(column(Infinity, -Infinity), [1, 0])).toBe(0);
    expect(fromLogits.of(column(Infinity), [0])).toBe(Infinity);
  });

  it("is NaN where a number is, or nothing was counted", () => {
    expect(logLoss().create().result()).toBeNaN();
    expect(logLoss().of(column(NaN, 1), [1, 1])).toBeNaN();
    expect(logLoss().of(column(1, 1), Float32Array.of(NaN, 1))).toBeNaN();
    expect(logLoss({ fromLogits: true }).of(column(NaN, 1), [1, 1])).toBeNaN();
    expect(logLoss().of({ data: [NaN, 0.5], shape: [1, 2] }, [1])).toBeNaN();
  });

  it.each([
    [column(3, -1), [1, 0], "probabilities (for logits, set fromLogits: true), got 3 at 0"],
    [column(0.5, 0.5), [1, 2], "targets from 0 to 1, got 2 at 1"],
    [
      { data: [3, 0.5], shape: [1, 2] },
      [1],
      "probabilities (for logits, set fromLogits: true) that add up to 1, got a sum of 3.5 in row 0",
    ],
    [
      { data: [0.5, 0.5], shape: [1, 2] },
      Float32Array.of(1, 1),
      "class indices, or targets that add up to 1, got a sum of 2 in row 0",
    ],
  ])("refuses %j", (predictions, targets, text) => {
    expect(() => logLoss().of(predictions, targets)).toThrow(
      new RangeError(`logLoss: expected ${text}`),
    );
  });
});
