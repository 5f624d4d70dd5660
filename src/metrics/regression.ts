import { checkArguments } from "../base/arguments.ts";
import { call } from "../base/printable.ts";
import { type Batch, type ModelMetric, metric, readBatch } from "./metric.ts";

/** Least size of a target that mape divides by, as in Keras and in the loss of that name. */
const LEAST_TARGET = 1e-7;

/**
 * Reads targets as numbers to predict, one for each prediction. No target is a label that does not
 * count: -100 is a number like others.
 */
const readNumbers: typeof readBatch = (name, prediction, target) =>
  readBatch(name, prediction, target?.kind === "classes" ? { ...target, kind: "values" } : target);

/** Returns a metric of the mean over all elements of a batch, of all batches. */
function meanOf(
  name: string,
  maker: string,
  none: readonly unknown[],
  term: (error: number, target: number) => number,
  finish: (mean: number) => number = (mean) => mean,
): ModelMetric {
  checkArguments(maker, none);
  const create = () => {
    let total = 0;
    let count = 0;
    return {
      count({ scores, targets }: Batch) {
        for (let i = 0; i < scores.length; i++)
          total += term(scores[i]! - targets[i]!, targets[i]!);
        count += scores.length;
      },
      result: () => finish(total / count),
    };
  };
  return metric(name, call(maker), create, readNumbers);
}

/**
 * Mean of |prediction - target| over all elements, in the targets' unit. The metric's name is mae, as
 * that of the loss. It is computed in float64. The result is NaN if nothing was counted, or a
 * prediction or target was NaN.
 * @throws TypeError for an argument
 * @throws RangeError from counting, unless there is a target for each prediction
 * @example
 * meanAbsoluteError().of({ data: [2.5, 0, 2, 8], shape: [4, 1] }, [3, -0.5, 2, 7]); // 0.5
 */
export function meanAbsoluteError(): ModelMetric;
export function meanAbsoluteError(...none: unknown[]): ModelMetric {
  return meanOf("mae", "meanAbsoluteError", none, Math.abs);
}

/**
 * Mean of (prediction - target)² over all elements, in the square of the targets' unit. The metric's
 * name is mse, as that of the loss. It is computed in float64. The result is NaN if nothing was
 * counted, or a prediction or target was NaN.
 * @throws TypeError for an argument
 * @throws RangeError from counting, unless there is a target for each prediction
 * @example
 * meanSquaredError().of({ data: [2.5, 0, 2, 8], shape: [4, 1] }, [3, -0.5, 2, 7]); // 0.375
 */
export function meanSquaredError(): ModelMetric;
export function meanSquaredError(...none: unknown[]): ModelMetric {
  return meanOf("mse", "meanSquaredError", none, (error) => error * error);
}

/**
 * Square root of the mean of (prediction - target)² over all elements, in the targets' unit; the
 * metric's name is rmse. The mean is over all outputs, as in Keras (scikit-learn takes the mean of the
 * outputs' roots). It is computed in float64. The result is NaN if nothing was counted, or a prediction
 * or target was NaN.
 * @throws TypeError for an argument
 * @throws RangeError from counting, unless there is a target for each prediction
 * @example
 * rootMeanSquaredError().of({ data: [2.5, 0, 2, 8], shape: [4, 1] }, [3, -0.5, 2, 7]); // 0.6124
 */
export function rootMeanSquaredError(): ModelMetric;
export function rootMeanSquaredError(...none: unknown[]): ModelMetric {
  return meanOf("rmse", "rootMeanSquaredError", none, (error) => error * error, Math.sqrt);
}

/**
 * Mean of 100 |prediction - target| / |target| over all elements, in percent as in Keras (scikit-learn
 * leaves out the 100); the metric's name is mape, as that of the loss. Targets smaller than 1e-7 count
 * as 1e-7. It is computed in float64. The result is NaN if nothing was counted, or a prediction or
 * target was NaN.
 * @throws TypeError for an argument
 * @throws RangeError from counting, unless there is a target for each prediction
 * @example
 * meanAbsolutePercentageError().of({ data: [90, 22], shape: [2, 1] }, [100, 20]); // 10
 */
export function meanAbsolutePercentageError(): ModelMetric;
export function meanAbsolutePercentageError(...none: unknown[]): ModelMetric {
  return meanOf("mape", "meanAbsolutePercentageError", none, (error, target) => {
    return (100 * Math.abs(error)) / Math.max(LEAST_TARGET, Math.abs(target));
  });
}

/** Sums of one output. */
interface Output {
  /** The first target, which the others are counted from: large ones lose no digits then. */
  readonly first: number;
  /** Mean of the targets so far, from the first on. */
  mean: number;
  /** Sum of the squared differences of the targets from their mean. */
  spread: number;
  /** Sum of the squared errors. */
  error: number;
}

/**
 * Counts an output's target, with the spread in one pass (Welford 1962).
 * @param count number of targets, this one included
 */
function countTarget(output: Output, score: number, target: number, count: number): void {
  const distance = target - output.first;
  const difference = distance - output.mean;
  output.mean += difference / count;
  output.spread += difference * (distance - output.mean);
  const error = score - target;
  output.error += error * error;
}

/** Returns 1 - error / spread; where all targets are equal, 1 for no error and else 0. */
function determination({ error, spread }: Output): number {
  if (spread === 0 && error === 0) return 1;
  return spread === 0 && error > 0 ? 0 : 1 - error / spread;
}

/**
 * Coefficient of determination R² = 1 - Σ (target - prediction)² / Σ (target - mean of the targets)²:
 * 1 is the best, 0 is what the mean of the targets would get, and there is no least. The metric's name
 * is r2. As in scikit-learn, the result is the mean over the outputs, which are the columns of the last
 * axis, and an output whose targets are all equal counts 1 if its predictions are exact and else 0. It
 * is computed in float64. The result is NaN if fewer than 2 rows were counted, or a prediction or
 * target was NaN.
 * @throws TypeError for an argument
 * @throws RangeError from counting, unless there is a target for each prediction, and all batches have
 *   the same columns
 * @example
 * r2Score().of({ data: [2.5, 0, 2, 8], shape: [4, 1] }, [3, -0.5, 2, 7]); // 0.9486
 */
export function r2Score(): ModelMetric;
export function r2Score(...none: unknown[]): ModelMetric {
  checkArguments("r2Score", none);
  const create = () => {
    const outputs: Output[] = [];
    let count = 0;
    return {
      count({ rows, cols, scores, targets }: Batch) {
        if (count > 0 && outputs.length !== cols) {
          const came = `${outputs.length} before, now ${cols}`;
          throw new RangeError(`r2: expected batches with the same columns, got ${came}`);
        }
        for (let j = outputs.length; j < cols && rows > 0; j++) {
          outputs.push({ first: targets[j]!, mean: 0, spread: 0, error: 0 });
        }
        for (let i = 0; i < rows; i++) {
          count++;
          for (let j = 0; j < cols; j++) {
            countTarget(outputs[j]!, scores[i * cols + j]!, targets[i * cols + j]!, count);
          }
        }
      },
      result: () =>
        count < 2
          ? NaN
          : outputs.reduce((sum, output) => sum + determination(output), 0) / outputs.length,
    };
  };
  return metric("r2", call("r2Score"), create, readNumbers);
}
