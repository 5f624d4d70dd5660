import { type Rule, check, checkOptions, describeValue, flag, object, whole } from "../base/arguments.ts";
import { philox } from "../base/philox.ts";
import { SPLIT_STEP } from "../base/random-streams.ts";
import { size } from "../base/shape.ts";
import { seedWords } from "../initializers.ts";
import { printableData } from "./printable.ts";

/** Options of split. */
export interface SplitOptions {
  /** Share of the examples to test with, between 0 and 1, or a whole number of them; 0.2 by default. */
  readonly test?: number;
  /**
   * Puts the examples in a random order first; true by default. Without it, the last examples are those to
   * test with, as a series over time needs it.
   */
  readonly shuffle?: boolean;
  /** Gives both parts the same share of each class; false by default. */
  readonly stratify?: boolean;
  /** Seed of the order: a whole number from 0 to 2^53 - 1; 0 by default. */
  readonly seed?: number;
}

/** Numbers of examples, one example after the other. */
export type ExampleArray = Float32Array | Uint8Array | Int32Array;

/** One array, or several by name. */
export type ExampleArrays = ExampleArray | Readonly<Record<string, ExampleArray>>;

/** Data that can be split. */
export interface SplittableData {
  /** Features, row-major; by name for networks with several inputs. */
  readonly x: ExampleArrays;
  /** Targets, row-major; empty if there are none. */
  readonly y: ExampleArrays;
  /** One weight for each example. */
  readonly sampleWeights?: ExampleArrays;
  /** Number of examples. */
  readonly count?: number;
}

/** Fields whose arrays are divided; all others stay as they are. */
const DIVIDED = ["x", "y", "sampleWeights"] as const;

const testRule: Rule = {
  expected: "a share between 0 and 1 or a whole number of examples",
  is: (value) => typeof value === "number",
  allows: (value) => Number(value) > 0 && (Number(value) < 1 || Number.isSafeInteger(value)),
};

/**
 * Splits examples into those to train on and those to test with: of all arrays in x, y and sampleWeights
 * alike. Other fields are the same in both parts. Seed and number of examples decide the random order, the same
 * on every machine. Without `shuffle` and `stratify` the parts are views of the same memory, else copies.
 *
 * The share to test with is rounded to whole examples. With `stratify` the classes divide them by largest
 * remainders; the lower class is first among equal ones.
 * @param data what readCsv, table and the other readers return, or { x, y } of one's own. It needs its `count`,
 *   or its `shape`, or one class index in y for each example.
 * @returns [train, test], with the fields of `data`
 * @throws TypeError if data is no object, an array does not have numbers, or an option is of another type
 * @throws RangeError if a part would be empty, an array does not hold whole examples, the number of examples is
 *   not known, or `stratify` finds no class index for each example
 * @example
 * const [learned, held] = split(train, { test: 0.25, stratify: true, seed: 1 });
 * held.count; // 359
 */
export function split<Data extends SplittableData>(
  data: Data,
  options: SplitOptions = {},
): [train: Data, test: Data] {
  check("split", "data", data, object("data { x, y }"));
  const chosen = checkOptions("split", options, {
    test: testRule,
    shuffle: flag(),
    stratify: flag(),
    seed: whole(0),
  });
  const { test = 0.2, shuffle = true, stratify = false, seed = 0 } = chosen;
  const count = countOf(data);
  const tested = test < 1 ? Math.round(test * count) : test;
  if (tested < 1 || tested >= count) {
    const expected = "at least 1 example to train on and 1 to test with";
    throw new RangeError(`split: expected ${expected}, got ${tested} of ${count} to test with`);
  }
  if (!shuffle && !stratify) {
    const kept = count - tested;
    return [part(data, count, [0, kept]), part(data, count, [kept, count])];
  }
  const order = shuffle ? randomOrder(count, seed) : Int32Array.from({ length: count }, (_, i) => i);
  const isTested = stratify ? lastOfEach(classesOf(data, count), order, tested) : lastOf(count, tested);
  const chosenBy = (wanted: number) => order.filter((_, i) => isTested[i] === wanted);
  return [part(data, count, chosenBy(0)), part(data, count, chosenBy(1))];
}

/** Returns the number of examples. @throws RangeError if nothing tells it */
function countOf(data: SplittableData & { readonly shape?: unknown }): number {
  const { x, y, count, shape } = data;
  for (const field of DIVIDED) {
    if (field !== "sampleWeights" || data[field] !== undefined) arraysOf(field, data[field]!);
  }
  const isShaped = Array.isArray(shape) && ArrayBuffer.isView(x);
  const told = count ?? (isShaped ? x.length / size(shape as number[]) : undefined);
  if (told !== undefined) {
    check("split", "data.count", told, whole(1));
    return told;
  }
  if (y instanceof Int32Array || y instanceof Uint8Array) return y.length;
  throw new RangeError("split: expected data to have the count of its examples, got no count");
}

/** Returns the arrays of a field by their names. @throws TypeError if one is no array of numbers */
function arraysOf(field: string, value: ExampleArrays): [name: string, array: ExampleArray][] {
  const isNamed = typeof value === "object" && value?.constructor === Object;
  const named = isNamed ? Object.entries(value) : [["", value] as [string, ExampleArray]];
  for (const [name, array] of named) {
    if (array instanceof Float32Array || array instanceof Uint8Array) continue;
    if (array instanceof Int32Array) continue;
    const what = name === "" ? field : `${field}.${name}`;
    const expected = `data.${what} to be a Float32Array, Uint8Array or Int32Array`;
    throw new TypeError(`split: expected ${expected}, got ${describeValue(array)}`);
  }
  return named;
}

/** Examples of a part: their places, or those from one place up to another. */
type Places = Int32Array | readonly [from: number, to: number];

function part<Data extends SplittableData>(data: Data, count: number, places: Places): Data {
  const taken = { ...data } as Record<string, unknown>;
  for (const field of DIVIDED) {
    const value = data[field];
    if (value === undefined) continue;
    const arrays = arraysOf(field, value).map(([name, array]) => {
      const what = name === "" ? field : `${field}.${name}`;
      return [name, take(what, array, count, places)] as const;
    });
    taken[field] = ArrayBuffer.isView(value) ? arrays[0]![1] : Object.fromEntries(arrays);
  }
  const [from, to] = places;
  if (data.count !== undefined) {
    taken.count = places instanceof Int32Array ? places.length : to! - from!;
  }
  return printableData(taken) as Data;
}

/** Returns the examples at some places. @throws RangeError unless the array holds whole examples */
function take(what: string, array: ExampleArray, count: number, places: Places): ExampleArray {
  const width = array.length / count;
  if (!Number.isInteger(width)) {
    const expected = `data.${what} to hold as many numbers for each of ${count} examples`;
    throw new RangeError(`split: expected ${expected}, got ${array.length} in all`);
  }
  if (!(places instanceof Int32Array)) return array.subarray(places[0] * width, places[1] * width);
  const Type = [Float32Array, Int32Array, Uint8Array].find((type) => array instanceof type)!;
  const taken = new Type(places.length * width);
  places.forEach((place, i) => {
    taken.set(array.subarray(place * width, (place + 1) * width), i * width);
  });
  return taken;
}

/** Returns 1 at the last places and 0 before them. */
function lastOf(count: number, tested: number): Uint8Array {
  return new Uint8Array(count).fill(1, count - tested);
}

/** Returns 1 at the places in an order that are the last ones of each class, as many as its share. */
function lastOfEach(classes: Int32Array | Uint8Array, order: Int32Array, tested: number): Uint8Array {
  const left = sharesOf(classes, tested);
  const isTested = new Uint8Array(order.length);
  for (let i = order.length - 1; i >= 0; i--) {
    const label = classes[order[i]!]!;
    const more = left.get(label)!;
    if (more === 0) continue;
    left.set(label, more - 1);
    isTested[i] = 1;
  }
  return isTested;
}

/** Returns the number of examples of each class among `tested` ones, by largest remainders. */
function sharesOf(classes: Int32Array | Uint8Array, tested: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const label of classes) counts.set(label, (counts.get(label) ?? 0) + 1);
  // Whole numbers throughout, so that equal remainders are equal.
  const parts = [...counts].map(([label, count]) => {
    const exact = count * tested;
    return { label, whole: Math.floor(exact / classes.length), rest: exact % classes.length };
  });
  let missing = tested - parts.reduce((sum, { whole }) => sum + whole, 0);
  parts.sort((a, b) => b.rest - a.rest || a.label - b.label);
  return new Map(parts.map(({ label, whole }) => [label, missing-- > 0 ? whole + 1 : whole]));
}

/** Returns the class of each example. @throws RangeError if y has none */
function classesOf({ y }: SplittableData, count: number): Int32Array | Uint8Array {
  if ((y instanceof Int32Array || y instanceof Uint8Array) && y.length === count) return y;
  const length = ArrayBuffer.isView(y) ? ` of ${y.length}` : "";
  const expected = `one class index for each of ${count} examples to stratify by`;
  throw new RangeError(`split: expected ${expected}, got ${describeValue(y)}${length}`);
}

/**
 * Returns the numbers from 0 to count - 1 in a random order (Fisher and Yates): from the last place down, word
 * i of the stream picks the place to swap with.
 */
function randomOrder(count: number, seed: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const key = seedWords(seed);
  let words: readonly number[] = [];
  for (let i = count - 1; i > 0; i--) {
    if (words.length === 0 || i % 4 === 3) words = philox([Math.floor(i / 4), SPLIT_STEP, 0, 0], key);
    const j = Math.floor((words[i % 4]! * (i + 1)) / 2 ** 32);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
