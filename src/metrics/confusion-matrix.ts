import {
  type ModelMetric,
  type ThresholdOption,
  argmax,
  checkThreshold,
  classOf,
  metric,
} from "./metric.ts";

/** How many examples of each class (rows) were taken for each class (columns). */
export type ConfusionMatrix = readonly (readonly number[])[];

/**
 * Counts of examples by true class (row) and predicted class (column), as in scikit-learn. The
 * predicted class is the largest prediction, the first of equal ones; of one column it is 1 above the
 * threshold and else 0. [] if nothing was counted.
 * @throws RangeError unless the threshold is a number
 */
export function confusionMatrix({ threshold }: ThresholdOption = {}): ModelMetric<ConfusionMatrix> {
  checkThreshold("confusionMatrix", threshold);
  return metric("confusionMatrix", () => {
    const matrix: number[][] = [];
    return {
      count(batch) {
        const { rows, cols, scores, targets } = batch;
        const classes = Math.max(2, cols);
        const bound = threshold ?? batch.threshold;
        if (matrix.length > 0 && matrix.length !== classes) {
          const came = `${matrix.length} before, now ${classes}`;
          throw new RangeError(
            `confusionMatrix: expected batches with the same classes, got ${came}`,
          );
        }
        while (matrix.length < classes) matrix.push(new Array<number>(classes).fill(0));
        for (let i = 0; i < rows; i++) {
          if (cols === 1) matrix[Number(targets[i]! > 0.5)]![Number(scores[i]! > bound)]!++;
          else matrix[classOf(batch, i)]![argmax(scores, i, cols)]!++;
        }
      },
      result: () => matrix.map((row) => row.slice()),
    };
  });
}
