import { arrayFormulas } from "../../reference/arrays.ts";
import { type Array64, length } from "../../reference/array64.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { floats } from "../numbers.ts";

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33];

type Shape = readonly number[];

/** Returns an array whose elements all differ; one has the bits of a signalling NaN. */
export function counted(shape: Shape): { words: Uint32Array; array: Array64 } {
  const words = Uint32Array.from({ length: length(shape) }, (_, i) => i + 1);
  if (words.length > 2) words[1] = 0x7f812345;
  return { words, array: { shape, data: Float64Array.from(words) } };
}

/** A copy with strides; `axes` has, for each axis of the result, its length and both strides. */
interface Walk {
  readonly shape: Shape;
  readonly order: readonly number[];
  readonly axes: readonly number[];
}

function transposes(rows: number, cols: number): Walk[] {
  // The axis along which the source is dense comes last, or next to last.
  const walks = [
    [cols, 1, rows, rows, cols, 1],
    [rows, cols, 1, cols, 1, rows],
  ];
  return walks.map((axes) => ({ shape: [rows, cols], order: [1, 0], axes }));
}

/** Transposed matrices, and arrays of three axes copied by rows, elements and blocks. */
export const walks: readonly Walk[] = [
  ...sizes.flatMap((rows) => sizes.flatMap((cols) => transposes(rows, cols))),
  { shape: [3, 4, 5], order: [0, 1, 2], axes: [60, 1, 1] },
  { shape: [3, 4, 5], order: [1, 0, 2], axes: [4, 5, 15, 3, 20, 5, 5, 1, 1] },
  { shape: [3, 4, 5], order: [2, 1, 0], axes: [4, 5, 3, 5, 1, 12, 3, 20, 1] },
];

/** Returns the expected result of a walk. */
export function walked({ shape, order }: Walk): Uint32Array {
  return Uint32Array.from(arrayFormulas.transpose([counted(shape).array], order).data);
}

function copyCase(walk: Walk): KernelCase {
  const { shape, order, axes } = walk;
  return kernelCase({
    what: `${shape.join(" x ")}, axes ${order.join(" ")}`,
    inputs: { src: counted(shape).words, axes: Uint32Array.from(axes) },
    results: { dst: { expected: walked(walk) } },
    call(kernels, { src, axes: at, dst }) {
      kernels.copyStrided(src, dst, at, axes.length / 3);
    },
  });
}

/** Walks [length, stride of src, stride of dst] that add to an array, or to a part of it. */
export const sums: readonly (readonly (readonly [number, number, number])[])[] = [
  ...sizes.map((n) => [[n, 1, 1] as const]),
  ...sizes.map((n) => [[n, 1, 3] as const]),
  ...sizes.map((n) => [[3, n, n + 2] as const, [n, 1, 1] as const]),
  [
    [2, 15, 60],
    [3, 5, 10],
    [5, 1, 2],
  ],
  [
    [4, 1, 12],
    [3, 4, 1],
  ],
];

/** Returns the number of elements up to the last that a walk reaches in src (1) or dst (2). */
export function reached(axes: (typeof sums)[number], which: 1 | 2): number {
  if (axes.some(([length]) => length === 0)) return 0;
  return axes.reduce((last, axis) => last + (axis[0] - 1) * axis[which], 1);
}

/** Returns the expected dst after src has been added to it along a walk. */
export function added(
  axes: (typeof sums)[number],
  src: ArrayLike<number>,
  dst: ArrayLike<number>,
): Float64Array {
  const after = Float64Array.from(dst);
  const walk = (from: number, to: number, [axis, ...inner]: (typeof sums)[number]): void => {
    if (!axis) after[to]! += src[from]!;
    for (let i = 0; axis && i < axis[0]; i++) walk(from + i * axis[1], to + i * axis[2], inner);
  };
  walk(0, 0, axes);
  return after;
}

/** Each sum is rounded once. */
function sumCase(axes: (typeof sums)[number]): KernelCase {
  const [src, before] = [floats(reached(axes, 1), 1), floats(reached(axes, 2), 2)];
  return kernelCase({
    what: `axes ${axes.join(", ")}`,
    inputs: { src, axes: Int32Array.from(axes.flat()) },
    results: { dst: { before, expected: added(axes, src, before) } },
    call(kernels, { src, axes: at, dst }) {
      kernels.addStrided(src, dst, at, axes.length);
    },
  });
}

/** A slice that is copied into zeros of the shape of the array that it was taken from. */
export interface Padding {
  readonly whole: Shape;
  readonly shape: Shape;
  readonly begin: readonly number[];
  readonly step: readonly number[];
}

export const paddings: readonly Padding[] = [
  ...sizes.flatMap((n) => [
    { whole: [n + 3], shape: [n || 1], begin: [n ? 2 : 0], step: [1] },
    { whole: [2 * n + 3], shape: [n + 1], begin: [1], step: [2] },
  ]),
  { whole: [5, 4], shape: [2, 3], begin: [1, 1], step: [2, 1] },
  { whole: [5, 17], shape: [3, 4], begin: [2, 1], step: [1, 4] },
  { whole: [3, 4, 5], shape: [1, 2, 2], begin: [2, 0, 1], step: [1, 3, 3] },
  { whole: [9], shape: [0], begin: [4], step: [1] },
];

/** Returns the axes in the kernel's form. */
export function paddedAxes({ whole, shape, begin, step }: Padding): number[] {
  const block = (of: Shape, i: number): number => length(of.slice(i + 1));
  return whole.flatMap((n, i) => {
    return [n, begin[i]!, step[i]!, shape[i]!, block(shape, i), block(whole, i)];
  });
}

/** Returns the expected result of a padding: zeros, and the source at the slice's positions. */
export function padded({ whole, shape, begin, step }: Padding): Uint32Array {
  const { words } = counted(shape);
  const positions = Float64Array.from({ length: length(whole) }, (_, i) => i);
  const end = shape.map((n, i) => (n === 0 ? begin[i]! : begin[i]! + (n - 1) * step[i]! + 1));
  const places = arrayFormulas.slice([{ shape: whole, data: positions }], begin, end, step).data;
  const result = new Uint32Array(length(whole));
  places.forEach((place, i) => (result[place] = words[i]!));
  return result;
}

function padCase(padding: Padding): KernelCase {
  const { whole, shape, begin, step } = padding;
  const axes = paddedAxes(padding);
  return kernelCase({
    what: `${shape.join(" x ")} into ${whole.join(" x ")} at ${begin.join(" ")} by ${step.join(" ")}`,
    inputs: { src: counted(shape).words, axes: Uint32Array.from(axes) },
    results: { dst: { expected: padded(padding) } },
    call(kernels, { src, axes, dst }) {
      kernels.padStrided(src, dst, axes, whole.length);
    },
  });
}

export const concatRows = [0, 1, 2, 3, 17];
export const concatWidths = [[3], [1, 4], [0, 5, 2], [8, 8, 1, 0]];

/** Returns parts of some widths, and the expected array of them side by side. */
export function concatenated(rows: number, widths: readonly number[]) {
  const parts = widths.map((width) => counted([rows, width]));
  const { data } = arrayFormulas.concat(
    parts.map(({ array }) => array),
    1,
  );
  return { parts: parts.map(({ words }) => words), whole: Uint32Array.from(data) };
}

function concatCase(rows: number, widths: readonly number[]): KernelCase {
  const { parts, whole } = concatenated(rows, widths);
  const names = parts.map((_, i) => `part${i}`);
  return kernelCase({
    what: `${rows} rows of ${widths.join(", ")}`,
    inputs: Object.fromEntries(parts.map((part, i) => [names[i]!, part])),
    results: { dst: { expected: whole } },
    scratch: { list: () => new Uint32Array(2 * parts.length) },
    call(kernels, at) {
      // The list has the address and the width of each part, so it is written after they are
      // placed.
      const list = widths.flatMap((width, i) => [at[names[i]!]!, width]);
      new Uint32Array(kernels.memory.buffer, at.list, list.length).set(list);
      kernels.concat(at.list!, parts.length, at.dst!, 0, rows);
    },
  });
}

export const copyFamily: Family<"addStrided" | "concat" | "copyStrided" | "padStrided"> = {
  name: "copies",
  kernels: {
    addStrided: () => sums.map(sumCase),
    concat: () => concatRows.flatMap((rows) => concatWidths.map((of) => concatCase(rows, of))),
    copyStrided: () => walks.map(copyCase),
    padStrided: () => paddings.map(padCase),
  },
};
