import { flag } from "../../base/arguments.ts";
import { type Node, type Recorder, describe } from "../node.ts";
import { activationOps } from "./activations.ts";
import { add, div, mul, neg, sub } from "./binary.ts";
import { greater, where } from "./compare.ts";
import { huber, huberRules } from "./losses.ts";
import { max, sum } from "./reduce.ts";
import { type LossArgument, type ReductionOption, lossOptions, reduceLosses } from "./reduction.ts";
import { unaryOps } from "./unary.ts";

/** Losses that are made of other ops: margins, counts, relative errors and angles. */

/** Least |target| that mape divides by, as in Keras. */
const LEAST_TARGET = 1e-7;

/** Least sum of squares that cosineSimilarity divides by the root of, as in Keras. */
const LEAST_SQUARES = 1e-12;

/** @throws RangeError unless the target has the prediction's shape, and enough axes */
function checkShapes(g: Recorder, op: string, x: Node, t: Node, axes = 0): void {
  if (describe(x.shape) === describe(t.shape) && x.shape.length >= axes) return;
  const received = `${describe(x.shape)} and ${describe(t.shape)}`;
  const least = axes > 0 ? " [..., columns]" : "";
  throw g.fail(op, `expected a float target of the prediction's shape${least}, got ${received}`);
}

/** Function that appends the losses of a prediction against a target. */
type Losses = (g: Recorder, x: Node, t: Node) => Node;

/** Returns the op of a loss without options of its own. @param axes least number of axes */
function plainLoss(op: string, losses: Losses, axes = 0) {
  return (
    g: Recorder,
    prediction: Node,
    target: Node,
    options: LossArgument<ReductionOption> = {},
  ): Node => {
    const { reduction } = lossOptions(op, options, {});
    checkShapes(g, op, prediction, target, axes);
    return reduceLosses(g, losses(g, prediction, target), reduction);
  };
}

/** Appends max(0, 1 - t x). */
const margin: Losses = (g, x, t) => activationOps.relu(g, sub(g, g.scalar(1), mul(g, t, x)));

/**
 * max(0, 1 - target · prediction) for targets -1 and 1.
 * @throws RangeError if shapes differ
 * @example
 * g.hinge(g.constant(Float32Array.of(0.5, -2)), g.constant(Float32Array.of(1, 1))); // 1.75
 */
export const hinge = plainLoss("hinge", margin);

/**
 * max(0, 1 - target · prediction)² for targets -1 and 1.
 * @throws RangeError if shapes differ
 * @example
 * g.squaredHinge(g.constant(Float32Array.of(0.5, -2)), g.constant(Float32Array.of(1, 1))); // 4.625
 */
export const squaredHinge = plainLoss("squaredHinge", (g, x, t) =>
  unaryOps.square(g, margin(g, x, t)),
);

/**
 * max(0, 1 + the largest of (1 - target) · prediction - Σ target · prediction) of each row [...,
 * classes] against a one-hot row, as in Keras.
 * @throws RangeError if shapes differ, or are []
 * @example
 * const x = g.constant(Float32Array.of(1, 3, 0.5), [1, 3]);
 * g.categoricalHinge(x, g.constant(Float32Array.of(1, 0, 0), [1, 3])); // 3
 */
export const categoricalHinge = plainLoss(
  "categoricalHinge",
  (g, x, t) => {
    const own = sum(g, mul(g, t, x), -1);
    const others = max(g, mul(g, sub(g, g.scalar(1), t), x), -1);
    return activationOps.relu(g, add(g, sub(g, others, own), g.scalar(1)));
  },
  1,
);

/** Options of poisson. */
export interface PoissonOptions extends ReductionOption {
  /**
   * True if the prediction is the logarithm of the rate, by default, as in PyTorch. False if it is
   * the rate itself, as in Keras.
   */
  readonly logInput?: boolean;
}

/** Returns rules for the options of poisson besides the reduction. */
export const poissonRules = () => ({ logInput: flag() });

/**
 * Negative log-likelihood of counts under a Poisson distribution, without the term of the target
 * alone: e^prediction - target · prediction, or rate - target · ln(rate + 1e-8) of a rate.
 * @throws RangeError if shapes differ
 * @example
 * g.poisson(g.constant(Float32Array.of(0, 1)), g.constant(Float32Array.of(2, 3))); // 0.3591
 */
export function poisson(
  g: Recorder,
  prediction: Node,
  target: Node,
  options: LossArgument<PoissonOptions> = {},
): Node {
  const { reduction, logInput = true } = lossOptions("poisson", options, poissonRules());
  checkShapes(g, "poisson", prediction, target);
  const { exp, log } = unaryOps;
  const [rate, logRate] = logInput
    ? [exp(g, prediction), prediction]
    : [prediction, log(g, add(g, prediction, g.scalar(1e-8)))];
  return reduceLosses(g, sub(g, rate, mul(g, target, logRate)), reduction);
}

/** Appends x, or a least value where x is not above it. */
function atLeast(g: Recorder, x: Node, least: number): Node {
  return where(g, greater(g, x, g.scalar(least)), x, g.scalar(least));
}

/** Appends 1 / |x| of each row. */
function inverseNorm(g: Recorder, x: Node): Node {
  const squares = sum(g, unaryOps.square(g, x), -1);
  return unaryOps.reciprocal(g, unaryOps.sqrt(g, atLeast(g, squares, LEAST_SQUARES)));
}

/**
 * Cosine of the angle between each row [..., columns] and its target, negated, so that less is
 * better: -1 for the same direction, 1 for the opposite one, as in Keras. A row of zeros gives 0.
 * @throws RangeError if shapes differ, or are []
 * @example
 * const x = g.constant(Float32Array.of(1, 1), [1, 2]);
 * g.cosineSimilarity(x, g.constant(Float32Array.of(1, 0), [1, 2])); // -0.7071
 */
export const cosineSimilarity = plainLoss(
  "cosineSimilarity",
  (g, x, t) => {
    const norms = mul(g, inverseNorm(g, x), inverseNorm(g, t));
    return neg(g, mul(g, sum(g, mul(g, x, t), -1), norms));
  },
  1,
);

/**
 * Absolute error in percent of the target: 100 |prediction - target| / |target|, where |target| is at
 * least 1e-7, as in Keras.
 * @throws RangeError if shapes differ
 * @example
 * g.mape(g.constant(Float32Array.of(1, 2)), g.constant(Float32Array.of(2, 2))); // 25
 */
export const mape = plainLoss("mape", (g, x, t) => {
  const size = atLeast(g, unaryOps.abs(g, t), LEAST_TARGET);
  return mul(g, div(g, unaryOps.abs(g, sub(g, x, t)), size), g.scalar(100));
});

/**
 * Squared error of logarithms, (ln(1 + prediction) - ln(1 + target))². Numbers below 0 count as 0
 * (Keras has 1e-7).
 * @throws RangeError if shapes differ
 * @example
 * g.msle(g.constant(Float32Array.of(1, 2)), g.constant(Float32Array.of(1, 0))); // 0.6035
 */
export const msle = plainLoss("msle", (g, x, t) => {
  const [a, b] = [x, t].map((v) =>
    unaryOps.log(g, add(g, activationOps.relu(g, v), g.scalar(1))),
  ) as [Node, Node];
  return unaryOps.square(g, sub(g, a, b));
});

/** Options of smoothL1. */
export interface SmoothL1Options extends ReductionOption {
  /** Largest |prediction - target| whose loss is quadratic, above 0; 1 by default, as in PyTorch. */
  readonly beta?: number;
}

/** Returns rules for the options of smoothL1 besides the reduction. */
export const smoothL1Rules = () => ({ beta: huberRules().delta });

/**
 * huber with delta = beta, divided by beta: d² / (2 beta) where |d| <= beta, else |d| - beta / 2.
 * @throws RangeError if shapes differ, or beta is not above 0
 * @example
 * g.smoothL1(g.constant(Float32Array.of(1, 2)), g.constant(Float32Array.of(0, 4)), { beta: 0.5 }); // 1.25
 */
export function smoothL1(
  g: Recorder,
  prediction: Node,
  target: Node,
  options: LossArgument<SmoothL1Options> = {},
): Node {
  const { reduction, beta = 1 } = lossOptions("smoothL1", options, smoothL1Rules());
  checkShapes(g, "smoothL1", prediction, target);
  const losses = huber(g, prediction, target, { delta: beta, reduction: "none" });
  return reduceLosses(g, losses, reduction, 1 / beta);
}

/** Losses of this file, under the names of their methods. */
export const marginLossOps = {
  hinge,
  squaredHinge,
  categoricalHinge,
  poisson,
  cosineSimilarity,
  mape,
  msle,
  smoothL1,
};
