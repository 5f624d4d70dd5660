import { exp, log } from "../base/portable-math.ts";
import type { Batch } from "./metric.ts";

/** Largest difference from 1 of a row's sum, which rounding in float32 stays far below. */
const SUM_TOLERANCE = 1e-3;

/**
 * Checks rows of probabilities. A NaN is no fault: it makes the result NaN.
 * @param expected completes the sentence "expected …"
 * @throws RangeError naming the metric unless each row adds up to 1 and has nothing below 0
 */
export function checkProbabilities(
  name: string,
  expected: string,
  data: ArrayLike<number>,
  cols: number,
): void {
  const refused = (got: string, row: number): RangeError =>
    new RangeError(`${name}: expected ${expected}, got ${got} in row ${row}`);
  for (let row = 0; row < data.length / cols; row++) {
    let sum = 0;
    for (let j = row * cols; j < (row + 1) * cols; j++) {
      if (data[j]! < 0) throw refused(`${data[j]}`, row);
      sum += data[j]!;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) throw refused(`a sum of ${sum}`, row);
  }
}

/** Returns ln Σ e^x - x[label] of a row, or Σ t (ln Σ e^x - x) against a row of probabilities. */
export function crossEntropyOf({ scores, targets, byClass, cols }: Batch, row: number): number {
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
