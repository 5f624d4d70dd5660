import { checkOptions } from "../base/arguments.ts";
import { call } from "../base/printable.ts";
import { type ModelMetric, type ThresholdOption, threshold } from "./metric.ts";
import { argmax, classOf, metric } from "./metric.ts";

/**
 * Number of examples by true class (row) and predicted class (column). If there was a NaN, the last
 * row and the last column count the examples without a class.
 */
export type ConfusionMatrix = readonly (readonly number[])[];

/**
 * Counts examples by true class (row) and predicted class (column), as in scikit-learn. The
 * predicted class is the largest prediction, the first of equal ones. With a single column it is 1
 * above the threshold and 0 otherwise. An example with a NaN among its predictions has no predicted
 * class, and one with a NaN among its targets has no true class. If there was such an example, the
 * matrix has one more row and column, the last ones, for "no class", so that its elements still add
 * up to the number of examples. The result is [] if nothing was counted.
 * @throws TypeError if the threshold is not a number
 * @throws RangeError if the threshold is NaN, or for an unknown option
 * @example
 * const scores = { data: [0.1, 0.9, 0.8, 0.2, 0.3, 0.7], shape: [3, 2] };
 * confusionMatrix().of(scores, [1, 0, 0]); // [[1, 1], [0, 1]]
 */
export function confusionMatrix(options: ThresholdOption = {}): ModelMetric<ConfusionMatrix> {
  const chosen = checkOptions("confusionMatrix", options, { threshold: threshold() });
  return metric("confusionMatrix", call("confusionMatrix", chosen), () => {
    let matrix: number[][] = [];
    let classes = 0;
    let hasNaN = false;
    /** Returns the index of a class, or of "no class". */
    const placeOf = (label: number): number => {
      if (label >= 0) return label;
      hasNaN = true;
      return classes;
    };
    return {
      count(batch) {
        const { rows, cols, scores, targets } = batch;
        const width = Math.max(2, cols);
        const bound = chosen.threshold ?? batch.threshold;
        if (classes > 0 && classes !== width) {
          const came = `${classes} before, now ${width}`;
          throw new RangeError(
            `confusionMatrix: expected batches with the same classes, got ${came}`,
          );
        }
        if (classes === 0) matrix = zeros(width + 1);
        classes = width;
        for (let i = 0; i < rows; i++) {
          const truth = cols === 1 ? yesOrNo(targets[i]!, 0.5) : classOf(batch, i);
          const says = cols === 1 ? yesOrNo(scores[i]!, bound) : argmax(scores, i, cols);
          matrix[placeOf(truth)]![placeOf(says)]!++;
        }
      },
      result() {
        const kept = hasNaN ? classes + 1 : classes;
        return matrix.slice(0, kept).map((row) => row.slice(0, kept));
      },
    };
  });
}

/** Returns a square matrix of zeros. */
function zeros(n: number): number[][] {
  return Array.from({ length: n }, () => new Array<number>(n).fill(0));
}

/** Returns 1 above the bound and 0 up to it, or -1 for NaN. */
function yesOrNo(value: number, bound: number): number {
  return Number.isNaN(value) ? -1 : Number(value > bound);
}
