import { exp, log } from "../base/portable-math.ts";
import { call } from "../base/printable.ts";
import { type Batch, type ModelMetric, metric } from "./metric.ts";

/**
 * Perplexity of logits [batch, ..., classes]: e to the mean cross-entropy, in nats, over the labels that
 * count (Jelinek et al. 1977). It is 1 for a model that is always certain and right, and the number of
 * classes for one that gives all the same chance. Label smoothing, class weights and penalties of the
 * loss have no part in it. Log-probabilities are logits, too. It is computed in float64. The result is
 * NaN if nothing was counted, or a logit or target was NaN.
 * @throws RangeError from counting, if there are fewer than 2 classes
 * @example
 * const logits = { data: [2, 0, 0, 1], shape: [2, 2] };
 * perplexity().of(logits, [0, 1]); // 1.246
 */
export function perplexity(): ModelMetric {
  return metric("perplexity", call("perplexity"), () => {
    let total = 0;
    let count = 0;
    return {
      count(batch) {
        const { rows, cols } = batch;
        if (cols < 2) {
          throw new RangeError(`perplexity: expected logits of at least 2 classes, got ${cols}`);
        }
        for (let i = 0; i < rows; i++) total += crossEntropyOf(batch, i);
        count += rows;
      },
      result: () => exp(total / count),
    };
  });
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
