import { check, checkOptions, finite, numberFrom, oneOf } from "../base/arguments.ts";
import { immutable } from "../base/printable.ts";
import type { Node } from "../graph/node.ts";
import { add, div, sub } from "../graph/ops/binary.ts";
import { equal, notEqual, where } from "../graph/ops/compare.ts";
import { concat, slice } from "../graph/ops/shape.ts";
import { fitted } from "../initializers.ts";
import {
  type Feature,
  type Features,
  type FittingData,
  checkFeatures,
  featuresOf,
} from "./features.ts";
import type { Layer, LayerGraph } from "./layer.ts";

/** Returns the sum of some terms. */
function sum(terms: Float64Array, term: (value: number) => number): number {
  let total = 0;
  for (const value of terms) total += term(value);
  return total;
}

/** Numbers that scale a feature: (x - offset) / scale. */
type Scale = readonly [offset: number, scale: number];

/** Returns offset and scale of each feature: those of numbers are fitted, others stay as they are. */
function scalesOf(
  { features, numbersOf, isFitted }: Features,
  fit: (values: Float64Array) => Scale,
): Scale[] {
  return features.map(({ kind }, i) =>
    isFitted && kind === "number" ? fit(numbersOf(i)) : [0, 1],
  );
}

/** Makes a layer that subtracts one buffer from its input and divides by another. */
function scaling(
  kind: string,
  names: readonly [offset: string, scale: string],
  data: FittingData,
  fit: (values: Float64Array) => Scale,
): Layer {
  const known = featuresOf(kind, data);
  const scales = scalesOf(known, fit);
  const width = known.features.length;
  const label = `${kind}(${width})`;
  const buffer = (g: LayerGraph, i: 0 | 1): Node =>
    g.buffer(names[i], [width], fitted(scales.map((scale) => scale[i])));
  return immutable<Layer>(
    {
      kind,
      label,
      record(g, x) {
        checkFeatures(g, kind, x, known.features);
        return div(g, sub(g, x, buffer(g, 0)), buffer(g, 1));
      },
    },
    label,
  );
}

/** The largest number of float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Returns a divisor that float32 has: 1 for 0, which that of a constant feature is. */
function divisor(value: number): number {
  return Math.fround(value) || 1;
}

/**
 * Makes features of mean 0 and deviation 1, by those of the training data, as Keras's Normalization does: (x - mean) /
 * deviation, the deviation being that of the population (divided by n). A constant feature becomes 0. Missing
 * numbers (NaN) do not count and stay missing; categories stay as they are.
 *
 * Mean and deviation are buffers: they are saved with the weights, and prediction applies them. They are computed in
 * float64, the deviation in a second pass.
 * @param data training part: a table, or { x, shape }. The last axis of an example has the features
 * @throws TypeError unless it is such an object
 * @throws RangeError if x does not hold examples of its shape, a number is infinite, or a feature has none
 * @example
 * const net = sequential([standardize(train), dense(64, { activation: "relu" }), dense(10)]);
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
 */
export function standardize(data: FittingData): Layer {
  return scaling("standardize", ["mean", "deviation"], data, (values) => {
    const count = values.length;
    const mean = sum(values, (value) => value) / count;
    const squares = sum(values, (value) => (value - mean) * (value - mean));
    // What rounding of the mean adds (Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance").
    const rest = sum(values, (value) => value - mean);
    return [mean, divisor(Math.sqrt(Math.max(0, squares - (rest * rest) / count) / count))];
  });
}

/**
 * Makes features go from 0 to 1 over the training data: (x - minimum) / range. A constant feature becomes 0; numbers
 * that training has not seen may be below 0 or above 1. Missing numbers (NaN) do not count and stay missing;
 * categories stay as they are. Minimum and range are buffers, as with standardize.
 * @param data training part: a table, or { x, shape }. The last axis of an example has the features
 * @throws TypeError and RangeError as standardize, and RangeError if a range is beyond float32
 * @example
 * const net = sequential([minMax(train), dense(64, { activation: "relu" }), dense(10)]);
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer: adam() });
 */
export function minMax(data: FittingData): Layer {
  return scaling("minMax", ["minimum", "range"], data, (values) => {
    const minimum = values.reduce((least, value) => Math.min(least, value));
    const range = values.reduce((most, value) => Math.max(most, value)) - minimum;
    check("minMax", "the range of a feature", range, numberFrom(0, LARGEST));
    return [minimum, divisor(range)];
  });
}

/** Options of impute. */
export interface ImputeOptions {
  /**
   * Replacement of a missing number: "mean", the default, "median" or "mostFrequent" of the training data, or
   * "constant". "mostFrequent" replaces missing categories, too.
   */
  readonly strategy?: "mean" | "median" | "mostFrequent" | "constant";
  /** The number for "constant"; 0 by default. */
  readonly value?: number;
}

/** Returns the middle of the numbers, or the mean of the two in the middle. */
function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/** Returns the number that is there most often, the smallest of several. */
function mostFrequent(values: Float64Array): number {
  const sorted = values.toSorted();
  let [best, most, start] = [sorted[0]!, 0, 0];
  for (let end = 1; end <= sorted.length; end++) {
    if (sorted[end] === sorted[start]) continue;
    if (end - start > most) [best, most] = [sorted[start]!, end - start];
    start = end;
  }
  return best;
}

const strategies = {
  mean: (values: Float64Array) => sum(values, (value) => value) / values.length,
  median,
  mostFrequent,
};

/**
 * Replaces missing numbers (NaN) by the mean, the median or the most frequent number of their feature in the training
 * data, or by a constant, as scikit-learn's SimpleImputer does. Missing categories stay missing, which oneHot knows,
 * except with "mostFrequent". Of several most frequent numbers the smallest is taken.
 *
 * The numbers are a buffer, as with standardize. A model compiled with `checkFinite` refuses missing numbers.
 * @param data training part: a table, or { x, shape }. The last axis of an example has the features
 * @throws TypeError as standardize, or if an option is of another type
 * @throws RangeError as standardize, or if an option is out of range
 * @example
 * const text = "age,fare,lived\n22,7.25,no\n,71.5,yes\n26,7.5,yes\n";
 * const people = await table(text, { target: "lived" });
 * const net = sequential([impute(people), standardize(people), dense(2)]);
 * engine.compile(net, { inputShape: [2], loss: crossEntropy(), optimizer: adam() });
 */
export function impute(data: FittingData, options: ImputeOptions = {}): Layer {
  const chosen = checkOptions("impute", options, {
    strategy: oneOf("mean", "median", "mostFrequent", "constant"),
    value: finite(),
  });
  const { strategy = "mean", value = 0 } = chosen;
  if (strategy !== "constant" && chosen.value !== undefined) {
    throw new RangeError(`impute: expected no value with strategy "${strategy}", got ${value}`);
  }
  const { features, numbersOf, isFitted } = featuresOf("impute", data);
  const isFilled = ({ kind }: Feature): boolean =>
    kind === "number" || (kind === "category" && strategy === "mostFrequent");
  const values = features.map((feature, i) => {
    if (strategy === "constant") return value;
    return isFitted && isFilled(feature) ? strategies[strategy](numbersOf(i)) : 0;
  });
  const kept = Float32Array.from(features, (feature) => (isFilled(feature) ? 0 : 1));
  const label = `impute(${features.length}, ${strategy})`;
  return immutable<Layer>(
    {
      kind: "impute",
      label,
      record(g, x) {
        checkFeatures(g, "impute", x, features);
        const known = equal(g, x, x);
        const isKept = kept.includes(1) ? add(g, known, g.constant(kept)) : known;
        return where(g, isKept, x, g.buffer("value", [features.length], fitted(values)));
      },
    },
    label,
  );
}

/** Options of oneHot. */
export interface OneHotOptions {
  /** "zeros", the default, to have 0 in all columns of a missing category; "column" to give it a column of its own. */
  readonly missing?: "zeros" | "column";
}

/**
 * Replaces the index of a category by a column for each category, with 1 for the one that it is. Numbers and the order
 * of the columns stay. A missing category (NaN) has zeros, or a last column of its own. As it changes the number
 * of features, it comes behind impute, standardize and minMax.
 * @param data table, or the description of its columns, of which at least one has categories
 * @throws TypeError unless it is such an object, or if an option is of another type
 * @throws RangeError if no column has categories, or an option is out of range
 * @example
 * const flowers = await table("size,colour\n1.5,red\n2,blue\n,red\n");
 * const net = sequential([impute(flowers), oneHot(flowers), dense(1)]); // three features for dense
 * engine.compile(net, { inputShape: [2], loss: mse(), optimizer: adam() });
 */
export function oneHot(data: FittingData, options: OneHotOptions = {}): Layer {
  const { missing = "zeros" } = checkOptions("oneHot", options, {
    missing: oneOf("zeros", "column"),
  });
  const { features } = featuresOf("oneHot", data);
  if (!features.some(({ kind }) => kind === "category")) {
    const names = features.slice(0, 3).map(({ name }) => name);
    throw new RangeError(
      `oneHot: expected a column of categories, got numbers alone: ${names.join(", ")}`,
    );
  }
  const label = `oneHot(${features.length})`;
  return immutable<Layer>(
    {
      kind: "oneHot",
      label,
      record(g, x) {
        checkFeatures(g, "oneHot", x, features);
        const parts = runsOf(features).flatMap(([from, to]) => {
          const part = columns(g, x, from, to);
          const { kind, categories } = features[from]!;
          if (kind !== "category") return [part];
          const indices = g.constant(Float32Array.from({ length: categories }, (_, i) => i));
          const columnOfMissing = missing === "column" ? [notEqual(g, part, part)] : [];
          return [equal(g, part, indices), ...columnOfMissing];
        });
        return concat(g, parts);
      },
    },
    label,
  );
}

/** Returns features from one place to another, along the last axis. */
function columns(g: LayerGraph, x: Node, from: number, to: number): Node {
  const before = new Array<undefined>(x.shape.length - 1).fill(undefined);
  return slice(g, x, [...before, from], [...before, to]);
}

/** Returns where each category is, and where runs of other features are. */
function runsOf(features: readonly Feature[]): (readonly [from: number, to: number])[] {
  const isCategory = (i: number): boolean => features[i]!.kind === "category";
  const starts = features.flatMap((_, i) =>
    i === 0 || isCategory(i) || isCategory(i - 1) ? [i] : [],
  );
  return starts.map((from, i) => [from, starts[i + 1] ?? features.length]);
}
