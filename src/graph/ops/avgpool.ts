import { checkOptions, flag } from "../../base/arguments.ts";
import { type Node, type Recorder, describe } from "../node.ts";
import { type Pool1dOptions, type Pool2dOptions } from "./maxpool.ts";
import { pool1dRules, pool2dRules } from "./maxpool.ts";
import { mean } from "./reduce.ts";
import { ONE_ROW, asImages, asSequences } from "./sequences.ts";
import { type SumAxis, checkSums, resample } from "./resample.ts";
import { type Pair, type Windows, both, checkImages, checkReach } from "./windows.ts";
import { checkSequences, windows1d, windows2d } from "./windows.ts";

/** Option of average pools only. */
export interface PaddingCount {
  /** True to divide by the pool's size where a window has padding, too; false by default, as in Keras. */
  readonly countPadding?: boolean;
}

/** Options of average pools of images. PyTorch's countPadding, count_include_pad, is true by default. */
export interface AvgPool2dOptions extends Pool2dOptions, PaddingCount {}

/** Options of average pools of sequences. */
export interface AvgPool1dOptions extends Pool1dOptions, PaddingCount {}

/** Rules for AvgPool2dOptions. */
export const avgPool2dRules = () => ({ ...pool2dRules(), countPadding: flag() });

/** Rules for AvgPool1dOptions. */
export const avgPool1dRules = () => ({ ...pool1dRules(), countPadding: flag() });

/** Returns the mean of positions `begin` to `end`, or their sum divided by another count. */
function average(begin: number, end: number, count = end - begin) {
  return { first: begin, weights: new Array<number>(end - begin).fill(1 / count) };
}

/** Elements of all windows along an axis at most, because each has a weight in the instruction. */
const MOST_WEIGHTS = 2 ** 23;

/** Returns the means of windows. @throws RangeError if they have too many elements */
function averages(g: Recorder, op: string, windows: Windows, countPadding: boolean): SumAxis {
  const { length, size, stride, before, count } = windows;
  if (count * size > MOST_WEIGHTS) {
    const expected = `at most ${MOST_WEIGHTS} elements in all windows along an axis`;
    throw g.fail(op, `expected ${expected}, got ${count} windows of ${size}`);
  }
  const sums = Array.from({ length: count }, (_, i) => {
    const first = i * stride - before;
    const [begin, end] = [Math.max(0, first), Math.min(length, first + size)];
    return average(begin, end, countPadding ? size : undefined);
  });
  return { length, sums };
}

/**
 * The mean of each window of images [batch, rows, columns, channels], for each channel by itself.
 * Padding counts as 0 with `countPadding`, else not at all.
 * @param poolSize rows and columns of a window, or [rows, columns]
 * @throws RangeError unless x holds images on which the windows fit, or if a window has only padding
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [1, 2, 4, 1]);
 * g.avgPool2d(x, 2); // [[[[3.5], [5.5]]]]
 */
export function avgPool2d(
  g: Recorder,
  x: Node,
  poolSize: Pair,
  options: AvgPool2dOptions = {},
): Node {
  const chosen = checkOptions("avgPool2d", options, avgPool2dRules());
  const { stride = poolSize, padding = "valid", countPadding = false } = chosen;
  const windows = windows2d(g, "avgPool2d", x, { size: poolSize, stride, padding });
  checkReach(g, "avgPool2d", x, windows);
  const [rows, columns] = windows.map((axis) => averages(g, "avgPool2d", axis, countPadding));
  return resample(g, "avgPool2d", x, rows!, columns!);
}

/**
 * The mean of each window of sequences [batch, steps, channels], as avgPool2d.
 * @param poolSize steps of a window
 * @throws RangeError unless x holds sequences on which the windows fit, or if a window has only padding
 * @example
 * const x = g.constant(Float32Array.of(1, 4, 3, 2), [1, 4, 1]);
 * g.avgPool1d(x, 2); // [[[2.5], [2.5]]]
 */
export function avgPool1d(
  g: Recorder,
  x: Node,
  poolSize: number,
  options: AvgPool1dOptions = {},
): Node {
  const chosen = checkOptions("avgPool1d", options, avgPool1dRules());
  const { stride = poolSize, padding = "valid", countPadding = false } = chosen;
  const steps = windows1d(g, "avgPool1d", x, { size: poolSize, stride, padding });
  checkReach(g, "avgPool1d", x, [steps]);
  const rows = averages(g, "avgPool1d", ONE_ROW, false);
  const columns = averages(g, "avgPool1d", steps, countPadding);
  return asSequences(g, resample(g, "avgPool1d", asImages(g, x), rows, columns));
}

/**
 * The mean of each channel of images [batch, rows, columns, channels]: [batch, channels].
 * @throws RangeError unless x holds images
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [1, 2, 2, 2]);
 * g.globalAvgPool2d(x); // [[4, 5]]
 */
export function globalAvgPool2d(g: Recorder, x: Node): Node {
  checkImages(g, "globalAvgPool2d", x);
  return mean(g, x, [1, 2]);
}

/**
 * The mean of each channel of sequences [batch, steps, channels]: [batch, channels].
 * @throws RangeError unless x holds sequences
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 4, 3), [1, 2, 2]);
 * g.globalAvgPool1d(x); // [[2.5, 2.5]]
 */
export function globalAvgPool1d(g: Recorder, x: Node): Node {
  checkSequences(g, "globalAvgPool1d", x);
  return mean(g, x, 1);
}

/** Returns the means of `count` windows that share out an axis, neighbours overlapping by part of one. */
function shares(length: number, count: number): SumAxis {
  const sums = Array.from({ length: count }, (_, i) => {
    return average(Math.floor((i * length) / count), Math.ceil(((i + 1) * length) / count));
  });
  return { length, sums };
}

/**
 * The means of as many windows as are asked for, of images [batch, rows, columns, channels] of any
 * size. Window i along an axis of n positions goes from floor(i · n / count) to ceil((i + 1) · n /
 * count), as in PyTorch.
 * @param size rows and columns of the result, or [rows, columns]
 * @throws RangeError unless x holds images of at least one element, or if size is above 2 ** 20
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3), [1, 1, 3, 1]);
 * g.adaptiveAvgPool2d(x, [1, 2]); // [[[[1.5], [2.5]]]]
 */
export function adaptiveAvgPool2d(g: Recorder, x: Node, size: Pair): Node {
  checkImages(g, "adaptiveAvgPool2d", x);
  const [, height, width] = x.shape as [number, number, number];
  if (height * width === 0) {
    const expected = "images of at least 1 element";
    throw g.fail("adaptiveAvgPool2d", `expected ${expected}, got ${describe(x.shape)}`);
  }
  const [rows, columns] = both(size);
  checkSums(g, "adaptiveAvgPool2d", [rows, columns]);
  return resample(g, "adaptiveAvgPool2d", x, shares(height, rows), shares(width, columns));
}

/** Ops of this file, under the names of their methods. */
export const avgPoolOps = {
  avgPool2d,
  avgPool1d,
  globalAvgPool2d,
  globalAvgPool1d,
  adaptiveAvgPool2d,
};
