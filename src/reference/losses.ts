import type { InstructionWords } from "../../build/instructions.ts";
import type * as losses from "../losses.ts";

/** Losses of one element, x a prediction and t its target. */
export type ElementLoss = InstructionWords<never>["loss"]["kernel"];

/** A loss of one element, and bounds for the errors of its kernel. */
export interface Formula {
  value(x: number, t: number): number;
  /** Returns the derivative with respect to x. */
  slope(x: number, t: number): number;
  /**
   * Largest errors in units of the last place, for losses without bounds in
   * verify/families/losses.ts.
   */
  readonly ulps?: { readonly value: number; readonly slope: number };
}

/** Least logarithm, as in PyTorch. */
const LEAST_LOG = -100;

/** Least value of x (1 - x), as in PyTorch. */
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
  logCosh: {
    value: (x, t) => logCosh(x - t),
    slope: (x, t) => Math.tanh(x - t),
    ulps: { value: 6, slope: 3 },
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
  // The divergence of t from the log-probability x.
  kullbackLeibler: {
    value: (x, t) => weigh(t, Math.log(t) - x),
    slope: (_x, t) => -t,
  },
};

/** Losses of one element with a parameter. */
export type ParametricLoss = InstructionWords<never>["parametricLoss"]["kernel"];

interface ParametricFormula {
  value(x: number, t: number, p: number): number;
  /** Returns the derivative with respect to x. */
  slope(x: number, t: number, p: number): number;
}

export const parametricLosses: Record<ParametricLoss, ParametricFormula> = {
  // p is the difference at which the square ends.
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

/** Returns log(cosh d), without losing digits for small d or overflowing for large d. */
function logCosh(d: number): number {
  const size = Math.abs(d);
  if (size < 1) return Math.log1p(2 * Math.sinh(d / 2) ** 2);
  return size + Math.log1p(Math.exp(-2 * size)) - Math.LN2;
}

/** Returns log(1 + e^x). */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Returns weight · x, which is 0 for a weight of 0 even if x is infinite. */
function weigh(weight: number, x: number): number {
  return weight === 0 && !Number.isNaN(x) ? 0 : weight * x;
}

/** Returns -Σ_j t[j] log softmax(x)[j] of a row of logits. */
export function crossEntropy(x: ArrayLike<number>, t: ArrayLike<number>): number {
  const logits = Array.from(x);
  const largest = Math.max(...logits);
  const logSum = Math.log(logits.reduce((sum, v) => sum + Math.exp(v - largest), 0));
  return logits.reduce((sum, v, j) => {
    const weight = t[j]!;
    return weight === 0 ? sum : sum + weight * (logSum - (v - largest));
  }, 0);
}

/** Returns the derivative of crossEntropy with respect to x[j], given p = softmax(x). */
export function crossEntropySlope(p: ArrayLike<number>, t: ArrayLike<number>, j: number): number {
  const mass = Array.from(t).reduce((sum, weight) => sum + weight, 0);
  return p[j]! * mass - t[j]!;
}

/** Returns a row of zeros with a 1 at the label. */
export function oneHot(label: number, cols: number): Float64Array {
  const row = new Float64Array(cols);
  row[label] = 1;
  return row;
}

/**
 * Returns target probabilities: 1 - smoothing for the label, and the rest shared by all classes. Each
 * is multiplied by the weight of its class, if there are weights.
 */
export function smoothed(
  label: number,
  cols: number,
  smoothing: number,
  weights?: ArrayLike<number>,
): Float64Array {
  const t = new Float64Array(cols).fill(smoothing / cols);
  t[label]! += 1 - smoothing;
  return weights ? t.map((target, j) => target * weights[j]!) : t;
}

/** Losses that a model can have. A loss without a formula in batchLosses does not type-check. */
export type LossName = keyof typeof losses;

/** Options of all losses together. */
export interface Options {
  readonly half?: boolean;
  readonly delta?: number;
  readonly posWeight?: number | readonly number[];
  readonly labelSmoothing?: number;
  readonly classWeights?: readonly number[];
  readonly ignoreIndex?: number;
  readonly logInput?: boolean;
  readonly beta?: number;
}

/** Predictions [rows, cols], and targets of the same shape or class indices [rows]. */
export interface LossBatch {
  readonly x: ArrayLike<number>;
  readonly t: ArrayLike<number>;
  readonly rows: number;
  readonly cols: number;
}

/** Returns the losses of a batch in float64, one for each element or each row. */
type BatchFormula = (batch: LossBatch, options: Options) => number[];

function perElement(loss: (x: number, t: number, column: number) => number) {
  return ({ x, t, cols }: LossBatch): number[] =>
    Array.from(x, (value, i) => loss(value, t[i]!, i % cols));
}

/** Returns true if targets are class indices. */
function hasLabels({ t, rows, cols }: LossBatch): boolean {
  return t instanceof Int32Array || (t.length === rows && cols !== 1);
}

/** Returns a row of target probabilities, which is one-hot if targets are class indices. */
function targetRow(batch: LossBatch, i: number): ArrayLike<number> {
  const { t, cols } = batch;
  if (hasLabels(batch)) return oneHot(t[i]!, cols);
  return Array.from(t).slice(i * cols, (i + 1) * cols);
}

function rowIndices({ rows }: LossBatch): number[] {
  return Array.from({ length: rows }, (_, i) => i);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, j) => sum + v * b[j]!, 0);
}

function perRow(loss: (x: readonly number[], t: readonly number[]) => number) {
  return (batch: LossBatch): number[] => {
    const row = (of: ArrayLike<number>, i: number): number[] =>
      Array.from(of).slice(i * batch.cols, (i + 1) * batch.cols);
    return rowIndices(batch).map((i) => loss(row(batch.x, i), row(batch.t, i)));
  };
}

export const batchLosses: Record<LossName, BatchFormula> = {
  mse(batch, { half = false }) {
    const factor = half ? 0.5 : 1;
    return perElement((x, t) => factor * elementLosses.squaredError.value(x, t))(batch);
  },
  mae: perElement((x, t) => elementLosses.absoluteError.value(x, t)),
  logCosh: perElement((x, t) => elementLosses.logCosh.value(x, t)),
  huber(batch, { delta = 1 }) {
    return perElement((x, t) => parametricLosses.huber.value(x, t, delta))(batch);
  },
  bce: perElement((x, t) => elementLosses.binaryCrossEntropy.value(x, t)),
  bceWithLogits(batch, { posWeight = 1 }) {
    return perElement((x, t, j) => {
      const weight = typeof posWeight === "number" ? posWeight : posWeight[j]!;
      return parametricLosses.weightedBinaryCrossEntropyLogits.value(x, t, weight);
    })(batch);
  },
  klDiv: perElement((x, t) => elementLosses.kullbackLeibler.value(x, t)),
  crossEntropy(batch, { labelSmoothing = 0, classWeights, ignoreIndex = -100 }) {
    const { x, cols } = batch;
    return rowIndices(batch).map((i) => {
      if (hasLabels(batch) && batch.t[i] === ignoreIndex) return 0;
      const t = Array.from(targetRow(batch, i), (value, j) => {
        const smooth = (1 - labelSmoothing) * value + labelSmoothing / cols;
        return smooth * (classWeights?.[j] ?? 1);
      });
      return crossEntropy(Array.from(x).slice(i * cols, (i + 1) * cols), t);
    });
  },
  hinge: perElement((x, t) => Math.max(0, 1 - t * x)),
  squaredHinge: perElement((x, t) => Math.max(0, 1 - t * x) ** 2),
  categoricalHinge: perRow((x, t) => {
    const own = x.reduce((sum, v, j) => sum + v * t[j]!, 0);
    return Math.max(0, Math.max(...x.map((v, j) => (1 - t[j]!) * v)) - own + 1);
  }),
  poisson(batch, { logInput = true }) {
    const rate = perElement((x, t) => x - t * Math.log(x + 1e-8));
    return logInput ? perElement((x, t) => Math.exp(x) - t * x)(batch) : rate(batch);
  },
  cosineSimilarity: perRow((x, t) => {
    const norm = (v: readonly number[]) => Math.sqrt(Math.max(1e-12, dot(v, v)));
    return -dot(x, t) / (norm(x) * norm(t));
  }),
  mape: perElement((x, t) => (100 * Math.abs(x - t)) / Math.max(1e-7, Math.abs(t))),
  msle: perElement((x, t) => (Math.log1p(Math.max(0, x)) - Math.log1p(Math.max(0, t))) ** 2),
  smoothL1(batch, { beta = 1 }) {
    return perElement((x, t) => parametricLosses.huber.value(x, t, beta) / beta)(batch);
  },
  nll: (batch) => rowIndices(batch).map((i) => -batch.x[i * batch.cols + batch.t[i]!]!),
};

/** Returns the mean of losses against class indices over those that count, weighted by their classes. */
export function keptMean(
  losses: ArrayLike<number>,
  labels: ArrayLike<number>,
  { ignoreIndex = -100, classWeights }: Options,
): number {
  let [sum, weight] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === ignoreIndex) continue;
    sum += losses[i]!;
    weight += classWeights?.[labels[i]!] ?? 1;
  }
  return weight === 0 && labels.length > 0 ? 0 : sum / weight;
}

/** Reduces losses to one number: their sum, their mean, or their sum by the number of rows. */
export function reduced(losses: ArrayLike<number>, rows: number, reduction: string): number {
  const sum = Array.from(losses).reduce((total, loss) => total + loss, 0);
  if (reduction === "sum") return sum;
  return sum / (reduction === "mean" ? losses.length : rows);
}
