import { checkWhole } from "../runtime/arguments.ts";
import {
  type ModelMetric,
  type ThresholdOption,
  checkThreshold,
  classOf,
  isPositive,
  metric,
} from "./metric.ts";

/**
 * The part of all elements whose prediction is above the threshold just where the target is above
 * one half; NaN says no. NaN if nothing was counted.
 * @throws RangeError unless the threshold is a number
 */
export function binaryAccuracy({ threshold }: ThresholdOption = {}): ModelMetric {
  checkThreshold("binaryAccuracy", threshold);
  return metric("binaryAccuracy", () => {
    let right = 0;
    let total = 0;
    return {
      count(batch) {
        const { scores } = batch;
        const bound = threshold ?? batch.threshold;
        total += scores.length;
        for (let i = 0; i < scores.length; i++) {
          if (scores[i]! > bound === isPositive(batch, i)) right++;
        }
      },
      result: () => right / total,
    };
  });
}

/**
 * The part of the examples whose class is among the k largest predictions. Of equal ones the first
 * counts as the largest, so that k = 1 is accuracy; where the class's own prediction is NaN, the
 * example is wrong. Called top1Accuracy, top5Accuracy... NaN if nothing was counted.
 * @param k at least 1; 5 by default, as in Keras
 * @throws RangeError unless k is a whole number from 1 on; counting throws it if there are fewer
 * than k classes
 */
export function topKAccuracy(k = 5): ModelMetric {
  checkWhole("topKAccuracy", "k", k, 1);
  return metric(`top${k}Accuracy`, () => {
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
          if (rank(scores, i * cols, classOf(batch, i), cols) < k) right++;
        }
      },
      result: () => right / total,
    };
  });
}

/** How many of a row come before its element `label`: larger ones, and equal ones to its left. */
function rank(scores: ArrayLike<number>, start: number, label: number, cols: number): number {
  const own = scores[start + label]!;
  if (Number.isNaN(own)) return cols;
  let before = 0;
  for (let j = 0; j < cols; j++) {
    const other = scores[start + j]!;
    if (other > own || (other === own && j < label)) before++;
  }
  return before;
}
