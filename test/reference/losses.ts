import type { KernelName } from "../../src/runtime/build.ts";

/** Losses of one element, x a prediction and t its target. */
export type ElementLoss = Extract<
  KernelName,
  "squaredError" | "binaryCrossEntropy" | "binaryCrossEntropyLogits"
>;

interface Formula {
  value(x: number, t: number): number;
  /** The derivative by x. */
  slope(x: number, t: number): number;
}

/** PyTorch's bound of a logarithm. */
const LEAST_LOG = -100;

/** PyTorch's bound of x (1 - x). */
const LEAST_VARIANCE = 1e-12;

export const elementLosses: Record<ElementLoss, Formula> = {
  squaredError: {
    value: (x, t) => (x - t) ** 2,
    slope: (x, t) => 2 * (x - t),
  },
  binaryCrossEntropy: {
    value: (x, t) =>
      -t * Math.max(Math.log(x), LEAST_LOG) - (1 - t) * Math.max(Math.log1p(-x), LEAST_LOG),
    slope: (x, t) => (x - t) / Math.max(x * (1 - x), LEAST_VARIANCE),
  },
  binaryCrossEntropyLogits: {
    value: (x, t) => (1 - t) * Math.max(x, 0) + t * Math.max(-x, 0) + log1pExp(-Math.abs(x)),
    slope: (x, t) => 1 / (1 + Math.exp(-x)) - t,
  },
};

function log1pExp(x: number): number {
  return Math.log1p(Math.exp(x));
}

/** -Σ_j t[j] log softmax(x)[j] of a row of logits. */
export function crossEntropy(x: ArrayLike<number>, t: ArrayLike<number>): number {
  const logits = Array.from(x);
  const largest = Math.max(...logits);
  const logSum = Math.log(logits.reduce((sum, v) => sum + Math.exp(v - largest), 0));
  return logits.reduce((sum, v, j) => {
    const weight = t[j]!;
    return weight === 0 ? sum : sum + weight * (logSum - (v - largest));
  }, 0);
}

/** The derivative of crossEntropy by x[j], for the softmax of x. */
export function crossEntropySlope(p: ArrayLike<number>, t: ArrayLike<number>, j: number): number {
  const mass = Array.from(t).reduce((sum, weight) => sum + weight, 0);
  return p[j]! * mass - t[j]!;
}

/** A row of zeros with a 1 at the label. */
export function oneHot(label: number, cols: number): Float64Array {
  const row = new Float64Array(cols);
  row[label] = 1;
  return row;
}
