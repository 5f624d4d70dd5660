import { type Rule, check, describeValue, oneOf, whole } from "../base/arguments.ts";
import { IGNORE_INDEX, rowsOf } from "../base/labels.ts";
import { type Shape, checkShape, describe } from "../base/shape.ts";
import { immutable } from "../base/printable.ts";

/**
 * Predictions of a batch, [examples, ...]: the output of the last layer. The last axis of several
 * holds the classes or columns of a row: [batch, time, classes] are batch · time rows.
 */
export interface PredictedBatch {
  /** Row-major, as many numbers as the shape has. */
  readonly data: ArrayLike<number>;
  /** [examples, ...]. */
  readonly shape: Shape;
  /** Predictions above it are a yes, if the model's loss defines a threshold: 0 for logits. */
  readonly threshold?: number;
}

/** Targets of a batch: class indices, or as many numbers as there are predictions. */
export interface TargetBatch {
  /** One class index for each row, or one number for each prediction. */
  readonly data: ArrayLike<number>;
  /** Kind of the numbers in `data`. */
  readonly kind: "classes" | "values";
  /** Class index of the rows that do not count; -100 by default, as in crossEntropy. */
  readonly ignoreIndex?: number;
}

/**
 * Running count of a metric. Batches are counted one after the other; their sizes do not matter.
 */
export interface MetricState<Result = number> {
  /**
   * Counts a batch.
   * @throws RangeError if the targets do not fit the predictions; nothing is counted then
   * @example
   * const state = f1().create();
   * state.update({ data: [0.9, 0.2], shape: [2, 1] }, { data: [1, 1], kind: "values" });
   * state.result(); // 0.6667
   */
  update(prediction: PredictedBatch, target: TargetBatch): void;
  /**
   * Returns the metric of all batches so far.
   * @example
   * const state = recall().create();
   * state.update({ data: [0.9, 0.2], shape: [2, 1] }, { data: [1, 1], kind: "values" });
   * state.result(); // 0.5
   */
  result(): Result;
}

/** Measure of predictions. It is pure data: counts are kept in the states that it makes. */
export interface ModelMetric<Result = number> {
  /** Name of its result: `f1`. */
  readonly name: string;
  /**
   * Starts a count with nothing in it.
   * @example
   * const state = precision().create();
   * state.update({ data: [0.9, 0.6], shape: [2, 1] }, { data: [1, 0], kind: "values" });
   * state.result(); // 0.5
   */
  create(): MetricState<Result>;
  /**
   * Returns the metric of given predictions, such as those of `model.predict`.
   * @param targets class indices, one for each row (not a Float32Array), or numbers, one for each
   * prediction
   * @param ignoreIndex class index of the rows that do not count; -100 by default
   * @throws RangeError if the targets do not fit the predictions
   * @example
   * f1({ average: "macro" }).of(model.predict(test.x), test.y); // 0.05729
   */
  of(predictions: PredictedBatch, targets: ArrayLike<number>, ignoreIndex?: number): Result;
}

/** Rows that count of a batch whose targets fit its predictions. */
export interface Batch {
  readonly rows: number;
  /** Number of predictions of one row. */
  readonly cols: number;
  readonly scores: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  /**
   * True if targets are class indices, one for each row; false if they are numbers, one for each
   * score.
   */
  readonly byClass: boolean;
  /** Scores above it are a yes, unless the metric was given a threshold of its own. */
  readonly threshold: number;
}

/**
 * Makes a metric from its counting of batches.
 * @param text the call that made it
 * @param read checks a batch; one of its own takes other targets than class indices or numbers
 */
export function metric<Result>(
  name: string,
  text: string,
  create: () => { count(batch: Batch): void; result(): Result },
  read: typeof readBatch = readBatch,
): ModelMetric<Result> {
  const start = (): MetricState<Result> => {
    const state = create();
    return {
      update(prediction, target) {
        state.count(read(name, prediction, target));
      },
      result: () => state.result(),
    };
  };
  return immutable<ModelMetric<Result>>(
    {
      name,
      create: start,
      of(predictions, data, ignoreIndex = IGNORE_INDEX) {
        const state = start();
        checkNumbers(name, "targets", data);
        checkPredictions(name, predictions);
        const [rows] = rowsOf(predictions.shape);
        const isRow = data.length === rows && !(data instanceof Float32Array);
        state.update(predictions, { data, kind: isRow ? "classes" : "values", ignoreIndex });
        return state.result();
      },
    },
    text,
  );
}

/** @throws TypeError unless the data is an array or another list of numbers */
function checkNumbers(
  name: string,
  what: string,
  data: unknown,
): asserts data is ArrayLike<number> {
  const isList = (value: unknown): boolean =>
    typeof value === "object" && typeof (value as ArrayLike<number> | null)?.length === "number";
  check(name, what, data, { expected: "an array of numbers", is: isList });
}

/** @throws TypeError or RangeError unless the predictions are numbers and a shape */
function checkPredictions(name: string, predictions: PredictedBatch): void {
  checkNumbers(name, "predictions.data", predictions?.data);
  checkShape(`${name}: predictions`, predictions.shape);
}

/** @throws RangeError naming the metric if the numbers do not fit each other */
export function readBatch(name: string, predictions: PredictedBatch, target: TargetBatch): Batch {
  checkPredictions(name, predictions);
  checkNumbers(name, "target.data", target?.data);
  check(name, "target.kind", target.kind, oneOf("classes", "values"));
  const { data: scores, shape, threshold = 0.5 } = predictions;
  const [rows, cols] = rowsOf(shape);
  if (shape.length === 0 || scores.length !== rows * cols) {
    const came = `${scores.length} numbers for shape ${describe(shape)}`;
    throw new RangeError(`${name}: expected predictions [examples, ...], got ${came}`);
  }
  // With one column, the class indices 0 and 1 are also the target values.
  const byClass = target.kind === "classes" && cols !== 1;
  const { data: targets, ignoreIndex = IGNORE_INDEX } = target;
  check(name, "target.ignoreIndex", ignoreIndex, whole(-(2 ** 31)));
  const wanted = byClass ? rows : rows * cols;
  if (targets.length !== wanted) {
    const what = byClass ? "class indices" : "targets";
    const expected = `${wanted} ${what} for predictions ${describe(shape)}`;
    throw new RangeError(`${name}: expected ${expected}, got ${targets.length}`);
  }
  const batch = { rows, cols, scores, targets, byClass, threshold };
  if (target.kind === "values") return batch;
  if (byClass) checkClasses(name, targets, cols, ignoreIndex);
  return Array.prototype.includes.call(targets, ignoreIndex) ? kept(batch, ignoreIndex) : batch;
}

/** Returns the rows of a batch whose labels count. */
function kept(batch: Batch, ignoreIndex: number): Batch {
  const { cols } = batch;
  const labels = Array.from(batch.targets);
  const places = labels.flatMap((label, i) => (label === ignoreIndex ? [] : [i]));
  const scores = new Float64Array(places.length * cols);
  places.forEach((place, i) => {
    for (let j = 0; j < cols; j++) scores[i * cols + j] = batch.scores[place * cols + j]!;
  });
  const targets = places.map((place) => labels[place]!);
  return { ...batch, rows: places.length, scores, targets };
}

function checkClasses(
  name: string,
  labels: ArrayLike<number>,
  classes: number,
  ignoreIndex: number,
): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label === ignoreIndex) continue;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    const expected = `class indices from 0 to ${classes - 1}`;
    throw new RangeError(`${name}: expected ${expected}, got ${describeValue(label)} at ${i}`);
  }
}

/**
 * Returns the index of the first largest element of a row, which is the predicted class, or -1 if
 * an element is NaN: such a row has no class, and counts as wrong.
 */
export function argmax(values: ArrayLike<number>, row: number, cols: number): number {
  const start = row * cols;
  let best = 0;
  for (let j = 0; j < cols; j++) {
    const value = values[start + j]!;
    if (Number.isNaN(value)) return -1;
    if (value > values[start + best]!) best = j;
  }
  return best;
}

/** Returns the true class of a row: its class index, or the index of its largest target, or -1. */
export function classOf({ targets, byClass, cols }: Batch, row: number): number {
  return byClass ? targets[row]! : argmax(targets, row, cols);
}

/**
 * Returns true if an element should be a yes: its target is above 0.5, or its column is the class.
 */
export function isPositive({ targets, byClass, cols }: Batch, at: number): boolean {
  if (!byClass) return targets[at]! > 0.5;
  return targets[Math.floor(at / cols)] === at % cols;
}

/** Returns true if an element's prediction or target is NaN, so that it counts as wrong. */
export function hasNaN({ scores, targets, byClass }: Batch, at: number): boolean {
  return Number.isNaN(scores[at]) || (!byClass && Number.isNaN(targets[at]));
}

/** Option of metrics that divide predictions into yes and no. */
export interface ThresholdOption {
  /**
   * Predictions above it are a yes. By default a model uses its loss's threshold: 0 for
   * bceWithLogits, which takes logits, and 0.5 for others, as in Keras.
   */
  readonly threshold?: number;
}

/** Rule for a threshold: any number but NaN. No prediction is above Infinity. */
export const threshold = (): Rule => ({
  expected: "a number",
  is: (value) => typeof value === "number",
  allows: (value) => !Number.isNaN(value),
});
