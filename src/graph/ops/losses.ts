import type { InstructionWords } from "../../../build/instructions.ts";
import { either, flag, listOf, numberFrom, positive } from "../../base/arguments.ts";
import { type Computation, type Node, type Recorder } from "../node.ts";
import { OUTPUT, describe, float, instruction, memo, size } from "../node.ts";
import { activationOps } from "./activations.ts";
import { add, mul, neg, sub } from "./binary.ts";
import { type LossArgument, type ReductionOption, lossOptions, reduceLosses } from "./reduction.ts";
import { unaryOps } from "./unary.ts";

/** Parameters of a loss: none, one for all elements, or one for each column. */
type Parameters = readonly number[];

/**
 * Function that appends the gradient dt of a loss of x against t, given dy. "-dx" stands for losses
 * that depend on x - t alone.
 */
type TargetGradient =
  "-dx" | ((g: Recorder, x: Node, t: Node, dy: Node, parameters: Parameters) => Node);

/** Appends -x dy: d/dt of -t log p - (1 - t) log(1 - p) is -x for p = sigmoid(x). */
function targetOfLogits(g: Recorder, x: Node, _t: Node, dy: Node): Node {
  return neg(g, mul(g, x, dy));
}

/**
 * Losses of every element and the gradients of their targets, under the name of their kernels NAME
 * (x, t, y, n) and NAMEGrad (x, t, dy, dx, n). Losses of rows are in crossentropy.ts.
 */
const elementLossTable = {
  squaredError: "-dx",
  absoluteError: "-dx",
  logCosh: "-dx",
  huber: "-dx",
  // The logarithms are not bounded by -100 here, as in PyTorch.
  binaryCrossEntropy: (g, x, _t, dy) => {
    const { log } = unaryOps;
    return mul(g, dy, sub(g, log(g, sub(g, g.scalar(1), x)), log(g, x)));
  },
  binaryCrossEntropyLogits: targetOfLogits,
  weightedBinaryCrossEntropyLogits: (g, x, t, dy, weights) => {
    if (weights.length > 1) {
      const expected = "one posWeight for all columns where the target has a gradient";
      throw g.fail("bceWithLogits", `expected ${expected}, got ${weights.length}`);
    }
    // dt = (w softplus(-x) - softplus(x)) dy, and softplus(x) = softplus(-x) + x.
    const excess = mul(g, activationOps.softplus(g, neg(g, x)), g.scalar(weights[0]! - 1));
    return add(g, targetOfLogits(g, x, t, dy), mul(g, dy, excess));
  },
  kullbackLeibler: (g, x, t, dy) => mul(g, dy, add(g, sub(g, unaryOps.log(g, t), x), g.scalar(1))),
} as const satisfies Record<LossKernel | ParametricKernel, TargetGradient>;

type LossKernel = InstructionWords<Node>["loss"]["kernel"];

/** Names of the kernels that have parameters. */
type ParametricKernel = InstructionWords<Node>["parametricLoss"]["kernel"];

/** Kernel of a loss, with all parameters that it takes. */
type LossChoice =
  | { readonly kernel: LossKernel; readonly parameters?: undefined }
  | { readonly kernel: ParametricKernel; readonly parameters: Parameters };

/** Returns the instruction that computes the losses. */
function lossInstruction({ kernel, parameters }: LossChoice, x: Node, t: Node) {
  const n = size(x.shape);
  if (!parameters) return instruction("loss", { kernel, x, t, y: OUTPUT, n });
  return instruction("parametricLoss", {
    kernel,
    x,
    t,
    y: OUTPUT,
    n,
    cols: parameters.length,
    parameters: parameters.map(float),
  });
}

/** Returns the instruction that computes the gradient of x. */
function lossGradInstruction({ kernel, parameters }: LossChoice, x: Node, t: Node, dy: Node) {
  const n = size(x.shape);
  if (!parameters) {
    return instruction("lossGrad", { kernel: `${kernel}Grad`, x, t, dy, dx: OUTPUT, n });
  }
  return instruction("parametricLossGrad", {
    kernel: `${kernel}Grad`,
    x,
    t,
    dy,
    dx: OUTPUT,
    n,
    cols: parameters.length,
    parameters: parameters.map(float),
  });
}

/**
 * Appends the loss of each element of x against t.
 * @throws RangeError unless t is of floats and has the shape of x
 */
function elementLosses(
  g: Recorder,
  op: string,
  choice: LossChoice,
  [x, t]: readonly [Node, Node],
): Node {
  const received = `${describe(x.shape)} and ${describe(t.shape)}`;
  if (t.type !== "float" || describe(x.shape) !== describe(t.shape)) {
    throw g.fail(op, `expected a float target of the prediction's shape, got ${received}`);
  }
  const { kernel, parameters = [] } = choice;
  const target: TargetGradient = elementLossTable[kernel];
  const computation: Computation = {
    op,
    gradient(g, _node, dy) {
      const instruction = lossGradInstruction(choice, x, t, dy);
      const op = `${kernel}Grad`;
      const dx = memo(() => g.append({ op, inPlace: dy, instruction }, x.shape));
      return [dx, () => (target === "-dx" ? neg(g, dx()) : target(g, x, t, dy, parameters))];
    },
    instruction: lossInstruction(choice, x, t),
  };
  return g.append(computation, x.shape);
}

/** Options of mse. */
export interface MseOptions extends ReductionOption {
  /** True to halve the loss of each element, to (prediction - target)² / 2; false by default. */
  readonly half?: boolean;
}

/** Returns rules for the options of mse besides the reduction. */
export const mseRules = () => ({ half: flag() });

/**
 * (prediction - target)², or half of it.
 * @throws RangeError if shapes differ
 * @example
 * g.mse(g.constant(Float32Array.of(1, 2)), g.constant(Float32Array.of(0, 4))); // 2.5
 */
export function mse(
  g: Recorder,
  prediction: Node,
  target: Node,
  options: LossArgument<MseOptions> = {},
): Node {
  const { reduction, half = false } = lossOptions("mse", options, mseRules());
  const losses = elementLosses(g, "mse", { kernel: "squaredError" }, [prediction, target]);
  return reduceLosses(g, losses, reduction, half ? 0.5 : 1);
}

/** Returns the op of a loss without options of its own. */
function plainLoss(op: string, kernel: LossKernel) {
  return (
    g: Recorder,
    prediction: Node,
    target: Node,
    options: LossArgument<ReductionOption> = {},
  ): Node => {
    const { reduction } = lossOptions(op, options, {});
    return reduceLosses(g, elementLosses(g, op, { kernel }, [prediction, target]), reduction);
  };
}

/**
 * |prediction - target|, with slope 0 at 0.
 * @throws RangeError if shapes differ
 * @example
 * g.mae(g.constant(Float32Array.of(1, 2)), g.constant(Float32Array.of(0, 4))); // 1.5
 */
export const mae = plainLoss("mae", "absoluteError");

/**
 * log(cosh(d)) of d = prediction - target: near d² / 2 for small d, near |d| - log 2 for large d.
 * @throws RangeError if shapes differ
 * @example
 * g.logCosh(g.constant(Float32Array.of(1, 2)), g.constant(Float32Array.of(0, 4))); // 0.8794
 */
export const logCosh = plainLoss("logCosh", "logCosh");

/** Options of huber. */
export interface HuberOptions extends ReductionOption {
  /**
   * Largest |prediction - target| whose loss is quadratic; beyond it the loss is linear. It is
   * above 0; 1 by default, as in PyTorch and Keras.
   */
  readonly delta?: number;
}

/** Returns rules for the options of huber besides the reduction; delta > 0 in float32, too. */
export function huberRules() {
  const { allows, ...rule } = positive();
  return { delta: { ...rule, allows: (value: unknown) => allows!(Math.fround(value as number)) } };
}

/**
 * Huber loss of d = prediction - target: d² / 2 where |d| <= delta, else delta (|d| - delta / 2).
 * @throws RangeError if shapes differ, or delta is not above 0
 * @example
 * g.huber(g.constant(Float32Array.of(1, 2)), g.constant(Float32Array.of(0, 4))); // 1
 */
export function huber(
  g: Recorder,
  prediction: Node,
  target: Node,
  options: LossArgument<HuberOptions> = {},
): Node {
  const { reduction, delta = 1 } = lossOptions("huber", options, huberRules());
  const choice = { kernel: "huber", parameters: [delta] } as const;
  const losses = elementLosses(g, "huber", choice, [prediction, target]);
  return reduceLosses(g, losses, reduction);
}

/**
 * Binary cross-entropy of probabilities p against targets t: -t ln p - (1 - t) ln(1 - p). Each
 * logarithm is at least -100, as in PyTorch.
 * @throws RangeError if shapes differ
 * @example
 * g.bce(g.constant(Float32Array.of(0.9, 0.2)), g.constant(Float32Array.of(1, 0))); // 0.1643
 */
export const bce = plainLoss("bce", "binaryCrossEntropy");

/** Options of bceWithLogits. */
export interface BceWithLogitsOptions extends ReductionOption {
  /**
   * Factor of the loss of positive targets, 0 or more: one number, or one for each column (the last
   * axis), as PyTorch's pos_weight. 1 by default.
   */
  readonly posWeight?: number | ArrayLike<number>;
}

/** Returns the weights as a list; one that has a single number holds for all columns. */
function weightsOf(posWeight: NonNullable<BceWithLogitsOptions["posWeight"]>): Parameters {
  return typeof posWeight === "number" ? [posWeight] : Array.from(posWeight);
}

/** Returns rules for the options of bceWithLogits besides the reduction. */
export function bceWithLogitsRules() {
  const weight = numberFrom(0);
  return { posWeight: either(weight, listOf(weight, "a list of them")) };
}

/**
 * bce for p = sigmoid(prediction). It is computed from the logits and stays exact where p rounds to
 * 0 or 1.
 * @throws RangeError if shapes differ, or posWeight is not one number for each column
 * @example
 * g.bceWithLogits(g.constant(Float32Array.of(2, -1)), g.constant(Float32Array.of(1, 0))); // 0.2201
 */
export function bceWithLogits(
  g: Recorder,
  prediction: Node,
  target: Node,
  options: LossArgument<BceWithLogitsOptions> = {},
): Node {
  const op = "bceWithLogits";
  const { reduction, posWeight } = lossOptions(op, options, bceWithLogitsRules());
  const weights = posWeight === undefined ? [] : weightsOf(posWeight);
  const cols = prediction.shape.at(-1) ?? 1;
  if (weights.length > 1 && weights.length !== cols) {
    const received = `${weights.length} for predictions ${describe(prediction.shape)}`;
    throw g.fail(op, `expected one posWeight, or one for each of ${cols} columns, got ${received}`);
  }
  const choice: LossChoice =
    weights.length > 0
      ? { kernel: "weightedBinaryCrossEntropyLogits", parameters: weights }
      : { kernel: "binaryCrossEntropyLogits" };
  const losses = elementLosses(g, op, choice, [prediction, target]);
  return reduceLosses(g, losses, reduction);
}

/**
 * Kullback-Leibler divergence of the target's probabilities t from log-probabilities x:
 * t (ln t - x), and 0 where t is 0. The reduction "mean" is over all elements, as in PyTorch.
 * "batchmean" gives the divergence itself, as in Keras.
 * @throws RangeError if shapes differ
 * @example
 * const logs = g.logSoftmax(g.constant(Float32Array.of(1, 2)));
 * g.klDiv(logs, g.constant(Float32Array.of(0.5, 0.5)), "sum"); // 0.1201
 */
export const klDiv = plainLoss("klDiv", "kullbackLeibler");

/** Losses of every element, under the names of their methods. */
export const lossOps = { mse, mae, logCosh, huber, bce, bceWithLogits, klDiv };
