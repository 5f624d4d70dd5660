import { check, checkOptions, describeValue, needed, text, whole } from "../base/arguments.ts";
import { type TableColumn, widthOf } from "../base/columns.ts";
import { describe } from "../base/shape.ts";
import type { LabelledData } from "./dataset.ts";
import { printableData } from "./printable.ts";

/** Options of windows. */
export interface WindowsOptions {
  /** Number of steps in a window. */
  readonly length: number;
  /** Number of steps behind a window that are to be predicted; 1 by default. */
  readonly horizon?: number;
  /** Number of steps from the start of one window to that of the next; 1 by default. */
  readonly stride?: number;
  /** Number of features of a step; by default that of the series' shape, or 1. */
  readonly features?: number;
  /** Name of the column to predict; by default the series' y, or else all features. */
  readonly target?: string;
}

/** A time series: steps one after the other. */
export interface Series {
  /** Numbers [steps, features], row-major. */
  readonly x: Float32Array;
  /** Numbers or class indices [steps] to predict, if they are not among the features. */
  readonly y?: Float32Array | Int32Array | Uint8Array;
  /** Shape of a step: [features]. */
  readonly shape?: readonly number[];
  /** Names of the features, as table gives them. */
  readonly columns?: readonly TableColumn[];
  /** Number of classes in y; 0 by default. */
  readonly classes?: number;
}

/** Windows of a series, as `fit` takes them. */
export interface Windows extends LabelledData {
  /** Windows [count, length, features], row-major. */
  x: Float32Array;
  /** Targets [count, horizon], or [count, horizon, features], row-major. */
  y: Float32Array | Int32Array | Uint8Array;
  /** Columns of the series, for the layers that scale. */
  columns?: readonly TableColumn[];
}

/** Numbers to predict: `width` of each step. */
interface Target {
  readonly data: Float32Array | Int32Array | Uint8Array;
  /** Numbers of `data` in each step, and the first one and number of those to predict. */
  readonly stride: number;
  readonly first: number;
  readonly width: number;
}

/**
 * Cuts a time series [steps, features] into windows, and what follows each of them: window i begins at step i · stride
 * and has `length` steps, and its targets are the `horizon` steps behind. No window reaches beyond the end. To test
 * with later steps than those of training, split the series first, with `shuffle: false`, and cut each part.
 * @param series numbers, or a table or { x, shape }
 * @returns `x` [count, length, features] and `y` [count, horizon], or [count, horizon, features] if all features are
 *   to be predicted; `count` is floor((steps - length - horizon) / stride) + 1, and `shape` [length, features]
 * @throws TypeError if the series has no numbers, or an option is of another type
 * @throws RangeError if an option is out of range, the series is shorter than a window and its horizon, its numbers
 *   are not whole steps, it has no column of the target's name, or a number to predict is missing
 * @example
 * const data = windows(Float32Array.of(1, 2, 3, 4, 5), { length: 3 });
 * data.x; // Float32Array(6) [ 1, 2, 3, 2, 3, 4 ]
 * data.y; // Float32Array(2) [ 4, 5 ]
 */
export function windows(series: Float32Array | Series, options: WindowsOptions): Windows {
  const chosen = checkOptions("windows", options, {
    length: needed(whole(1)),
    horizon: whole(1),
    stride: whole(1),
    features: whole(1),
    target: text(),
  });
  const { length, horizon = 1, stride = 1 } = chosen;
  const { x, ...others } = series instanceof Float32Array ? { x: series } : seriesOf(series);
  const features = featuresOf(others, chosen.features);
  const steps = x.length / features;
  if (!Number.isInteger(steps)) {
    const expected = `x to have whole steps of ${features} features`;
    throw new RangeError(`windows: expected ${expected}, got ${x.length} numbers`);
  }
  const count = Math.floor((steps - length - horizon) / stride) + 1;
  if (count < 1) {
    const expected = `at least ${length + horizon} steps, a window and its horizon`;
    throw new RangeError(`windows: expected ${expected}, got ${steps}`);
  }
  const target = targetOf({ x, ...others }, features, steps, chosen.target);
  const inputs = new Float32Array(count * length * features);
  const width = horizon * target.width;
  const Type = [Float32Array, Int32Array, Uint8Array].find((type) => target.data instanceof type)!;
  const targets = new Type(count * width);
  for (let i = 0; i < count; i++) {
    const from = i * stride;
    inputs.set(x.subarray(from * features, (from + length) * features), i * length * features);
    copySteps(target, from + length, horizon, targets.subarray(i * width, (i + 1) * width));
  }
  checkTargets(targets, target.width, (i) => Math.floor(i / horizon) * stride + length + (i % horizon));
  const { columns, classes = 0 } = others;
  return printableData({
    ...{ x: inputs, y: targets, count, shape: [length, features] },
    classes: target.data instanceof Float32Array ? 0 : classes,
    ...(columns && { columns }),
  });
}

/** @throws TypeError unless a series has numbers */
function seriesOf(series: Series): Series {
  const { x } = Object(series) as Partial<Series>;
  if (x instanceof Float32Array) return series;
  const expected = "series to be a Float32Array, or a table or { x, shape } that has one";
  throw new TypeError(`windows: expected ${expected}, got ${describeValue(series)}`);
}

/** Returns the number of features of a step. @throws RangeError if shape and option say two */
function featuresOf({ shape }: Omit<Series, "x">, features: number | undefined): number {
  if (shape === undefined) return features ?? 1;
  const [width, ...more] = shape;
  check("windows", "the shape of a step", width, whole(1));
  if (more.length === 0 && (features ?? width) === width) return width!;
  const expected = features === undefined ? "[features]" : describe([features]);
  throw new RangeError(`windows: expected steps of shape ${expected}, got ${describe(shape)}`);
}

/** Returns what is to be predicted. @throws RangeError if there is none of the name, or y has other steps */
function targetOf(
  { x, y, columns = [] }: Series,
  features: number,
  steps: number,
  name: string | undefined,
): Target {
  if (name !== undefined) {
    const at = columns.findIndex((column) => column.name === name && column.kind === "number");
    const first = columns.slice(0, at).reduce((sum, column) => sum + widthOf(column), 0);
    if (at >= 0) return { data: x, stride: features, first, width: 1 };
    const names = describeValue(columns.map((column) => column.name).join());
    const expected = `a target ${describeValue(name)} among the columns of numbers`;
    throw new RangeError(`windows: expected ${expected}, got columns ${names}`);
  }
  if (!y || y.length === 0) return { data: x, stride: features, first: 0, width: features };
  if (y.length === steps) return { data: y, stride: 1, first: 0, width: 1 };
  throw new RangeError(`windows: expected y to have a target for each of ${steps} steps, got ${y.length}`);
}

/** @throws RangeError if a number to predict is missing; `stepOf` tells where the i-th step of the targets is */
function checkTargets(targets: Target["data"], width: number, stepOf: (i: number) => number): void {
  const missing = targets.findIndex((value) => Number.isNaN(value));
  if (missing < 0) return;
  const step = stepOf(Math.floor(missing / width));
  throw new RangeError(`windows: expected numbers to predict, got NaN in step ${step}`);
}

/** Copies what is to be predicted at `count` steps. */
function copySteps({ data, stride, first, width }: Target, from: number, count: number, to: Target["data"]): void {
  for (let step = 0; step < count; step++) {
    const at = (from + step) * stride + first;
    to.set(data.subarray(at, at + width), step * width);
  }
}
