import type * as losses from "../losses.ts";
import { crossEntropy, elementLosses, oneHot, parametricLosses } from "./losses.ts";

/** Every loss that a model can have: one without a formula here does not type-check. */
export type LossName = keyof typeof losses;

/** What the losses' options come to, all of them. */
export interface Options {
  readonly half?: boolean;
  readonly delta?: number;
  readonly posWeight?: number | readonly number[];
  readonly labelSmoothing?: number;
}

/** A batch of rows x cols, targets as rows of as many numbers or as class indices. */
export interface LossBatch {
  readonly x: ArrayLike<number>;
  readonly t: ArrayLike<number>;
  readonly rows: number;
  readonly cols: number;
}

/** The losses of a batch in float64: of each element, or of each row. */
type Formula = (batch: LossBatch, options: Options) => number[];

function perElement(loss: (x: number, t: number, column: number) => number) {
  return ({ x, t, cols }: LossBatch): number[] =>
    Array.from(x, (value, i) => loss(value, t[i]!, i % cols));
}

/** A row of target probabilities, one-hot where targets are class indices. */
function targetRow({ t, rows, cols }: LossBatch, i: number): ArrayLike<number> {
  if (t.length === rows && cols !== 1) return oneHot(t[i]!, cols);
  return Array.from(t).slice(i * cols, (i + 1) * cols);
}

function rowIndices({ rows }: LossBatch): number[] {
  return Array.from({ length: rows }, (_, i) => i);
}

export const batchLosses: Record<LossName, Formula> = {
  mse(batch, { half = false }) {
    const factor = half ? 0.5 : 1;
    return perElement((x, t) => factor * elementLosses.squaredError.value(x, t))(batch);
  },
  mae: perElement((x, t) => elementLosses.absoluteError.value(x, t)),
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
  crossEntropy(batch, { labelSmoothing = 0 }) {
    const { x, cols } = batch;
    return rowIndices(batch).map((i) => {
      const t = Array.from(targetRow(batch, i), (value) => {
        return (1 - labelSmoothing) * value + labelSmoothing / cols;
      });
      return crossEntropy(Array.from(x).slice(i * cols, (i + 1) * cols), t);
    });
  },
  nll: (batch) => rowIndices(batch).map((i) => -batch.x[i * batch.cols + batch.t[i]!]!),
};

/** Losses as one number, as the reductions are defined. */
export function reduced(losses: ArrayLike<number>, rows: number, reduction: string): number {
  const sum = Array.from(losses).reduce((total, loss) => total + loss, 0);
  if (reduction === "sum") return sum;
  return sum / (reduction === "mean" ? losses.length : rows);
}
