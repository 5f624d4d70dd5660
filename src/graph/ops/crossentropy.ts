import { type Rules, listOf, numberFrom, whole } from "../../base/arguments.ts";
import { IGNORE_INDEX } from "../../base/labels.ts";
import { type Computation, type Node, type Recorder, type Shape } from "../node.ts";
import { OUTPUT, SAVED, describe, float, instruction, savedOf, size } from "../node.ts";
import { add, mul, neg } from "./binary.ts";
import { type LossArgument, type ReductionOption, lossOptions, reduceLosses } from "./reduction.ts";
import { reshape } from "./shape.ts";
import { logSoftmax } from "./softmax.ts";

/** Losses of rows: one for each row of a prediction [..., classes]. */

/** Options of crossEntropy. */
export interface CrossEntropyOptions extends ReductionOption {
  /**
   * Class index of the labels that do not count, such as those of padding: their loss and gradient
   * are 0, and the mean leaves them out. -100 by default, as in PyTorch (Keras has none). It may be
   * a class. Rows of probabilities have no labels, and all count.
   */
  readonly ignoreIndex?: number;
  /**
   * Weight of each class, 0 or more, as PyTorch's weight: the loss of a label is multiplied by the
   * weight of its class, and the mean divides by the sum of the weights of the labels that count.
   * With rows of probabilities each class's term is multiplied, and the mean is over rows. 1 by
   * default.
   */
  readonly classWeights?: ArrayLike<number>;
  /**
   * Share of each target's probability, from 0 to 1, that is spread evenly over all classes:
   * targets become (1 - labelSmoothing) · target + labelSmoothing / classes, as in PyTorch and
   * Keras, before they are multiplied by classWeights. 0 by default.
   */
  readonly labelSmoothing?: number;
}

/** Returns rules for the options of crossEntropy besides the reduction. */
export const crossEntropyRules = (): Rules<Omit<CrossEntropyOptions, "reduction">> => ({
  ignoreIndex: whole(-(2 ** 31), 2 ** 31 - 1),
  classWeights: listOf(numberFrom(0), "a list of numbers from 0 on, one for each class"),
  labelSmoothing: numberFrom(0, 1),
});

/**
 * Returns the shape of the labels of a prediction [..., classes], and the number of classes.
 * @throws RangeError unless the target is of that shape, or of the prediction's if it is of floats
 */
function checkRows(
  g: Recorder,
  op: string,
  x: Node,
  target: Node,
  expected: string,
): readonly [labels: Shape, classes: number] {
  const labels = x.shape.slice(0, -1);
  const classes = x.shape.at(-1);
  const wanted = target.type === "int" ? labels : x.shape;
  if (classes && describe(target.shape) === describe(wanted)) return [labels, classes];
  const isInt = target.type === "int";
  const received = `${describe(x.shape)} and ${isInt ? "int " : ""}${describe(target.shape)}`;
  const isFlat = isInt && target.shape.length === 1 && labels.length > 1;
  const hint = isFlat ? "; flatten() or a global pool gives rows" : "";
  throw g.fail(op, `expected ${expected}, got ${received}${hint}`);
}

/** Returns the node of the class weights. @throws RangeError unless there is one for each class */
function weightsOf(g: Recorder, weights: ArrayLike<number> | undefined, classes: number) {
  if (!weights) return undefined;
  if (weights.length === classes) return g.constant(Float32Array.from(weights));
  const expected = `one of classWeights for each of ${classes} classes`;
  throw g.fail("crossEntropy", `expected ${expected}, got ${weights.length}`);
}

/**
 * Softmax cross-entropy of logits [..., classes] against class indices (int) [...] or probabilities
 * [..., classes], such as [batch, classes], or sequences [batch, time, classes] with a label for each
 * step, and so on. The mean over class indices is over those that count, weighted by classWeights,
 * as in PyTorch; it is 0 with gradient 0 where none counts or all weigh 0 (PyTorch gives NaN).
 * Softmax cross-entropy of logits [..., classes] against class indices [...] (int) or probabilities
 * [..., classes], such as logits [batch, classes] with an index for each example, or [batch, time,
 * classes] with one for each step. The mean over class indices is over those that count, weighted by
 * classWeights, as in PyTorch; it is 0 with gradient 0 where none counts or all weigh 0 (PyTorch
 * gives NaN).
 * @throws RangeError if the shapes do not fit, or an option is out of its range
 * @example
 * const logits = g.constant(Float32Array.of(2, 0, 0, 1), [2, 2]);
 * g.crossEntropy(logits, g.constant(Int32Array.of(0, 1))); // 0.2201
 * g.crossEntropy(logits, g.constant(Int32Array.of(0, -100))); // 0.1269
 */
export function crossEntropy(
  g: Recorder,
  logits: Node,
  target: Node,
  options: LossArgument<CrossEntropyOptions> = {},
): Node {
  const chosen = lossOptions("crossEntropy", options, crossEntropyRules());
  const { reduction = "mean", labelSmoothing: smoothing = 0 } = chosen;
  const expected = "logits [..., classes] and class indices [...] or rows of probabilities";
  const [, classes] = checkRows(g, "crossEntropy", logits, target, expected);
  const weights = weightsOf(g, chosen.classWeights, classes);
  if (target.type === "float") {
    const smooth = smoothed(g, target, smoothing, classes);
    const targets = weights ? mul(g, smooth, weights) : smooth;
    return reduceLosses(g, crossEntropyOfRows(g, logits, targets), reduction);
  }
  const labels = { labels: target, weights, ignore: chosen.ignoreIndex ?? IGNORE_INDEX };
  const losses = crossEntropyOfClasses(g, logits, labels, smoothing);
  if (reduction !== "mean") return reduceLosses(g, losses, reduction);
  return keptMean(g, losses, labels, classes);
}

/** Class indices, the weights of the classes if they have any, and the index that does not count. */
interface Labels {
  readonly labels: Node;
  readonly weights: Node | undefined;
  readonly ignore: number;
}

/** Appends (1 - smoothing) · target + smoothing / classes. */
function smoothed(g: Recorder, target: Node, smoothing: number, classes: number): Node {
  if (smoothing === 0) return target;
  const kept = mul(g, target, g.scalar(1 - smoothing));
  return add(g, kept, g.scalar(smoothing / classes));
}

/** Appends the losses against class indices, which have no gradient. */
function crossEntropyOfClasses(
  g: Recorder,
  x: Node,
  { labels, weights, ignore }: Labels,
  smoothing: number,
): Node {
  const rows = size(labels.shape);
  const cols = x.shape.at(-1)!;
  const computation: Computation = {
    op: "crossEntropy",
    ints: [labels],
    saved: rows * cols,
    // dx = (softmax(x) · the target's sum - target) · dy, with softmax(x) as the forward pass saved it.
    gradient(g, losses, dy) {
      const dx: Computation = {
        op: "crossEntropyGrad",
        ints: [labels],
        instruction: instruction("crossEntropySmoothedGrad", {
          probabilities: savedOf(losses),
          labels,
          weights: weights ?? 0,
          dloss: dy,
          dx: OUTPUT,
          rows,
          cols,
          smoothing: float(smoothing),
          ignore,
        }),
      };
      return [() => g.append(dx, x.shape), null, null];
    },
    instruction: instruction("crossEntropySmoothed", {
      x,
      labels,
      weights: weights ?? 0,
      probabilities: SAVED,
      loss: OUTPUT,
      rows,
      cols,
      smoothing: float(smoothing),
      ignore,
    }),
  };
  return g.append(computation, labels.shape);
}

/** Appends the mean of losses over the labels that count, weighted by their classes. */
function keptMean(
  g: Recorder,
  losses: Node,
  { labels, weights, ignore }: Labels,
  cols: number,
): Node {
  const n = size(losses.shape);
  const computation: Computation = {
    op: "mean",
    ints: [labels],
    saved: 1,
    // Threads cannot share a sum, whose order is fixed.
    work: 0,
    gradient(g, mean, dy) {
      const dloss: Computation = {
        op: "meanGrad",
        instruction: instruction("keptMeanGrad", { dy, scale: savedOf(mean), dloss: OUTPUT, n }),
      };
      return [() => g.append(dloss, losses.shape), null, null];
    },
    instruction: instruction("keptMean", {
      loss: losses,
      labels,
      weights: weights ?? 0,
      y: OUTPUT,
      scale: SAVED,
      n,
      cols,
      ignore,
    }),
  };
  return g.append(computation, []);
}

/** Appends the losses against rows of probabilities. */
function crossEntropyOfRows(g: Recorder, x: Node, target: Node): Node {
  const shape = x.shape.slice(0, -1);
  const [rows, cols] = [size(shape), x.shape.at(-1)!];
  const computation: Computation = {
    op: "crossEntropy",
    saved: rows * cols,
    // dx = (softmax(x) · the target's sum - target) · dy.
    gradient(g, losses, dy) {
      const dx: Computation = {
        op: "crossEntropyProbabilitiesGrad",
        instruction: instruction("crossEntropyProbabilitiesGrad", {
          probabilities: savedOf(losses),
          t: target,
          dloss: dy,
          dx: OUTPUT,
          rows,
          cols,
        }),
      };
      return [() => g.append(dx, x.shape), () => targetGradient(g, x, dy)];
    },
    instruction: instruction("crossEntropyProbabilities", {
      x,
      t: target,
      probabilities: SAVED,
      loss: OUTPUT,
      rows,
      cols,
    }),
  };
  return g.append(computation, shape);
}

/** Appends the gradient of the target, -logSoftmax(x) · dloss. */
function targetGradient(g: Recorder, x: Node, dloss: Node): Node {
  return neg(g, mul(g, logSoftmax(g, x), reshape(g, dloss, [...dloss.shape, 1])));
}

/** Appends the losses of log-probabilities against class indices. */
function nllOfClasses(g: Recorder, x: Node, labels: Node): Node {
  const [rows, cols] = [size(labels.shape), x.shape.at(-1)!];
  const computation: Computation = {
    op: "nll",
    ints: [labels],
    gradient(g, _node, dy) {
      const dx: Computation = {
        op: "nllGrad",
        ints: [labels],
        instruction: instruction("nllGrad", { labels, dloss: dy, dx: OUTPUT, rows, cols }),
      };
      return [() => g.append(dx, x.shape), null];
    },
    instruction: instruction("nll", { x, labels, loss: OUTPUT, rows, cols }),
  };
  return g.append(computation, labels.shape);
}

/**
 * Negative log-likelihood of class indices (int) [...] under log-probabilities [..., classes]:
 * -x[i, label]. nll of logSoftmax(x) is crossEntropy of x.
 * @throws RangeError if the shapes do not fit
 * @example
 * const logs = g.logSoftmax(g.constant(Float32Array.of(2, 0, 0, 1), [2, 2]));
 * g.nll(logs, g.constant(Int32Array.of(0, 1))); // 0.2201
 */
export function nll(
  g: Recorder,
  logProbabilities: Node,
  labels: Node,
  options: LossArgument<ReductionOption> = {},
): Node {
  const { reduction } = lossOptions("nll", options, {});
  const expected = "log-probabilities [..., classes] and class indices [...]";
  if (labels.type === "float") {
    const received = `${describe(logProbabilities.shape)} and float ${describe(labels.shape)}`;
    throw g.fail("nll", `expected ${expected}, got ${received}`);
  }
  checkRows(g, "nll", logProbabilities, labels, expected);
  const losses = nllOfClasses(g, logProbabilities, labels);
  return reduceLosses(g, losses, reduction);
}

/** Losses of rows, under the names of their methods. */
export const rowLossOps = { crossEntropy, nll };
