import { checkArguments } from "../base/arguments.ts";
import { exp, log } from "../base/portable-math.ts";
import { call } from "../base/printable.ts";
import { type Batch, type ModelMetric, metric } from "./metric.ts";

/**
 * Perplexity of logits [batch, ..., classes]: e to the mean cross-entropy, in nats, over the labels that
 * count (Jelinek et al. 1977). It is 1 for a model that is always certain and right, and the number of
 * classes for one that gives all the same chance. Label smoothing, class weights and penalties of the
 * loss have no part in it. Log-probabilities are logits, too. It is computed in float64. The result is
 * NaN if nothing was counted, or a logit or target was NaN.
 * @throws TypeError for an argument
 * @throws RangeError from counting, if there are fewer than 2 classes, or targets are neither class indices
 * nor probabilities that add up to 1 in each row, within 0.001
 * @example
 * const logits = { data: [2, 0, 0, 1], shape: [2, 2] };
 * perplexity().of(logits, [0, 1]); // 1.246
 */
export function perplexity(): ModelMetric;
export function perplexity(...none: unknown[]): ModelMetric {
  checkArguments("perplexity", none);
  return metric("perplexity", call("perplexity"), () => {
    let total = 0;
    let count = 0;
    return {
      count(batch) {
        const { rows, cols } = batch;
        if (cols < 2) {
          throw new RangeError(`perplexity: expected logits of at least 2 classes, got ${cols}`);
        }
        if (!batch.byClass) checkProbabilities(batch);
        for (let i = 0; i < rows; i++) total += crossEntropyOf(batch, i);
        count += rows;
      },
      result: () => exp(total / count),
    };
  });
}

/** Largest difference from 1 of a row's sum, which rounding in float32 stays far below. */
const SUM_TOLERANCE = 1e-3;

/** @throws RangeError unless each row is one of probabilities; a NaN is no fault, it makes the result NaN */
function checkProbabilities({ targets, rows, cols }: Batch): void {
  const expected = "perplexity: expected class indices, or probabilities that add up to 1";
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let j = row * cols; j < (row + 1) * cols; j++) {
      if (targets[j]! < 0) throw new RangeError(`${expected}, got ${targets[j]} in row ${row}`);
      sum += targets[j]!;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new RangeError(`${expected}, got a sum of ${sum} in row ${row}`);
    }
  }
}

/** Returns ln Σ e^x - x[label] of a row, or Σ t (ln Σ e^x - x) against a row of probabilities. */
function crossEntropyOf({ scores, targets, byClass, cols }: Batch, row: number): number {
  const start = row * cols;
  let most = -Infinity;
  for (let j = start; j < start + cols; j++) {
    // A NaN makes the sum NaN.
    if (scores[j]! > most) most = scores[j]!;
  }
  let sum = 0;
  for (let j = start; j < start + cols; j++) sum += exp(scores[j]! - most);
  const logSum = log(sum);
  if (byClass) return logSum - (scores[start + targets[row]!]! - most);
  let total = 0;
  for (let j = start; j < start + cols; j++) {
    if (targets[j] !== 0) total += targets[j]! * (logSum - (scores[j]! - most));
  }
  return total;
}
