import { given } from "./runtime/shape.ts";
import type { Node, Recorder } from "./graph/node.ts";
import * as ops from "./graph/ops/losses.ts";

export type { Reduction } from "./graph/ops/losses.ts";

export interface LossOptions {
  /** "mean" (default) or "sum"; see the loss for what the mean is taken over. */
  readonly reduction?: ops.Reduction;
}

/** What a model minimises. */
export interface Loss {
  readonly name: string;
  /** Whether targets may be class indices, one for each example. */
  readonly takesClasses: boolean;
  /** For binary accuracy: predictions above it say yes. Undefined where the largest wins. */
  readonly threshold?: number;
  readonly reduction: ops.Reduction;
  /** Records the scalar loss of a batch. */
  record(g: Recorder, prediction: Node, target: Node): Node;
}

type LossOp = (g: Recorder, prediction: Node, target: Node, reduction: ops.Reduction) => Node;

function loss(name: string, op: LossOp, takesClasses: boolean, threshold?: number) {
  return ({ reduction = "mean" }: LossOptions = {}): Loss => {
    if (reduction !== "mean" && reduction !== "sum") {
      throw new RangeError(`${name}: expected reduction "mean" or "sum", got ${given(reduction)}`);
    }
    const record: Loss["record"] = (g, prediction, target) => op(g, prediction, target, reduction);
    return {
      name,
      takesClasses,
      reduction,
      record,
      ...(threshold === undefined ? {} : { threshold }),
    };
  };
}

/** Squared error (prediction - target)², the mean over all elements as in PyTorch and Keras. */
export const mse = loss("mse", ops.mse, false);

/** Binary cross-entropy on probabilities, the mean over all elements; logs are cut at -100 as in PyTorch. */
export const bce = loss("bce", ops.bce, false, 0.5);

/** Binary cross-entropy on logits, the mean over all elements. */
export const bceWithLogits = loss("bceWithLogits", ops.bceWithLogits, false, 0);

/**
 * Softmax cross-entropy on logits [batch, classes], the mean over examples. Targets are class
 * indices, or rows of probabilities (one-hot rows among them).
 */
export const crossEntropy = loss("crossEntropy", ops.crossEntropy, true);
