import { printableData } from "./printable.ts";
import { check, checkOptions, checkWhole, instance, list } from "../base/arguments.ts";
import { needed, object, whole } from "../base/arguments.ts";

/**
 * Examples with their labels, as readCsv and the other readers return them and `fit` takes them.
 */
export interface LabelledData {
  /** Row-major features, `count` rows of the product of `shape`; bytes are 0 to 255, unscaled. */
  x: Float32Array | Uint8Array;
  /** One label per example: class indices, or numbers to regress on as Float32Array. */
  y: Int32Array | Uint8Array | Float32Array;
  /** Number of examples. */
  count: number;
  /** Shape of one example, such as [784]. */
  shape: number[];
  /** Highest class index + 1; 0 if the labels are numbers to regress on. */
  classes: number;
}

/**
 * Splits `data` into its first `count` examples and the rest. Both parts are views of the same
 * memory, and have the `classes` of the whole.
 *
 * @throws TypeError if `data` is not what a reader returns
 * @throws RangeError if `count` is not a whole number that leaves each part at least one example
 * @example
 * const [first, rest] = splitAt(train, 1000);
 * first.count; // 1000
 * rest.count; // 437
 */
export function splitAt(data: LabelledData, count: number): [LabelledData, LabelledData] {
  checkLabelled(data);
  checkWhole("splitAt", "count", count, 1, data.count - 1);
  return [examples(data, 0, count), examples(data, count, data.count)];
}

function checkLabelled(data: LabelledData): void {
  const rules = {
    x: needed(instance("a Float32Array or Uint8Array", Float32Array, Uint8Array)),
    y: needed(instance("an array of labels", Int32Array, Uint8Array, Float32Array)),
    count: needed(whole(1)),
    shape: needed(list()),
    classes: needed(whole(0)),
  };
  check("splitAt", "data", data, object("data as the readers give it"));
  checkOptions("splitAt", data, rules);
}

function examples(data: LabelledData, from: number, to: number): LabelledData {
  const features = data.x.length / data.count;
  const targets = data.y.length / data.count;
  return printableData({
    x: data.x.subarray(from * features, to * features),
    y: data.y.subarray(from * targets, to * targets),
    count: to - from,
    shape: [...data.shape],
    classes: data.classes,
  });
}

/** Returns the highest class index + 1. */
export function countClasses(labels: Int32Array | Uint8Array): number {
  let classes = 0;
  for (const label of labels) classes = Math.max(classes, label + 1);
  return classes;
}
