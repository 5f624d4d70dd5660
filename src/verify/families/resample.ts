import { length } from "../../reference/array64.ts";
import { type Sums, resample } from "../../reference/resample.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats, generator } from "../numbers.ts";

/** Sums of neighbours in images of a size. */
export interface Resampling {
  readonly shape: readonly [batch: number, rows: number, columns: number];
  readonly rows: Sums;
  readonly columns: Sums;
}

/** Returns sums over an axis, each of up to `most` terms, and some without any. */
function sumsOver(length: number, count: number, most: number, seed: number): Sums {
  const next = generator(seed);
  return Array.from({ length: count }, (_, i) => {
    const terms = Math.floor(next() * (1 + Math.min(most, length)));
    const first = Math.floor(next() * (1 + length - terms));
    return { first, weights: floats(terms, seed + i, -1, 1) };
  });
}

/** Returns the means of pairs. */
function pairs(length: number): Sums {
  return Array.from({ length: length / 2 }, (_, i) => ({ first: 2 * i, weights: [0.5, 0.5] }));
}

const one: Sums = [{ first: 0, weights: [1] }];

export const resamplings: readonly Resampling[] = [
  { shape: [2, 4, 6], rows: pairs(4), columns: pairs(6) },
  { shape: [1, 1, 8], rows: one, columns: pairs(8) },
  { shape: [2, 5, 4], rows: sumsOver(5, 7, 3, 1), columns: sumsOver(4, 9, 2, 2) },
  { shape: [1, 3, 17], rows: sumsOver(3, 2, 3, 3), columns: sumsOver(17, 5, 17, 4) },
  { shape: [3, 6, 3], rows: sumsOver(6, 6, 1, 5), columns: sumsOver(3, 1, 3, 6) },
  { shape: [0, 2, 2], rows: one, columns: one },
  { shape: [1, 2, 2], rows: [], columns: one },
];

export const channelCounts = [1, 2, 3, 4, 5, 8, 15, 16, 17, 36];

const bits = (values: ArrayLike<number>, most: number): Int32Array => {
  const floats = new Float32Array(most);
  floats.set(values);
  return new Int32Array(floats.buffer);
};

/** Returns the words that the kernel takes for both axes. */
export function axisWords({ shape, rows, columns }: Resampling): Int32Array<ArrayBuffer> {
  const words = [rows, columns].flatMap((sums, axis) => {
    const most = Math.max(0, ...sums.map(({ weights }) => weights.length));
    const outputs = sums.flatMap(({ first, weights }) => {
      return [first, weights.length, ...bits(weights, most)];
    });
    return [shape[axis + 1]!, sums.length, most, ...outputs];
  });
  return Int32Array.from(words);
}

function resampleCase(resampling: Resampling, channels: number): KernelCase {
  const { shape, rows, columns } = resampling;
  const whole = [...shape, channels];
  const x = floats(length(whole), 3);
  const { value, size } = resample({ shape: whole, data: Float64Array.from(x) }, rows, columns);
  const sides = [rows, columns].map((sums) => Math.max(0, ...sums.map((s) => s.weights.length)));
  // Each term is multiplied twice, and added to the others of its row, and to the other rows.
  const roundings = sides.reduce((sum, terms) => sum + terms, 2);
  return kernelCase({
    what: `${whole.join(" x ")} to ${rows.length} x ${columns.length}`,
    inputs: { x, axes: axisWords(resampling) },
    results: {
      y: { expected: value.data, allowed: (_, i) => roundings * U * size.data[i]! },
    },
    call(kernels, { x, axes, y }) {
      kernels.resample2d(x, y, axes, shape[0], channels);
    },
  });
}

/** Repeats each column, which has to keep every bit, the sign of 0 too. */
function repeatCase(channels: number): KernelCase {
  const columns = [0, 0, 1, 1].map((first) => ({ first, weights: [1] }));
  const numbers = [-0, 0, NaN, Infinity, -Infinity, 2 ** -149, -3e38];
  const x = Float32Array.from({ length: 2 * channels }, (_, i) => numbers[i % numbers.length]!);
  const expected = Array.from({ length: 4 * channels }, (_, i) => {
    return x[Math.floor(i / (2 * channels)) * channels + (i % channels)]!;
  });
  return kernelCase({
    what: `special numbers repeated, ${channels} channels`,
    inputs: { x, axes: axisWords({ shape: [1, 1, 2], rows: one, columns }) },
    results: { y: { expected } },
    call(kernels, { x, axes, y }) {
      kernels.resample2d(x, y, axes, 1, channels);
    },
  });
}

export const resampleFamily: Family<"resample2d"> = {
  name: "resampling",
  kernels: {
    resample2d: () => [
      ...resamplings.flatMap((one) => channelCounts.map((n) => resampleCase(one, n))),
      ...channelCounts.map(repeatCase),
    ],
  },
};
