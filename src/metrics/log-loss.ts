import { checkOptions, flag } from "../base/arguments.ts";
import { exp, log } from "../base/portable-math.ts";
import { call } from "../base/printable.ts";
import { checkProbabilities, crossEntropyOf } from "./cross-entropy.ts";
import { type Batch, type ModelMetric, metric } from "./metric.ts";

/** Options of logLoss. */
export interface LogLossOptions {
  /**
   * True if predictions are logits, such as those of models that crossEntropy or bceWithLogits trains;
   * false, the default, if they are probabilities, as in Keras and scikit-learn.
   */
  readonly fromLogits?: boolean;
}

/** Least probability, and the least distance from 1: the epsilon of float64, as in scikit-learn. */
const EPSILON = 2 ** -52;

const clip = (p: number): number => Math.min(Math.max(p, EPSILON), 1 - EPSILON);

/** log(1 + x) for x >= 0, to the last digits where x is small (Kahan). */
function log1p(x: number): number {
  const sum = 1 + x;
  return sum === 1 ? x : (log(sum) * x) / (sum - 1);
}

/** Returns log(1 + e^x) - t · x: the loss of a yes or no with logit x. */
function ofLogit(x: number, target: number): number {
  if (x === Infinity) return target === 1 ? 0 : Infinity;
  if (x === -Infinity) return target === 0 ? 0 : Infinity;
  return Math.max(x, 0) - x * target + log1p(exp(-Math.abs(x)));
}

function ofProbability(p: number, target: number): number {
  const kept = clip(p);
  return -(target * log(kept) + (1 - target) * log(1 - kept));
}

/** Returns -Σ t log p of a row; NaN if one of its predictions or targets is. */
function ofRow({ scores, targets, byClass, cols }: Batch, row: number): number {
  let total = 0;
  for (let j = 0; j < cols; j++) {
    const at = row * cols + j;
    const p = clip(scores[at]!);
    const target = byClass ? Number(j === targets[row]) : targets[at]!;
    // The logarithm is slow, and most targets of a row are 0.
    if (target !== 0 || Number.isNaN(p)) total -= target * log(p);
  }
  return total;
}

/** @throws RangeError for a number that is not from 0 to 1; NaN is no fault, it makes the result NaN */
function checkUnit(what: string, data: ArrayLike<number>): void {
  for (let i = 0; i < data.length; i++) {
    if (!(data[i]! < 0 || data[i]! > 1)) continue;
    throw new RangeError(`logLoss: expected ${what}, got ${data[i]} at ${i}`);
  }
}

/** @throws RangeError unless targets, and predictions that are no logits, are probabilities */
function checkBatch(batch: Batch, fromLogits: boolean): void {
  const { scores, targets, byClass, cols } = batch;
  const expected = "probabilities (for logits, set fromLogits: true)";
  if (cols === 1) {
    checkUnit("targets from 0 to 1", targets);
    if (!fromLogits) checkUnit(expected, scores);
    return;
  }
  if (!byClass) {
    const wanted = "class indices, or targets that add up to 1";
    checkProbabilities("logLoss", wanted, targets, cols);
  }
  if (!fromLogits) {
    const wanted = `${expected} that add up to 1`;
    checkProbabilities("logLoss", wanted, scores, cols);
  }
}

/**
 * Logarithmic loss: the mean of -Σ t log p over the rows that count, in nats, where t are the targets of
 * a row and p its predicted probabilities [batch, ..., classes]. A single column is the probability of
 * yes, whose target is 0, 1 or between. Label smoothing, class weights and penalties of the model's loss
 * have no part in it. Probabilities are clipped to [2^-52, 1 - 2^-52], as scikit-learn's log_loss does
 * in float64; logits need no clipping. It is computed in float64. The result is NaN if nothing was
 * counted, or a prediction or target was NaN.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown option; from counting, if targets are neither class indices nor
 *   probabilities, or predictions are to be probabilities and are none: each from 0 to 1, and several
 *   columns add up to 1 in each row, within 0.001
 * @example
 * const yes = { data: [0.1, 0.9, 0.8, 0.35], shape: [4, 1] };
 * logLoss().of(yes, [0, 1, 1, 0]); // 0.2162
 */
export function logLoss(options: LogLossOptions = {}): ModelMetric {
  const chosen = checkOptions("logLoss", options, { fromLogits: flag() });
  const { fromLogits = false } = chosen;
  const ofOne = fromLogits ? ofLogit : ofProbability;
  const ofSeveral = fromLogits ? crossEntropyOf : ofRow;
  return metric("logLoss", call("logLoss", chosen), () => {
    let total = 0;
    let count = 0;
    return {
      count(batch) {
        checkBatch(batch, fromLogits);
        const { rows, cols, scores, targets } = batch;
        for (let i = 0; i < rows; i++) {
          total += cols === 1 ? ofOne(scores[i]!, targets[i]!) : ofSeveral(batch, i);
        }
        count += rows;
      },
      result: () => total / count,
    };
  });
}
