import type { KernelName } from "../../runtime/build.ts";
import { type Computation, type Node, type Recorder, describe, size } from "../node.ts";
import { scaledSum } from "./reduce.ts";

/**
 * How the losses of a batch become one number: the sum, or the mean as PyTorch and Keras take it:
 * over all elements where each element has a loss, over examples where each row has one.
 */
export type Reduction = "mean" | "sum";

function reduceLosses(g: Recorder, losses: Node, reduction: Reduction): Node {
  const count = size(losses.shape);
  return scaledSum(g, losses, reduction === "mean" ? 1 / count : 1);
}

/** A loss of every element, by kernels (x, t, y, n) and (x, t, dy, dyStep, dx, n), then reduced. */
function elementLoss(op: string, forward: KernelName, backward: KernelName) {
  const gradientOf = (g: Recorder, x: Node, t: Node, dy: Node): Node => {
    const computation: Computation = {
      op: backward,
      gradient: null,
      inPlace: 2,
      record(node, { at, kernel }) {
        const args = [at(x), at(t), at(dy), 1, at(node), size(x.shape)];
        return ["lossGradRecord", kernel(backward), ...args];
      },
    };
    return g.record(computation, [x, t, dy], x.shape);
  };
  return (g: Recorder, prediction: Node, target: Node, reduction: Reduction = "mean"): Node => {
    const came = `${describe(prediction.shape)} and ${describe(target.shape)}`;
    if (target.type !== "float" || describe(prediction.shape) !== describe(target.shape)) {
      throw g.fail(op, `expected a float target of the prediction's shape, got ${came}`);
    }
    const computation: Computation = {
      op,
      gradient: (g, _node, dy) => [() => gradientOf(g, prediction, target, dy), null],
      record(node, { at, kernel }) {
        const args = [at(prediction), at(target), at(node), size(prediction.shape)];
        return ["lossRecord", kernel(forward), ...args];
      },
    };
    const losses = g.record(computation, [prediction, target], prediction.shape);
    return reduceLosses(g, losses, reduction);
  };
}

/** (prediction - target)². */
export const mse = elementLoss("mse", "squaredError", "squaredErrorGrad");

/** -t ln p - (1 - t) ln(1 - p) for a probability p. */
export const bce = elementLoss("bce", "binaryCrossEntropy", "binaryCrossEntropyGrad");

/** The same for p = sigmoid(prediction), without its rounding. */
export const bceWithLogits = elementLoss(
  "bceWithLogits",
  "binaryCrossEntropyLogits",
  "binaryCrossEntropyLogitsGrad",
);

/**
 * Softmax cross-entropy of logits [rows, classes] against class indices [rows] (int) or
 * probabilities [rows, classes], reduced over rows.
 */
export function crossEntropy(
  g: Recorder,
  logits: Node,
  target: Node,
  reduction: Reduction = "mean",
): Node {
  const [rows, cols] = logits.shape;
  const byIndex = target.type === "int";
  const wanted = byIndex ? [rows!] : [rows!, cols!];
  if (logits.shape.length !== 2 || !cols || describe(target.shape) !== describe(wanted)) {
    const came = `${describe(logits.shape)} and ${describe(target.shape)}`;
    const expected = "logits [rows, classes] and class indices [rows] or rows of probabilities";
    throw g.fail("crossEntropy", `expected ${expected}, got ${came}`);
  }
  const kernel: KernelName = byIndex ? "crossEntropy" : "crossEntropyProbabilities";
  const width = byIndex ? 1 : cols;
  const computation: Computation = {
    op: "crossEntropy",
    saved: rows! * cols,
    gradient: (g, node, dy) => [() => crossEntropyGrad(g, node, logits, target, dy), null],
    record(node, { at, saved, kernel: index }) {
      const args = [at(logits), at(target), width, saved(node), at(node), rows!, cols];
      return ["crossEntropyRecord", index(kernel), ...args];
    },
  };
  return reduceLosses(g, g.record(computation, [logits, target], [rows!]), reduction);
}

/** (softmax(logits) - target) · dloss, from the probabilities that the losses saved. */
function crossEntropyGrad(g: Recorder, losses: Node, x: Node, target: Node, dloss: Node): Node {
  const byIndex = target.type === "int";
  const kernel: KernelName = byIndex ? "crossEntropyGrad" : "crossEntropyProbabilitiesGrad";
  const [rows, cols] = x.shape as [number, number];
  const computation: Computation = {
    op: kernel,
    gradient: null,
    record(node, { at, saved, kernel: index }) {
      const args = [saved(losses), at(target), byIndex ? 1 : cols, at(dloss), at(node), rows, cols];
      return ["crossEntropyGradRecord", index(kernel), ...args];
    },
  };
  return g.record(computation, [losses, target, dloss], x.shape);
}
