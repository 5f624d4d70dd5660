import { type Array64, at, fill } from "./array64.ts";

/**
 * Pools and resampling of images [batch, rows, columns, channels] and of sequences [batch, steps,
 * channels] in float64, each element by itself.
 */

type Pair = number | readonly number[];

/** Zeros before and after each axis, or a word or number for all. */
type Padding = string | Pair | Readonly<Record<string, number>>;

/** Settings of a pool, as the ops take them. */
export interface PoolSettings {
  readonly stride?: Pair;
  readonly padding?: Padding;
  readonly countPadding?: boolean;
}

/** Window along an axis: its first position, which may be negative, and its length. */
interface Extent {
  readonly first: number;
  readonly size: number;
}

function each(pair: Pair, axes: number): readonly number[] {
  return typeof pair === "number" ? new Array<number>(axes).fill(pair) : pair;
}

/** Returns the zeros before and after an axis. */
function zeros(
  padding: Padding,
  axis: number,
  axes: number,
  length: number,
  size: number,
  stride: number,
) {
  if (typeof padding === "number" || Array.isArray(padding)) {
    const zeros = each(padding as Pair, axes)[axis]!;
    return [zeros, zeros] as const;
  }
  if (typeof padding === "object") {
    const names =
      axes === 1
        ? ["before", "after"]
        : [
            ["top", "bottom"],
            ["left", "right"],
          ][axis]!;
    const [before, after] = names.map((name) => (padding as Record<string, number>)[name] ?? 0);
    return [before!, after!] as const;
  }
  if (padding === "causal") return [size - 1, 0] as const;
  if (padding === "valid") return [0, 0] as const;
  // So many that there are ceil(length / stride) windows, the odd one after.
  const all = Math.max(0, (Math.ceil(length / stride) - 1) * stride + size - length);
  return [Math.floor(all / 2), all - Math.floor(all / 2)] as const;
}

/** Returns the windows along each of the axes between batch and channels. */
export function poolWindows(
  shape: readonly number[],
  poolSize: Pair,
  settings: PoolSettings,
): Extent[][] {
  const lengths = shape.slice(1, -1);
  const axes = lengths.length;
  const { stride = poolSize, padding = "valid" } = settings;
  return lengths.map((length, axis) => {
    const [size, step] = [each(poolSize, axes)[axis]!, each(stride, axes)[axis]!];
    const [before, after] = zeros(padding, axis, axes, length, size, step);
    const windows: Extent[] = [];
    for (let first = -before; first + size <= length + after; first += step) {
      windows.push({ first, size });
    }
    return windows;
  });
}

/** Returns the index of every position of a window, in row order, those outside of x too. */
function positions([window, ...inner]: readonly Extent[]): number[][] {
  if (!window) return [[]];
  const own = Array.from({ length: window.size }, (_, i) => window.first + i);
  return own.flatMap((position) => positions(inner).map((rest) => [position, ...rest]));
}

/** Elements of a window that are no padding, in row order, and the place of each in the window. */
interface Seen {
  readonly values: readonly number[];
  readonly places: readonly number[];
  /** Number of places, padding included. */
  readonly size: number;
}

/** Returns an array with one element for each window and channel. */
function pool(
  x: Array64,
  axes: readonly (readonly Extent[])[],
  combine: (seen: Seen) => number,
): Array64 {
  const { shape } = x;
  const sizes = axes.map(({ length }) => length);
  const isInside = (position: readonly number[]): boolean =>
    position.every((p, i) => p >= 0 && p < shape[i + 1]!);
  let window: number[][] = [];
  let places: number[] = [];
  return fill([shape[0]!, ...sizes, shape.at(-1)!], (index) => {
    // The channels of a window come one after another.
    if (index.at(-1) === 0) {
      window = positions(axes.map((windows, axis) => windows[index[axis + 1]!]!));
      places = [...window.keys()].filter((place) => isInside(window[place]!));
    }
    const values = places.map((p) => at(x, [index[0]!, ...window[p]!, index.at(-1)!]));
    return combine({ values, places, size: window.length });
  });
}

/** Returns the index of the first NaN, or else of the first of the largest numbers. */
function indexOfLargest(values: readonly number[]): number {
  const most = Math.max(...values);
  return values.findIndex((value) => value === most || Number.isNaN(value));
}

const largest = ({ values }: Seen): number => values[indexOfLargest(values)]!;
const placeOfLargest = ({ values, places }: Seen): number => places[indexOfLargest(values)]!;

export function maxPool(
  [x]: readonly Array64[],
  poolSize: Pair,
  settings: PoolSettings = {},
): Array64 {
  return pool(x!, poolWindows(x!.shape, poolSize, settings), largest);
}

/** Returns the place of the largest element in each window, in row order. */
export function maxPlaces(x: Array64, poolSize: Pair, settings: PoolSettings): Array64 {
  return pool(x, poolWindows(x.shape, poolSize, settings), placeOfLargest);
}

/** Returns the gradient of a max pool of an array of a shape, from the places of the largest. */
export function maxPoolGrad(
  shape: readonly number[],
  windows: readonly (readonly Extent[])[],
  places: Array64,
  dy: ArrayLike<number>,
): Array64 {
  const dx = new Map<string, number>();
  let i = 0;
  let window: number[][] = [];
  fill(places.shape, (index) => {
    if (index.at(-1) === 0) {
      window = positions(windows.map((all, axis) => all[index[axis + 1]!]!));
    }
    const key = [index[0]!, ...window[places.data[i]!]!, index.at(-1)!].join();
    dx.set(key, (dx.get(key) ?? 0) + dy[i++]!);
    return 0;
  });
  return fill(shape, (index) => dx.get(index.join()) ?? 0);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

export function avgPool(
  [x]: readonly Array64[],
  poolSize: Pair,
  { countPadding = false, ...settings }: PoolSettings = {},
): Array64 {
  return pool(x!, poolWindows(x!.shape, poolSize, settings), ({ values, size }) => {
    return total(values) / (countPadding ? size : values.length);
  });
}

/** The means of windows that share out the rows and the columns. */
export function adaptiveAvgPool([x]: readonly Array64[], size: Pair): Array64 {
  const axes = each(size, 2).map((count, axis) => {
    const length = x!.shape[axis + 1]!;
    return Array.from({ length: count }, (_, i) => {
      const first = Math.floor((i * length) / count);
      return { first, size: Math.ceil(((i + 1) * length) / count) - first };
    });
  });
  return pool(x!, axes, ({ values }) => total(values) / values.length);
}

/** Images enlarged: each element repeated, or interpolated between the middles of its neighbours. */
export function upsample(
  [x]: readonly Array64[],
  scale: Pair,
  { interpolation = "nearest" } = {},
): Array64 {
  const { shape } = x!;
  const [scaleY, scaleX] = each(scale, 2) as [number, number];
  const whole = [shape[0]!, shape[1]! * scaleY, shape[2]! * scaleX, shape[3]!];
  return fill(whole, ([n, i, j, c]) => {
    if (interpolation === "nearest") {
      return at(x!, [n!, Math.floor(i! / scaleY), Math.floor(j! / scaleX), c!]);
    }
    // Each element of x weighs as much as it is near, where positions beyond the edges are the edges.
    const share = (position: number, other: number, length: number): number =>
      Math.max(0, 1 - Math.abs(Math.min(Math.max(position, 0), length - 1) - other));
    const [row, column] = [(i! + 0.5) / scaleY - 0.5, (j! + 0.5) / scaleX - 0.5];
    let sum = 0;
    for (let y = 0; y < shape[1]!; y++) {
      for (let z = 0; z < shape[2]!; z++) {
        const weight = share(row, y, shape[1]!) * share(column, z, shape[2]!);
        sum += weight * at(x!, [n!, y, z, c!]);
      }
    }
    return sum;
  });
}

/** Returns the array without the axes between batch and channels, each channel combined. */
function over(combine: (seen: Seen) => number) {
  return ([x]: readonly Array64[]): Array64 => {
    const whole = x!.shape.slice(1, -1).map((size) => [{ first: 0, size }]);
    const { data, shape } = pool(x!, whole, combine);
    return { data, shape: [shape[0]!, shape.at(-1)!] };
  };
}

export const globalMaxPool = over(largest);
export const globalAvgPool = over(({ values }) => total(values) / values.length);
