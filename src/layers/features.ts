import { describeValue } from "../base/arguments.ts";
import { type TableColumn, widthOf } from "../base/columns.ts";
import { describe, size } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import type { LayerGraph } from "./layer.ts";

/** Examples that a layer takes its numbers from: a table, what other readers return, or arrays of one's own. */
export interface FittingData {
  /** Examples, row-major; bytes count as 0 to 1. Without x, numbers are those of weights that are loaded. */
  readonly x?: Float32Array | Uint8Array | Int32Array;
  /** Shape of an example, whose last axis has the features; by default that of the columns. */
  readonly shape?: readonly number[];
  /** Columns of a table; without them all features are numbers. */
  readonly columns?: readonly TableColumn[];
}

/** One feature: an element of the last axis. */
export interface Feature {
  /** Its name for errors: `"age"`, or `feature 0`. */
  readonly name: string;
  /** "number", "category" for an index, or "one-hot" for one column of a category. */
  readonly kind: TableColumn["kind"] | "one-hot";
  /** Number of categories. */
  readonly categories: number;
}

/** Features of examples, and their numbers. */
export interface Features {
  readonly features: readonly Feature[];
  /** Returns the numbers of a feature in the order of the examples, without those that are missing. */
  readonly numbersOf: (feature: number) => Float64Array;
  /** True if there are examples. */
  readonly isFitted: boolean;
}

/** Factor of bytes, which models have by default, too. */
const BYTE_SCALE = 1 / 255;

/**
 * Returns the features of examples.
 * @throws TypeError unless data has x, a shape or columns; RangeError if these do not fit each other, or a number is
 *   infinite
 */
export function featuresOf(who: string, data: FittingData): Features {
  const { x, shape, columns } = Object(data) as FittingData;
  const isArray = [Float32Array, Uint8Array, Int32Array].some((type) => x instanceof type);
  const isShaped = [shape, columns].some((one) => Array.isArray(one));
  if (!isShaped || (x !== undefined && !isArray)) {
    const expected = "data to be a table, or an object of x and the shape of an example";
    throw new TypeError(`${who}: expected ${expected}, got ${describeValue(data)}`);
  }
  const named = columns?.flatMap(namedFeatures);
  const own = shape ?? [named!.length];
  const width = own.at(-1) ?? 0;
  if (!(width > 0) || (named && named.length !== width)) {
    const expected = named ? `${named.length} features as in columns` : "at least 1 feature";
    throw new RangeError(`${who}: expected ${expected}, got shape ${describe(own)}`);
  }
  if (x && (x.length === 0 || x.length % size(own) !== 0)) {
    const expected = `x to have whole examples of shape ${describe(own)}`;
    throw new RangeError(`${who}: expected ${expected}, got ${x.length} numbers`);
  }
  const features = named ?? Array.from({ length: width }, (_, i) => numberFeature(`feature ${i}`));
  const numbersOf = (feature: number): Float64Array => finiteNumbers(who, features, x!, feature);
  return { features, numbersOf, isFitted: x !== undefined };
}

function numberFeature(name: string): Feature {
  return { name, kind: "number", categories: 0 };
}

/** Returns the features that a column of a table has. */
function namedFeatures(column: TableColumn): Feature[] {
  const { kind, categories = [], oneHot } = column;
  const name = describeValue(column.name);
  const feature = { name, kind: oneHot ? "one-hot" : kind, categories: categories.length } as const;
  return new Array<Feature>(widthOf(column)).fill(feature);
}

function finiteNumbers(
  who: string,
  features: readonly Feature[],
  x: NonNullable<FittingData["x"]>,
  feature: number,
): Float64Array {
  const width = features.length;
  const scale = x instanceof Uint8Array ? BYTE_SCALE : 1;
  const values = new Float64Array(x.length / width);
  let known = 0;
  for (let i = feature; i < x.length; i += width) {
    const value = x[i]! * scale;
    if (Number.isNaN(value)) continue;
    if (!Number.isFinite(value)) {
      const where = `${features[feature]!.name}, row ${Math.floor(i / width)}`;
      throw new RangeError(`${who}: expected finite numbers or NaN, got ${value} in ${where}`);
    }
    values[known++] = value;
  }
  if (known > 0) return values.subarray(0, known);
  const { name } = features[feature]!;
  throw new RangeError(`${who}: expected a number in ${name}, got ${values.length} missing ones`);
}

/** @throws RangeError unless x has the features that the layer was made for */
export function checkFeatures(
  g: LayerGraph,
  op: string,
  { shape }: Node,
  features: readonly Feature[],
): void {
  if (shape.length >= 2 && shape.at(-1) === features.length) return;
  const names = features.slice(0, 3).map(({ name }) => name);
  const list = `${names.join(", ")}${features.length > names.length ? ", …" : ""}`;
  const expected = `the ${features.length} features of its data (${list})`;
  const hint = "oneHot, which changes their number, comes behind the layers that scale and impute";
  throw g.fail(op, `expected ${expected}, got ${describe(shape)}; ${hint}`);
}
