import { describe, expect, it } from "vitest";
import * as losses from "../../src/losses.ts";
import { type ArrayValue, type Graph, type Node, createEngine } from "../../src/index.ts";
import type { LossBatch, LossName } from "../../src/reference/losses.ts";
import { batchLosses, keptMean, oneHot, reduced } from "../../src/reference/losses.ts";
import { U } from "../../src/verify/compare.ts";
import { floats, integers } from "../../src/verify/numbers.ts";
import { type LossVariant, lossVariants } from "../support/loss-variants.ts";
import { optionsOf } from "../support/options.ts";

const engine = await createEngine();

const titled = lossVariants.map((variant) => {
  const { name, options, t } = variant;
  return [
    `${name} ${JSON.stringify(options)} of ${t === "classes" ? t : "values"}`,
    variant,
  ] as const;
});

/** 100 points, one element, and every remainder of the vector width. */
const shapes = [
  [10, 10],
  [1, 1],
  [1, 2],
  [3, 3],
  [2, 4],
  [3, 5],
  [5, 6],
  [3, 7],
] as const;

const rowLosses: readonly LossName[] = [
  ...(["crossEntropy", "nll", "categoricalHinge", "cosineSimilarity"] as const),
];

const reductions = ["mean", "sum", "meanOverExamples", "batchmean"] as const;

function draw({ x, t }: LossVariant, rows: number, cols: number): LossBatch {
  const n = rows * cols;
  const targets = t === "classes" ? integers(rows, 2, cols) : floats(n, 2, ...t);
  return { x: floats(n, 1, ...x), t: targets, rows, cols };
}

/** The options of a variant, with as many weights as there are classes. */
function fitting({ options }: LossVariant, cols: number): LossVariant["options"] {
  const { classWeights } = options;
  return classWeights ? { ...options, classWeights: classWeights.slice(0, cols) } : options;
}

/** Reduces losses to one number; the mean over class indices is over those that count. */
function reduceLosses(
  { name, options }: LossVariant,
  { t, rows }: LossBatch,
  losses: ArrayLike<number>,
  reduction: string,
): number {
  if (name === "crossEntropy" && t instanceof Int32Array && reduction === "mean") {
    return keptMean(losses, t, options);
  }
  return reduced(losses, rows, reduction);
}

type Op = (prediction: Node, target: Node, options?: unknown) => Node;

/** The derivative of a loss in float64 by one of its arguments, by central differences. */
function differences(
  variant: LossVariant,
  batch: LossBatch,
  by: "x" | "t",
  reduction: string,
): number[] {
  const h = 1e-5;
  return Array.from(batch[by], (_, i) => {
    const moved = (step: number): number => {
      const values = Float64Array.from(batch[by]);
      values[i]! += step;
      const { name, options } = variant;
      const losses = batchLosses[name]({ ...batch, [by]: values }, options);
      return reduceLosses(variant, batch, losses, reduction);
    };
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

function numbersOf(value: number | ArrayValue): number[] {
  return typeof value === "number" ? [value] : [...value.data];
}

/** Within 1e-5, with floor 1e-3, or within a bound that is derived where it is given. */
function expectClose(actual: readonly number[], expected: readonly number[], bound = 0): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    const allowed = Math.max(1e-5 * Math.max(1e-3, Math.abs(expected[i]!)), bound);
    expect(Math.abs(value - expected[i]!), `element ${i}`).toBeLessThanOrEqual(allowed);
  });
}

/**
 * A slope is a difference of terms of at most 10 here (logarithms of probabilities), each of four
 * roundings, so where they cancel it is off by that much.
 */
const SLOPE_BOUND = 10 * 4 * U;

/** Losses of logarithms are differences of terms of at most 10 as well; sums are in runs of 4. */
const LOSS_BOUND = 10 * 4 * U;

/** Records a loss of two parameters, or of one and class indices. */
function record(g: Graph, { name }: LossVariant, batch: LossBatch, options: unknown) {
  const { x, t, rows, cols } = batch;
  const prediction = g.parameter([rows, cols], Float32Array.from(x));
  const target =
    t instanceof Int32Array ? g.constant(t) : g.parameter([rows, cols], Float32Array.from(t));
  return { prediction, target, loss: (g[name] as Op)(prediction, target, options) };
}

it.each(Object.entries(losses))(
  "%s has variants that try every option of its own",
  (name, make) => {
    const variants = lossVariants.filter((variant) => variant.name === name);
    const tried = variants.flatMap(({ options }) => Object.keys(options));
    expect(variants).not.toEqual([]);
    expect(["reduction", ...tried]).toEqual(expect.arrayContaining(optionsOf(make)));
  },
);

describe.each(titled)("%s", (_, variant) => {
  describe.each(shapes)("[%d, %d]", (rows, cols) => {
    const batch = draw(variant, rows, cols);
    const options = fitting(variant, cols);
    const { name } = variant;

    it.each(reductions)("is the formula, and its gradients the differences: %s", (reduction) => {
      const g = engine.graph();
      const { prediction, target, loss } = record(g, variant, batch, { ...options, reduction });
      const step = g.compile(loss);
      step.run();
      const losses = batchLosses[name](batch, options);
      const bounds = losses.map((exact) => LOSS_BOUND + (rows * cols * U * Math.abs(exact)) / 4);
      const exact = reduceLosses(variant, batch, losses, reduction);
      const bound = reduceLosses(variant, batch, bounds, reduction);
      expectClose(numbersOf(step.value(loss)), [exact], bound);
      // What the reduction multiplies each loss by, and the largest weight of a class.
      const first = losses.findIndex((_, i) => batch.t[i] !== options.ignoreIndex);
      const unit = oneHot(Math.max(first, 0), losses.length);
      const weight = Math.max(1, ...(options.classWeights ?? []));
      const factor = weight * reduceLosses(variant, batch, unit, reduction);
      for (const [node, by] of [
        [prediction, "x"],
        [target, "t"],
      ] as const) {
        if (node.type === "int") continue;
        const slopes = differences(variant, batch, by, reduction);
        expectClose(numbersOf(step.gradient(node)), slopes, factor * SLOPE_BOUND);
      }
      g.dispose();
    });

    it("gives the losses as they are without a reduction", () => {
      const g = engine.graph();
      const { loss } = record(g, variant, batch, { ...options, reduction: "none" });
      const step = g.compile(g.sum(loss), { outputs: [loss] });
      step.run();
      expect(loss.shape).toEqual(rowLosses.includes(name) ? [rows] : [rows, cols]);
      expectClose(numbersOf(step.value(loss)), batchLosses[name](batch, options), LOSS_BOUND);
      g.dispose();
    });
  });

  it("of no examples is 0 summed, and NaN on average as in PyTorch", () => {
    for (const [reduction, expected] of [
      ["sum", 0],
      ["mean", NaN],
    ] as const) {
      const g = engine.graph();
      const options = fitting(variant, 3);
      const { loss } = record(g, variant, draw(variant, 0, 3), { ...options, reduction });
      const step = g.compile(loss);
      step.run();
      expect(step.value(loss)).toEqual(expected);
      g.dispose();
    }
  });
});

it("weighs positives by column", () => {
  const variant: LossVariant = {
    name: "bceWithLogits",
    options: { posWeight: [0.5, 2, 0, 1, 3] },
    x: [-5, 5],
    t: [0, 1],
  };
  const batch = draw(variant, 20, 5);
  const g = engine.graph();
  const prediction = g.parameter([20, 5], Float32Array.from(batch.x));
  const target = g.constant(Float32Array.from(batch.t), [20, 5]);
  const loss = g.bceWithLogits(prediction, target, variant.options);
  const step = g.compile(loss);
  step.run();
  const exact = reduced(batchLosses.bceWithLogits(batch, variant.options), 20, "mean");
  expectClose(numbersOf(step.value(loss)), [exact]);
  expectClose(numbersOf(step.gradient(prediction)), differences(variant, batch, "x", "mean"));
});

describe("the notes' conventions", () => {
  // One ReLU layer of three outputs and four examples, as rows.
  const h = [1.25, 0.75, 0.875, 0.625, 2.125, 0, 1.25, 0, 2.875, 0, 0, 1.1875];
  const y = [1.5, 0.5, 0, 0.25, -0.75, 2, 0, 1, 0.25, 1, 0, 1.5];
  const slopes = [-1, 1, 3.5, 1.5, 11.5, -8, 5, -4, 10.5, -4, 0, -1.25];

  it.each([
    ["meanOverExamples", false, 5.9619140625, 1 / 8],
    ["meanOverExamples", true, 5.9619140625 / 2, 1 / 16],
    ["mean", false, 1.9873046875, 1 / 24],
    ["sum", false, 5.9619140625 * 4, 1 / 2],
    ["sum", true, 5.9619140625 * 2, 1 / 4],
  ] as const)("squared error by %s, half %s", (reduction, half, expected, factor) => {
    const g = engine.graph();
    const prediction = g.parameter([4, 3], Float32Array.from(h));
    const loss = g.mse(prediction, g.constant(Float32Array.from(y), [4, 3]), { reduction, half });
    const step = g.compile(loss);
    step.run();
    expectClose(numbersOf(step.value(loss)), [expected]);
    const expectedSlopes = slopes.map((slope) => slope * factor);
    expectClose(numbersOf(step.gradient(prediction)), expectedSlopes);
  });

  it.each([
    [-800, 0, 0, 0],
    [-800, 1, 800, -1],
    [-100, 0, 3.720075976020836e-44, 3.720075976020836e-44],
    [-100, 1, 100, -1],
    [-40, 0, 4.248354255291589e-18, 4.248354255291589e-18],
    [-1, 1, 1.3132616875182228, -0.7310585786300049],
    [0, 1, 0.6931471805599453, -0.5],
    [1, 1, 0.31326168751822286, -0.2689414213699951],
    [40, 1, 4.248354255291589e-18, -4.248354255291589e-18],
    [100, 1, 3.720075976020836e-44, -3.720075976020836e-44],
    [800, 0, 800, 1],
    [800, 1, 0, 0],
  ])("binary cross-entropy of the logit %d against %d", (z, target, expected, slope) => {
    const g = engine.graph();
    const x = g.parameter([1], new Float32Array([z]));
    const loss = g.bceWithLogits(x, g.constant(new Float32Array([target])));
    const step = g.compile(loss);
    step.run();
    // Right to the last digits however small: no floor, but a subnormal's spacing.
    const close = (came: number, wanted: number) =>
      expect(Math.abs(came - wanted)).toBeLessThanOrEqual(1e-6 * Math.abs(wanted) + 2 ** -149);
    close(numbersOf(step.value(loss))[0]!, expected);
    close(numbersOf(step.gradient(x))[0]!, slope);
  });
});
