import { numberFrom } from "../../base/arguments.ts";
import { type Computation, type Node, type Recorder } from "../node.ts";
import { OUTPUT, SAVED, describe, float, instruction, savedOf } from "../node.ts";
import { add, mul, neg } from "./binary.ts";
import { type LossArgument, type ReductionOption, lossOptions, reduceLosses } from "./reduction.ts";
import { reshape } from "./shape.ts";
import { logSoftmax } from "./softmax.ts";

/** Losses of rows: one for each example of a batch [rows, classes]. */

/** Options of crossEntropy. */
export interface CrossEntropyOptions extends ReductionOption {
  /**
   * Share of each target's probability, from 0 to 1, that is spread evenly over all classes:
   * targets become (1 - labelSmoothing) · target + labelSmoothing / classes, as in PyTorch and
   * Keras. 0 by default.
   */
  readonly labelSmoothing?: number;
}

/** Returns rules for the options of crossEntropy besides the reduction. */
export const crossEntropyRules = () => ({ labelSmoothing: numberFrom(0, 1) });

/**
 * Softmax cross-entropy of logits [rows, classes] against class indices [rows] (int) or
 * probabilities [rows, classes].
 * @throws RangeError if the shapes do not fit, or labelSmoothing is not from 0 to 1
 * @example
 * const logits = g.constant(Float32Array.of(2, 0, 0, 1), [2, 2]);
 * g.crossEntropy(logits, g.constant(Int32Array.of(0, 1))); // 0.2201
 */
export function crossEntropy(
  g: Recorder,
  logits: Node,
  target: Node,
  options: LossArgument<CrossEntropyOptions> = {},
): Node {
  const chosen = lossOptions("crossEntropy", options, crossEntropyRules());
  const { reduction, labelSmoothing: smoothing = 0 } = chosen;
  const [rows, cols] = logits.shape;
  const byIndex = target.type === "int";
  const wanted = byIndex ? [rows!] : [rows!, cols!];
  if (logits.shape.length !== 2 || !cols || describe(target.shape) !== describe(wanted)) {
    const received = `${describe(logits.shape)} and ${describe(target.shape)}`;
    const expected = "logits [rows, classes] and class indices [rows] or rows of probabilities";
    const hint = logits.shape.length > 2 ? "; flatten() or a global pool gives rows" : "";
    throw g.fail("crossEntropy", `expected ${expected}, got ${received}${hint}`);
  }
  const losses = byIndex
    ? crossEntropyOfClasses(g, logits, target, smoothing)
    : crossEntropyOfRows(g, logits, smooth(g, target, smoothing, cols));
  return reduceLosses(g, losses, reduction);
}

/** Appends (1 - smoothing) · target + smoothing / classes. */
function smooth(g: Recorder, target: Node, smoothing: number, classes: number): Node {
  if (smoothing === 0) return target;
  const kept = mul(g, target, g.scalar(1 - smoothing));
  return add(g, kept, g.scalar(smoothing / classes));
}

/** Appends the losses against class indices, which have no gradient. */
function crossEntropyOfClasses(g: Recorder, x: Node, labels: Node, smoothing: number): Node {
  const [rows, cols] = x.shape as [number, number];
  const computation: Computation = {
    op: "crossEntropy",
    ints: [labels],
    saved: rows * cols,
    // dx = (softmax(x) - smoothed target) · dy, with softmax(x) as the forward pass saved it.
    gradient(g, losses, dy) {
      const dx: Computation = {
        op: "crossEntropyGrad",
        ints: [labels],
        instruction: instruction("crossEntropySmoothedGrad", {
          probabilities: savedOf(losses),
          labels,
          dloss: dy,
          dx: OUTPUT,
          rows,
          cols,
          smoothing: float(smoothing),
        }),
      };
      return [() => g.append(dx, x.shape), null];
    },
    instruction: instruction("crossEntropySmoothed", {
      x,
      labels,
      probabilities: SAVED,
      loss: OUTPUT,
      rows,
      cols,
      smoothing: float(smoothing),
    }),
  };
  return g.append(computation, [rows]);
}

/** Appends the losses against rows of probabilities. */
function crossEntropyOfRows(g: Recorder, x: Node, target: Node): Node {
  const [rows, cols] = x.shape as [number, number];
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
  return g.append(computation, [rows]);
}

/** Appends the gradient of the target, -logSoftmax(x) · dloss. */
function targetGradient(g: Recorder, x: Node, dloss: Node): Node {
  return neg(g, mul(g, logSoftmax(g, x), reshape(g, dloss, [dloss.shape[0]!, 1])));
}

function nllOfClasses(g: Recorder, x: Node, labels: Node): Node {
  const [rows, cols] = x.shape as [number, number];
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
  return g.append(computation, [rows]);
}

/**
 * Negative log-likelihood of class indices [rows] (int) under log-probabilities [rows, classes]:
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
  const { shape } = logProbabilities;
  const [rows, cols] = shape;
  if (
    shape.length !== 2 ||
    !cols ||
    labels.type !== "int" ||
    describe(labels.shape) !== `[${rows}]`
  ) {
    const received = `${describe(shape)} and ${labels.type} ${describe(labels.shape)}`;
    const expected = "log-probabilities [rows, classes] and class indices [rows]";
    throw g.fail("nll", `expected ${expected}, got ${received}`);
  }
  const losses = nllOfClasses(g, logProbabilities, labels);
  return reduceLosses(g, losses, reduction);
}

/** Losses of rows, under the names of their methods. */
export const rowLossOps = { crossEntropy, nll };
