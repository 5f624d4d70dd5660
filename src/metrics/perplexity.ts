import { checkArguments } from "../base/arguments.ts";
import { exp } from "../base/portable-math.ts";
import { call } from "../base/printable.ts";
import { checkProbabilities, crossEntropyOf } from "./cross-entropy.ts";
import { type ModelMetric, metric } from "./metric.ts";

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
        if (!batch.byClass) {
          const expected = "class indices, or probabilities that add up to 1";
          checkProbabilities("perplexity", expected, batch.targets, cols);
        }
        for (let i = 0; i < rows; i++) total += crossEntropyOf(batch, i);
        count += rows;
      },
      result: () => exp(total / count),
    };
  });
}
