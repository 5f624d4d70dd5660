import { checkOptions, oneOf } from "../base/arguments.ts";
import { call } from "../base/printable.ts";
import { type Batch, type ModelMetric, type ThresholdOption, metric } from "./metric.ts";
import { argmax, classOf, hasNaN, isPositive, threshold as thresholdRule } from "./metric.ts";

/** Options of precision, recall and f1. */
export interface AverageOptions extends ThresholdOption {
  /**
   * Way to combine the counts, as in scikit-learn:
   * - "binary", the default: every element is a yes or a no by the threshold, and all are counted
   *   together;
   * - "macro": the class of each example is its largest prediction, and the result is the mean over
   *   the classes that occur in the targets or the predictions;
   * - "micro": classes as for "macro", with all of them counted together.
   *
   * NaN always counts as wrong. In "binary", an element whose prediction is NaN counts as predicted
   * wrong. One whose target is NaN counts as if the opposite of the prediction had been the target.
   * With classes, an example with a NaN among its predictions is a miss of its true class, and a
   * false positive that the other classes share. One with a NaN among its targets is a false
   * positive of its predicted class, and a miss that the other classes share.
   */
  readonly average?: "binary" | "macro" | "micro";
}

/** Numbers of true positives, false positives and false negatives of one class. */
interface Counts {
  hits: number;
  falsePositives: number;
  misses: number;
}

type Ratio = (counts: Counts) => number;

/** Returns part / whole, or 0 if the whole is 0, as in scikit-learn and Keras. */
function quotient(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

const ratios = {
  Precision: ({ hits, falsePositives }: Counts) => quotient(hits, hits + falsePositives),
  Recall: ({ hits, misses }: Counts) => quotient(hits, hits + misses),
  F1: ({ hits, falsePositives, misses }: Counts) =>
    quotient(2 * hits, 2 * hits + falsePositives + misses),
} as const satisfies Record<string, Ratio>;

/** Returns the counts of a class, and makes them at first. */
function countsOf(classes: Map<number, Counts>, label: number): Counts {
  let counts = classes.get(label);
  if (!counts) classes.set(label, (counts = { hits: 0, falsePositives: 0, misses: 0 }));
  return counts;
}

/** Counts yes and no as the single class 1. */
function countBinary(classes: Map<number, Counts>, batch: Batch, own?: number): void {
  const counts = countsOf(classes, 1);
  const { scores } = batch;
  const threshold = own ?? batch.threshold;
  for (let i = 0; i < scores.length; i++) {
    const says = scores[i]! > threshold;
    const isTrue = isPositive(batch, i);
    const isLost = Number.isNaN(scores[i]) ? isTrue : !says;
    if (hasNaN(batch, i)) counts[isLost ? "misses" : "falsePositives"]++;
    else if (isTrue) counts[says ? "hits" : "misses"]++;
    else if (says) counts.falsePositives++;
  }
}

/** Adds 1, divided equally, to a count of every class but one. */
function share(
  classes: Map<number, Counts>,
  cols: number,
  count: "misses" | "falsePositives",
  but: number,
): void {
  for (let label = 0; label < cols; label++) {
    if (label !== but) countsOf(classes, label)[count] += 1 / (but >= 0 ? cols - 1 : cols);
  }
}

/**
 * Counts the classes of examples. Each wrong example is one miss and one false positive, NaN or
 * not, so that "micro" is the accuracy.
 * @throws RangeError if there are fewer than 2 classes
 */
function countClasses(classes: Map<number, Counts>, batch: Batch, name: string): void {
  const { rows, cols, scores } = batch;
  if (cols < 2) {
    throw new RangeError(`${name}: expected predictions of at least 2 classes, got ${cols}`);
  }
  for (let i = 0; i < rows; i++) {
    const [truth, says] = [classOf(batch, i), argmax(scores, i, cols)];
    if (truth === says && truth >= 0) countsOf(classes, truth).hits++;
    else {
      if (truth >= 0) countsOf(classes, truth).misses++;
      else share(classes, cols, "misses", says);
      if (says >= 0) countsOf(classes, says).falsePositives++;
      else share(classes, cols, "falsePositives", truth);
    }
  }
}

/** Returns the sum of the counts of all classes. */
function together(classes: Iterable<Counts>): Counts {
  const all = { hits: 0, falsePositives: 0, misses: 0 };
  for (const { hits, falsePositives, misses } of classes) {
    all.hits += hits;
    all.falsePositives += falsePositives;
    all.misses += misses;
  }
  return all;
}

/**
 * Returns the mean over classes, lowest first, so that its bits do not depend on the order of
 * batches.
 */
function meanOver(classes: ReadonlyMap<number, Counts>, ratio: Ratio): number {
  const labels = [...classes.keys()].sort((a, b) => a - b);
  const sum = labels.reduce((total, label) => total + ratio(classes.get(label)!), 0);
  return quotient(sum, labels.length);
}

function ratioMetric(title: keyof typeof ratios, options: AverageOptions): ModelMetric {
  const plain = title.toLowerCase();
  const rules = { average: oneOf("binary", "macro", "micro"), threshold: thresholdRule() };
  const chosen = checkOptions(plain, options, rules);
  const { average = "binary", threshold } = chosen;
  if (average !== "binary" && threshold !== undefined) {
    throw new RangeError(
      `${plain}: expected no threshold for average "${average}", got ${threshold}`,
    );
  }
  const name = average === "binary" ? plain : `${average}${title}`;
  const ratio: Ratio = ratios[title];
  return metric(name, call(plain, chosen), () => {
    const classes = new Map<number, Counts>();
    return {
      count(batch) {
        if (average === "binary") countBinary(classes, batch, threshold);
        else countClasses(classes, batch, name);
      },
      result: () =>
        average === "macro" ? meanOver(classes, ratio) : ratio(together(classes.values())),
    };
  });
}

/**
 * True positives divided by all predicted positives, 0 to 1; 0 if there are none. The metric's name
 * is precision, macroPrecision or microPrecision, depending on the average.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown average or option, or for a threshold with "macro" or "micro"
 * @example
 * const scores = { data: [0.9, 0.6, 0.2, 0.4], shape: [4, 1] };
 * precision().of(scores, [1, 0, 0, 1]); // 0.5
 */
export function precision(options: AverageOptions = {}): ModelMetric {
  return ratioMetric("Precision", options);
}

/**
 * True positives divided by all actual positives, 0 to 1; 0 if there are none. The metric's name is
 * recall, macroRecall or microRecall, depending on the average.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown average or option, or for a threshold with "macro" or "micro"
 * @example
 * const scores = { data: [0.9, 0.6, 0.2, 0.4], shape: [4, 1] };
 * recall({ threshold: 0.3 }).of(scores, [1, 0, 0, 1]); // 1
 */
export function recall(options: AverageOptions = {}): ModelMetric {
  return ratioMetric("Recall", options);
}

/**
 * Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); 0 if all three counts are 0. The
 * metric's name is f1, macroF1 (the mean of the classes' f1) or microF1, depending on the average.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown average or option, or for a threshold with "macro" or "micro"
 * @example
 * const scores = { data: [0.9, 0.6, 0.2, 0.4], shape: [4, 1] };
 * f1().of(scores, [1, 0, 0, 1]); // 0.5
 */
export function f1(options: AverageOptions = {}): ModelMetric {
  return ratioMetric("F1", options);
}
