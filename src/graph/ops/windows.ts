import { type Rule, describeValue } from "../../base/arguments.ts";
import { type Node, type Recorder, describe } from "../node.ts";

/**
 * Windows that slide over the rows and columns of images, or the steps of sequences: those of
 * convolutions and of pools.
 */

/** A number for rows and columns alike, or one for each. */
export type Pair = number | readonly [rows: number, columns: number];

/** Rows and columns at the edges of images: on every side, above and below and left and right, or each. */
export type Borders2d =
  | Pair
  | {
      /** Rows above; 0 by default. */
      readonly top?: number;
      /** Rows below. */
      readonly bottom?: number;
      /** Columns on the left. */
      readonly left?: number;
      /** Columns on the right. */
      readonly right?: number;
    };

/**
 * Zeros around an image: "valid" adds none; "same" adds as many as give ceil(length / stride)
 * windows, the odd one after the image, as Keras does; a number is added on every side, [rows,
 * columns] above and below, and left and right.
 */
export type Padding2d = "valid" | "same" | Borders2d;

/** Zeros around a sequence; "causal" adds all of them before it, so that no window sees what follows. */
export type Padding1d =
  | "valid"
  | "same"
  | "causal"
  | number
  | {
      /** Steps of zeros before; 0 by default. */
      readonly before?: number;
      /** Steps after. */
      readonly after?: number;
    };

const isCount = (least: number) => (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= least;

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && Array.from(value).every((element) => typeof element === "number");

/** Rule for a Pair of whole numbers from `least` on. */
export function pair(least: number): Rule {
  return {
    expected: `a whole number from ${least} on, or [rows, columns] of such`,
    is: (value) => typeof value === "number" || isNumbers(value),
    allows: (value) =>
      isNumbers(value) ? value.length === 2 && value.every(isCount(least)) : isCount(least)(value),
  };
}

/** Returns true for an object that has numbers by the names of sides or axes. */
export const isSides = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function paddingRule(words: readonly string[], sides: readonly string[], isPair: boolean): Rule {
  const names = words.map((word) => `"${word}", `).join("");
  const pairs = isPair ? "[rows, columns], " : "";
  return {
    expected: `${names}a whole number from 0 on, ${pairs}or { ${sides.join(", ")} }`,
    is: (value) =>
      typeof value === "string" ||
      typeof value === "number" ||
      isSides(value) ||
      (isPair && isNumbers(value)),
    allows(value) {
      if (typeof value === "string") return words.includes(value);
      if (!isSides(value)) return pair(0).allows!(value);
      const known = Object.entries(value).filter(([, count]) => count !== undefined);
      return (
        known.length > 0 &&
        known.every(([side, count]) => sides.includes(side) && isCount(0)(count))
      );
    },
    describe: (value) => (isSides(value) ? describeSides(value) : describeValue(value)),
  };
}

/** Prints sides with their values, because a wrong name or number is what was wrong. */
export function describeSides(sides: object): string {
  const entries = Object.entries(sides).slice(0, 6);
  if (entries.length === 0) return "{}";
  return `{ ${entries.map(([side, count]) => `${side}: ${describeValue(count)}`).join(", ")} }`;
}

const SIDES = ["top", "bottom", "left", "right"];

/** Rule for a Padding2d. */
export const padding2d = (): Rule => paddingRule(["valid", "same"], SIDES, true);

/** Rule for Borders2d. */
export const borders2d = (): Rule => paddingRule([], SIDES, true);

/** Rule for a Padding1d. */
export const padding1d = (): Rule =>
  paddingRule(["valid", "same", "causal"], ["before", "after"], false);

/** Returns a copy of a list or an object of numbers, which its caller may change. */
export function owned<T>(value: T): T {
  if (Array.isArray(value)) return value.slice() as T;
  return typeof value === "object" ? { ...value } : value;
}

/** Returns the numbers for rows and columns. */
export function both(pair: Pair): readonly [rows: number, columns: number] {
  return typeof pair === "number" ? [pair, pair] : pair;
}

/** Windows along one axis: window i has positions i · stride - before + j · dilation, for j below size. */
export interface Windows {
  /** Length of the axis without padding. */
  readonly length: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
  /** Number of windows. */
  readonly count: number;
}

/** Padding of one axis, which may depend on its length. */
type AxisPadding = "valid" | "same" | "causal" | readonly [before: number, after: number];

/** Returns the zeros before and after an axis. */
function zeros(padding: AxisPadding, length: number, extent: number, stride: number) {
  if (typeof padding !== "string") return padding;
  if (padding === "valid") return [0, 0] as const;
  if (padding === "causal") return [extent - 1, 0] as const;
  const all = Math.max(0, (Math.ceil(length / stride) - 1) * stride + extent - length);
  return [Math.floor(all / 2), Math.ceil(all / 2)] as const;
}

function slide(
  length: number,
  size: number,
  stride: number,
  dilation: number,
  padding: AxisPadding,
): Windows {
  const extent = (size - 1) * dilation + 1;
  const [before, after] = zeros(padding, length, extent, stride);
  const all = length + before + after;
  const count = Math.max(0, Math.floor((all - extent) / stride) + 1);
  // Any larger stride gives the one window too, but phases of a gradient that have nothing to do.
  return { length, size, stride: Math.min(stride, all), dilation, before, after, count };
}

/** Sizes of windows over the rows and columns of an image. */
export interface Window2d {
  readonly size: Pair;
  readonly stride: Pair;
  readonly dilation?: Pair;
  readonly padding: Padding2d;
}

/** Returns the borders before and after rows and columns. */
export function sides(borders: Borders2d): readonly (readonly [before: number, after: number])[] {
  if (typeof borders === "number" || "length" in borders) {
    const [rows, columns] = both(borders);
    return [
      [rows, rows],
      [columns, columns],
    ];
  }
  const { top = 0, bottom = 0, left = 0, right = 0 } = borders;
  return [
    [top, bottom],
    [left, right],
  ];
}

/** @throws RangeError unless x has the axes of images, [batch, rows, columns, channels] */
export function checkImages(g: Recorder, op: string, x: Node): void {
  const { shape } = x;
  if (shape.length === 4) return;
  const expected = "images [batch, rows, columns, channels]";
  const hints: Record<number, string> = {
    2: "; reshape([rows, columns, channels]) makes images of features",
    3: `; an image of one channel is ${describe([...shape.slice(1), 1])}, by inputShape or reshape`,
  };
  const hint = hints[shape.length] ?? "; inputShape leaves out the batch";
  throw g.fail(op, `expected ${expected}, got ${describe(shape)}${hint}`);
}

/** @throws RangeError unless x has the axes of sequences, [batch, steps, channels] */
export function checkSequences(g: Recorder, op: string, x: Node): void {
  const { shape } = x;
  if (shape.length === 3) return;
  const expected = "sequences [batch, steps, channels]";
  const hints: Record<number, string> = {
    2: `; a sequence of one channel is [${shape[1]}, 1], by inputShape or reshape`,
    4: `; images have ${op.replace("1d", "2d")}`,
  };
  const hint = hints[shape.length] ?? "";
  throw g.fail(op, `expected ${expected}, got ${describe(shape)}${hint}`);
}

/** Positions of an axis at most, padding included: kernels count them in 31 bits. */
const MOST_POSITIONS = 2 ** 30;

/** @throws RangeError if one of the lengths of axes is longer than kernels can count */
export function checkLengths(g: Recorder, op: string, lengths: readonly number[]): void {
  const longest = Math.max(...lengths);
  if (longest <= MOST_POSITIONS) return;
  throw g.fail(op, `expected axes of at most ${MOST_POSITIONS} with padding, got ${longest}`);
}

/**
 * Returns the windows along the rows and the columns of images x, [batch, rows, columns, channels].
 * @throws RangeError unless x has four axes and holds a window along both
 */
export function windows2d(
  g: Recorder,
  op: string,
  x: Node,
  { size, stride, dilation = 1, padding }: Window2d,
): readonly [rows: Windows, columns: Windows] {
  checkImages(g, op, x);
  const [, height, width] = x.shape as [number, number, number, number];
  const [[sizeY, sizeX], [strideY, strideX]] = [both(size), both(stride)];
  const [dilationY, dilationX] = both(dilation);
  const [paddingY, paddingX] = typeof padding === "string" ? [padding, padding] : sides(padding);
  const rows = slide(height, sizeY, strideY, dilationY, paddingY);
  const columns = slide(width, sizeX, strideX, dilationX, paddingX);
  checkCount(g, op, x, "rows", rows);
  checkCount(g, op, x, "columns", columns);
  return [rows, columns];
}

/**
 * Returns the windows along the steps of sequences x, [batch, steps, channels].
 * @throws RangeError unless x has three axes and holds a window
 */
export function windows1d(
  g: Recorder,
  op: string,
  x: Node,
  options: { size: number; stride: number; dilation?: number; padding: Padding1d },
): Windows {
  const { size, stride, dilation = 1, padding } = options;
  checkSequences(g, op, x);
  const sides: AxisPadding =
    typeof padding === "string"
      ? padding
      : typeof padding === "number"
        ? [padding, padding]
        : [padding.before ?? 0, padding.after ?? 0];
  const steps = slide(x.shape[1]!, size, stride, dilation, sides);
  checkCount(g, op, x, "steps", steps);
  return steps;
}

function checkCount(g: Recorder, op: string, x: Node, axis: string, windows: Windows): void {
  const { length, size, dilation, before, after, count } = windows;
  checkLengths(g, op, [length + before + after]);
  if (count > 0) return;
  const extent = (size - 1) * dilation + 1;
  const dilated = dilation > 1 ? `, ${extent} with dilation ${dilation},` : "";
  const received = `${length} with padding ${before} and ${after}: ${describe(x.shape)}`;
  const wanted = `at least ${size} ${axis}${dilated} for the window`;
  throw g.fail(op, `expected ${wanted}, got ${received}${channelsHint(x.shape)}`);
}

/** Returns what helps if an image that is too low has its channels first, as in PyTorch. */
function channelsHint([, rows = 0, columns = 0, channels = 0]: readonly number[]): string {
  const seemsFirst = rows <= 4 && columns > 4 && channels > 4;
  return seemsFirst ? "; if channels came first, permute([2, 3, 1]) puts them last" : "";
}

/** @throws RangeError if a window along one of the axes of x has only padding */
export function checkReach(g: Recorder, op: string, x: Node, axes: readonly Windows[]): void {
  for (const { length, size, stride, before, after, count } of axes) {
    const last = (count - 1) * stride - before;
    if (length > 0 && before < size && last < length && last + size > 0) continue;
    const received = `a padding of ${before} and ${after} for ${describe(x.shape)}`;
    throw g.fail(op, `expected each window of ${size} to reach an element, got ${received}`);
  }
}
