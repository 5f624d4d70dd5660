import type { KernelName } from "../wasm/build.ts";

/** Losses of one element, x a prediction and t its target. */
export type ElementLoss = Extract<
  KernelName,
  | "squaredError"
  | "absoluteError"
  | "binaryCrossEntropy"
  | "binaryCrossEntropyLogits"
  | "kullbackLeibler"
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
  absoluteError: {
    value: (x, t) => Math.abs(x - t),
    slope: (x, t) => Math.sign(x - t),
  },
  binaryCrossEntropy: {
    value: (x, t) =>
      -t * Math.max(Math.log(x), LEAST_LOG) - (1 - t) * Math.max(Math.log1p(-x), LEAST_LOG),
    slope: (x, t) => (x - t) / Math.max(x * (1 - x), LEAST_VARIANCE),
  },
  binaryCrossEntropyLogits: {
    value: (x, t) => weigh(t, softplus(-x)) + weigh(1 - t, softplus(x)),
    slope: (x, t) => (1 - t) * sigmoid(x) - t * sigmoid(-x),
  },
  // Of t from a log-probability x.
  kullbackLeibler: {
    value: (x, t) => weigh(t, Math.log(t) - x),
    slope: (_x, t) => -t,
  },
};

/** Losses of one element with a parameter. */
export type ParametricLoss = Extract<KernelName, "huber" | "weightedBinaryCrossEntropyLogits">;

interface ParametricFormula {
  value(x: number, t: number, p: number): number;
  /** The derivative by x. */
  slope(x: number, t: number, p: number): number;
}

export const parametricLosses: Record<ParametricLoss, ParametricFormula> = {
  // p is where the square ends.
  huber: {
    value(x, t, p) {
      const d = Math.abs(x - t);
      return d <= p ? d ** 2 / 2 : p * (d - p / 2);
    },
    slope: (x, t, p) => Math.max(-p, Math.min(p, x - t)),
  },
  // p is the weight of t.
  weightedBinaryCrossEntropyLogits: {
    value: (x, t, p) => weigh(p * t, softplus(-x)) + weigh(1 - t, softplus(x)),
    slope: (x, t, p) => (1 - t) * sigmoid(x) - p * t * sigmoid(-x),
  },
};

/** log(1 + e^x). */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The product, without what has no weight, be it infinite. */
function weigh(weight: number, x: number): number {
  return weight === 0 && !Number.isNaN(x) ? 0 : weight * x;
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

/** Target probabilities of a label that holds 1 - smoothing, the rest shared out among all. */
export function smoothed(label: number, cols: number, smoothing: number): Float64Array {
  const t = new Float64Array(cols).fill(smoothing / cols);
  t[label]! += 1 - smoothing;
  return t;
}
