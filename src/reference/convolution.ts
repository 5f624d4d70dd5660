import { type Array64, length } from "./array64.ts";

/** Sizes of a convolution, in the order in which the kernels read them. */
export const sizeNames = [
  "images",
  "channels",
  "filters",
  "groups",
  "height",
  "rows",
  "kernelRows",
  "strideRows",
  "dilationRows",
  "top",
  "width",
  "columns",
  "kernelColumns",
  "strideColumns",
  "dilationColumns",
  "left",
] as const;

/**
 * Sizes of a convolution of x [images, height, width, channels] to y [images, rows, columns, filters] by a
 * weight [kernelRows, kernelColumns, channels / groups, filters].
 */
export type ConvolutionSizes = Readonly<Record<(typeof sizeNames)[number], number>>;

/** Returns the number of elements of x, of the weight and of y. */
export function lengthsOf(s: ConvolutionSizes): { x: number; weight: number; y: number } {
  return {
    x: s.images * s.height * s.width * s.channels,
    weight: (s.kernelRows * s.kernelColumns * s.channels * s.filters) / s.groups,
    y: s.images * s.rows * s.columns * s.filters,
  };
}

/** Calls a function with the places of x, weight and y for every product x · weight that y adds up. */
export function eachProduct(
  s: ConvolutionSizes,
  visit: (x: number, weight: number, y: number) => void,
): void {
  const [inputs, outputs] = [s.channels / s.groups, s.filters / s.groups];
  eachTap(s, (pixel, tap, result) => {
    for (let f = 0; f < s.filters; f++) {
      const first = Math.floor(f / outputs) * inputs;
      for (let c = 0; c < inputs; c++) {
        const weight = (tap * inputs + c) * s.filters + f;
        visit(pixel * s.channels + first + c, weight, result * s.filters + f);
      }
    }
  });
}

/** Calls a function with the pixel of x, the tap and the pixel of y wherever a tap meets the image. */
function eachTap(
  s: ConvolutionSizes,
  visit: (pixel: number, tap: number, result: number) => void,
): void {
  for (let result = 0; result < s.images * s.rows * s.columns; result++) {
    const image = Math.floor(result / (s.rows * s.columns));
    const [i, j] = [Math.floor(result / s.columns) % s.rows, result % s.columns];
    for (let tap = 0; tap < s.kernelRows * s.kernelColumns; tap++) {
      const [a, b] = [Math.floor(tap / s.kernelColumns), tap % s.kernelColumns];
      const row = i * s.strideRows + a * s.dilationRows - s.top;
      const column = j * s.strideColumns + b * s.dilationColumns - s.left;
      if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
      visit((image * s.height + row) * s.width + column, tap, result);
    }
  }
}

/** Windows along one axis. */
interface Axis {
  readonly before: number;
  readonly count: number;
}

type Padding = string | number | readonly number[] | Readonly<Record<string, number>>;

/** Returns the zeros before and after axis i, whose sides have these names. */
function zeros(
  padding: Padding,
  i: number,
  sides: readonly [string, string],
  same: number,
  causal: number,
): [before: number, after: number] {
  if (padding === "valid") return [0, 0];
  if (padding === "same") return [Math.floor(same / 2), same - Math.floor(same / 2)];
  if (padding === "causal") return [causal, 0];
  if (typeof padding === "number") return [padding, padding];
  if (Array.isArray(padding)) return [padding[i] as number, padding[i] as number];
  const named = padding as Readonly<Record<string, number>>;
  return [named[sides[0]] ?? 0, named[sides[1]] ?? 0];
}

const SIDES = [
  ["top", "bottom"],
  ["left", "right"],
] as const;

type Pair = number | readonly number[];

/** Options of a convolution, as its op takes them. */
interface Options {
  readonly stride?: Pair;
  readonly padding?: Padding;
  readonly dilation?: Pair;
  readonly outputPadding?: Pair;
  readonly groups?: number;
}

function part(pair: Pair | undefined, i: number, otherwise: number): number {
  return typeof pair === "object" ? pair[i]! : (pair ?? otherwise);
}

/** Returns the windows along axis i of a convolution. */
function windows(
  i: 0 | 1,
  span: number,
  size: number,
  { stride, padding = "valid", dilation }: Options,
  sides: readonly [string, string] = SIDES[i],
): Axis {
  const [step, reach] = [part(stride, i, 1), (size - 1) * part(dilation, i, 1)];
  const same = Math.max(0, (Math.ceil(span / step) - 1) * step + reach + 1 - span);
  const [before, after] = zeros(padding, i, sides, same, reach);
  return { before, count: Math.floor((span + before + after - reach - 1) / step) + 1 };
}

function sizesOf(
  x: readonly number[],
  y: readonly number[],
  kernel: readonly number[],
  before: readonly [number, number],
  { stride, dilation, groups = 1 }: Options,
): ConvolutionSizes {
  const [images, height, width, channels] = x as [number, number, number, number];
  const [, rows, columns, filters] = y as [number, number, number, number];
  const [kernelRows, kernelColumns] = kernel as [number, number];
  const [top, left] = before;
  return {
    ...{ images, height, width, channels, rows, columns, filters, kernelRows, kernelColumns },
    ...{ strideRows: part(stride, 0, 1), strideColumns: part(stride, 1, 1) },
    ...{ dilationRows: part(dilation, 0, 1), dilationColumns: part(dilation, 1, 1) },
    ...{ top, left, groups },
  };
}

/** Returns an array of one bias for each channel, the last axis. */
function biased(shape: readonly number[], bias: Array64 | undefined): Float64Array {
  const channels = shape.at(-1)!;
  return Float64Array.from({ length: length(shape) }, (_, i) => bias?.data[i % channels] ?? 0);
}

type Inputs = readonly Array64[];

function forward([x, weight, bias]: Inputs, rows: Axis, columns: Axis, options: Options): Array64 {
  const shape = [x!.shape[0]!, rows.count, columns.count, weight!.shape[3]!];
  const before = [rows.before, columns.before] as const;
  const data = biased(shape, bias);
  eachProduct(sizesOf(x!.shape, shape, weight!.shape, before, options), (i, w, o) => {
    data[o]! += x!.data[i]! * weight!.data[w]!;
  });
  return { shape, data };
}

/** Convolves x [batch, rows, columns, channels] with a weight [rows, columns, channels / groups, filters]. */
export function conv2d(inputs: Inputs, options: Options = {}): Array64 {
  const [x, weight] = inputs as [Array64, Array64];
  const axis = (i: 0 | 1) => windows(i, x.shape[i + 1]!, weight.shape[i]!, options);
  return forward(inputs, axis(0), axis(1), options);
}

/** Convolves x [batch, steps, channels] with a weight [size, channels / groups, filters]. */
export function conv1d([x, weight, bias]: Inputs, options: Options = {}): Array64 {
  const { stride = 1, dilation = 1, groups = 1 } = options;
  const steps = windows(0, x!.shape[1]!, weight!.shape[0]!, options, ["before", "after"]);
  const image = { shape: [x!.shape[0]!, 1, ...x!.shape.slice(1)], data: x!.data };
  const kernel = { shape: [1, ...weight!.shape], data: weight!.data };
  const along = { stride: [1, part(stride, 0, 1)], dilation: [1, part(dilation, 0, 1)], groups };
  const all = bias ? [image, kernel, bias] : [image, kernel];
  const { shape, data } = forward(all, { before: 0, count: 1 }, steps, along);
  return { shape: [shape[0]!, shape[2]!, shape[3]!], data };
}

/** Adds x [batch, rows, columns, channels] · weight [rows, columns, filters / groups, channels] to a result. */
export function conv2dTranspose([x, weight, bias]: Inputs, options: Options = {}): Array64 {
  const { padding = "valid", groups = 1, stride, outputPadding } = options;
  const axis = (i: 0 | 1) => {
    const [size, step] = [weight!.shape[i]!, part(stride, i, 1)];
    const same = size - step;
    const [before, after] =
      padding === "same" && same < 0 ? [0, same] : zeros(padding, i, SIDES[i], same, 0);
    const all = (x!.shape[i + 1]! - 1) * step + size;
    return { before, count: all - before - after + part(outputPadding, i, 0) };
  };
  const [rows, columns] = [axis(0), axis(1)];
  const shape = [x!.shape[0]!, rows.count, columns.count, weight!.shape[2]! * groups];
  const before = [rows.before, columns.before] as const;
  const data = biased(shape, bias);
  eachProduct(sizesOf(shape, x!.shape, weight!.shape, before, options), (i, w, o) => {
    data[i]! += x!.data[o]! * weight!.data[w]!;
  });
  return { shape, data };
}
