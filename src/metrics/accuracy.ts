import { checkOptions, checkWhole } from "../base/arguments.ts";
import { call } from "../base/printable.ts";
import { type ModelMetric, type ThresholdOption, threshold } from "./metric.ts";
import { classOf, hasNaN, isPositive, metric } from "./metric.ts";

/**
 * Fraction of the elements, 0 to 1, whose prediction is on the same side of the threshold as the
 * target is of one half. An element whose prediction or target is NaN counts as wrong. The result
 * is NaN if nothing was counted.
 * @throws TypeError if the threshold is not a number
 * @throws RangeError if the threshold is NaN, or for an unknown option
 * @example
 * const scores = { data: [0.9, 0.6, 0.2, 0.4], shape: [4, 1] };
 * binaryAccuracy().of(scores, [1, 0, 0, 1]); // 0.5
 */
export function binaryAccuracy(options: ThresholdOption = {}): ModelMetric {
  const chosen = checkOptions("binaryAccuracy", options, { threshold: threshold() });
  return metric("binaryAccuracy", call("binaryAccuracy", chosen), () => {
    let right = 0;
    let total = 0;
    return {
      count(batch) {
        const { scores } = batch;
        const bound = chosen.threshold ?? batch.threshold;
        total += scores.length;
        for (let i = 0; i < scores.length; i++) {
          if (!hasNaN(batch, i) && scores[i]! > bound === isPositive(batch, i)) right++;
        }
      },
      result: () => right / total,
    };
  });
}

/**
 * Fraction of the examples, 0 to 1, whose class is among the k largest predictions. Of equal
 * predictions the first counts as the largest, so that k = 1 is accuracy. An example with a NaN
 * among its predictions or targets counts as wrong. The result is NaN if nothing was counted. The
 * metric's name is top1Accuracy, top5Accuracy and so on.
 * @param k number of predictions to look at, at least 1; 5 by default, as in Keras
 * @throws TypeError if k is not a number
 * @throws RangeError if k is not a whole number from 1 on; counting throws it if there are fewer
 *   than k classes
 * @example
 * const scores = { data: [0.1, 0.7, 0.2, 0.5, 0.3, 0.2], shape: [2, 3] };
 * topKAccuracy(2).of(scores, [2, 2]); // 0.5
 */
export function topKAccuracy(k = 5): ModelMetric {
  checkWhole("topKAccuracy", "k", k, 1);
  return metric(`top${k}Accuracy`, call("topKAccuracy", k), () => {
    let right = 0;
    let total = 0;
    return {
      count(batch) {
        const { rows, cols, scores } = batch;
        if (k > cols) {
          const expected = `k of at most ${cols}, the classes`;
          throw new RangeError(`topKAccuracy: expected ${expected}, got ${k}`);
        }
        total += rows;
        for (let i = 0; i < rows; i++) {
          const label = classOf(batch, i);
          if (label >= 0 && rank(scores, i * cols, label, cols) < k) right++;
        }
      },
      result: () => right / total,
    };
  });
}

/**
 * Returns the number of elements of a row that rank before its element `label`: larger ones, and
 * equal ones to its left. In a row with a NaN it is all of them.
 */
function rank(scores: ArrayLike<number>, start: number, label: number, cols: number): number {
  const own = scores[start + label]!;
  let before = 0;
  for (let j = 0; j < cols; j++) {
    const other = scores[start + j]!;
    if (Number.isNaN(other)) return cols;
    if (other > own || (other === own && j < label)) before++;
  }
  return before;
}
