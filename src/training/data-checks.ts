import { check, describeValue, instance, oneOf } from "../base/arguments.ts";
import { type Shape, describe, size } from "../base/shape.ts";
import type { Loss } from "../losses.ts";
import { Tensor } from "../wasm/tensor.ts";
import type { Dataset } from "./options.ts";
import type { Features, NamedFeatures, TargetKind, Targets } from "../compile/options.ts";
import type { InputSpec, LayerRange } from "../compile/parameters.ts";

/** Returns the numbers of a tensor or an array. */
export function numbers<T>(value: T | Tensor): T | Float32Array {
  return value instanceof Tensor ? value.data : value;
}

/** Fields of a data set: x and y, and those of LabelledData and Table that describe the two. */
const FIELDS = [
  ...["x", "y", "sampleWeights", "count", "shape", "classes"],
  ...["columns", "target", "classNames"],
];

/**
 * Checks the fields of a data set. Passing x and y one by one, as in Keras, is refused.
 * @throws TypeError for an array or a tensor, or no object at all, RangeError for an unknown field
 */
export function checkDataset(who: string, data: Dataset): void {
  const isArray = Array.isArray(data) || ArrayBuffer.isView(data) || data instanceof Tensor;
  if (typeof data !== "object" || data === null || isArray) {
    throw new TypeError(
      `${who}: expected data to be an object { x, y }, got ${describeValue(data)}`,
    );
  }
  for (const name of Object.keys(data)) check(who, "a field of data", name, oneOf(...FIELDS));
}

/**
 * Returns the inputs of a network, in its order.
 * @throws TypeError unless there is an array under every name, and no other
 */
export function listInputs(
  who: string,
  x: Features | NamedFeatures,
  inputs: readonly InputSpec[],
): readonly Features[] {
  const names = inputs.map(({ name }) => name);
  const isNamed = typeof x === "object" && x?.constructor === Object;
  const came = isNamed ? Object.keys(x) : undefined;
  const fits = came?.length === names.length && names.every((name) => came.includes(name));
  if (!fits) {
    const single = "a Float32Array, Uint8Array, Int32Array or a tensor";
    const expected = names.length === 1 ? single : `an object of arrays ${names.join(", ")}`;
    throw new TypeError(`${who}: expected x to be ${expected}, got ${describeValue(x)}`);
  }
  return names.map((name) => (x as NamedFeatures)[name]!);
}

/**
 * Returns the number of examples in an input.
 * @param features number of elements of one example, whose shape is `shape`
 * @throws TypeError if it is of another type, RangeError if it is not whole examples or is empty
 */
export function countExamples(
  who: string,
  name: string,
  x: Features,
  shape: Shape,
  features: number,
): number {
  const data = numbers(x);
  if (!(data instanceof Float32Array || data instanceof Uint8Array || data instanceof Int32Array)) {
    const expected = "a Float32Array, Uint8Array, Int32Array or a tensor";
    throw new TypeError(`${who}: expected ${name} to be ${expected}, got ${describeValue(x)}`);
  }
  if (x instanceof Tensor && size(x.shape.slice(1)) !== features) {
    const expected = `of shape [batch, ${shape.join(", ")}]`;
    throw new RangeError(`${who}: expected ${name} ${expected}, got ${describe(x.shape)}`);
  }
  if (data.length === 0) {
    throw new RangeError(`${who}: expected ${name} to hold examples, got an empty array`);
  }
  if (data.length % features !== 0) {
    const expected = `whole examples of ${features} features`;
    throw new RangeError(
      `${who}: expected ${name} to hold ${expected}, got ${data.length} numbers`,
    );
  }
  return data.length / features;
}

/** Lengths of the prediction for one example. */
export interface OutputSizes {
  /** Rows, which have a class index each. */
  readonly rows: number;
  /** Elements of a row. */
  readonly classes: number;
}

/**
 * Checks y for `count` examples of predictions of some sizes each, and returns the kind of its targets.
 * @throws TypeError if y is of another type, RangeError if its length fits neither reading, or a
 * class index is out of range
 */
export function checkTargets(
  who: string,
  y: Targets,
  count: number,
  { rows, classes }: OutputSizes,
  loss: Loss,
): TargetKind {
  const data = numbers(y);
  const isFloat = data instanceof Float32Array;
  if (!isFloat && !(data instanceof Int32Array) && !(data instanceof Uint8Array)) {
    const expected = "an Int32Array, Uint8Array, Float32Array or a tensor";
    throw new TypeError(`${who}: expected y to be ${expected}, got ${describeValue(y)}`);
  }
  const { takesClasses } = loss;
  const kind = takesClasses && !isFloat ? "classes" : "values";
  const perExample = kind === "classes" ? rows : rows * classes;
  const expected = count * perExample;
  if (data.length !== expected) {
    const each = `for each of ${count} examples`;
    const what =
      kind === "values"
        ? `numbers, ${perExample}`
        : `class indices, ${perExample === 1 ? "one" : `one for each of ${perExample} rows`}`;
    throw new RangeError(
      `${who}: expected y to hold ${expected} ${what} ${each}, ` +
        `got ${data.length}${hintFor(data, count * rows, count, takesClasses)}`,
    );
  }
  if (kind === "classes") checkClasses(who, data, count, classes, loss);
  return kind;
}

/** Returns what may have been meant by a y of the wrong length. */
function hintFor(data: ArrayLike<number>, rows: number, count: number, takesClasses: boolean) {
  if (!takesClasses) return "";
  if (data instanceof Float32Array) {
    return data.length === rows ? "; class indices go in an Int32Array or Uint8Array" : "";
  }
  return data.length === count ? "; flatten() or a global pool gives one row an example" : "";
}

/** @throws RangeError at the first label that is no class and not the one that does not count */
function checkClasses(
  who: string,
  labels: Int32Array | Uint8Array | Float32Array,
  count: number,
  classes: number,
  { name, ignoreIndex }: Loss,
): void {
  const steps = labels.length / count;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if ((label >= 0 && label < classes) || label === ignoreIndex) continue;
    const expected = `expected class indices from 0 to ${classes - 1}`;
    const step = steps === 1 ? "" : `, row ${i % steps} of example ${Math.floor(i / steps)}`;
    const hint = ignoreIndex === undefined ? "" : `; a label of ${ignoreIndex} is ignored`;
    throw new RangeError(`${who}: ${name}: ${expected}, y has ${label} at ${i}${step}${hint}`);
  }
}

/**
 * Checks weights of `count` examples.
 * @throws TypeError for another type, RangeError unless there are as many, all finite and from 0 on
 */
export function checkSampleWeights(who: string, weights: unknown, count: number): void {
  check(who, "sampleWeights", weights, instance("a Float32Array", Float32Array));
  const numbers = weights as Float32Array;
  if (numbers.length !== count) {
    const expected = `${count} sampleWeights, one for each example`;
    throw new RangeError(`${who}: expected ${expected}, got ${numbers.length}`);
  }
  const at = numbers.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (at >= 0) {
    throw new RangeError(
      `${who}: expected sampleWeights from 0 on, got ${numbers[at]} for example ${at}`,
    );
  }
}

/** @throws RangeError at the first number that is NaN or infinite, by its row and feature */
export function checkFiniteNumbers(
  who: string,
  what: string,
  value: Features | Targets,
  width: number,
): void {
  const data = numbers(value);
  if (!(data instanceof Float32Array)) return;
  const at = data.findIndex((number) => !Number.isFinite(number));
  if (at >= 0) {
    const where = placeOf(at, width);
    throw new RangeError(`${who}: expected finite numbers, ${what} has ${data[at]} in ${where}`);
  }
}

/** @throws RangeError at the first number that is no id, or no length, for the layer that reads them */
export function checkWholes(
  who: string,
  name: string,
  value: Features,
  width: number,
  { label, what, most }: LayerRange,
): void {
  const data = numbers(value);
  for (let i = 0; i < data.length; i++) {
    const number = data[i]!;
    if (number >= 0 && number <= most && Number.isInteger(number)) continue;
    const expected = `expected whole ${what} from 0 to ${most}`;
    const came = `${name} has ${number} in ${placeOf(i, width)}`;
    throw new RangeError(`${who}: ${label}: ${expected}, ${came}`);
  }
}

function placeOf(at: number, width: number): string {
  return `row ${Math.floor(at / width)}, column ${at % width}`;
}
