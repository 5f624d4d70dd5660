import { logSoftmax, logSoftmaxGrad, softmax, softmaxGrad } from "../../reference/softmax.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U, rowRoundings } from "../compare.ts";
import { floats, generator } from "../numbers.ts";

/** Number of rows and their length. */
export type RowShape = readonly [rows: number, cols: number];

const lengths = [1, 2, 3, 4, 5, 8, 10, 33];

export const rowShapes: readonly RowShape[] = [
  ...lengths.flatMap((rows) => lengths.map((cols): RowShape => [rows, cols])),
  // The longest sum of one block, one of two, and a long one. Longer ones take too much time: that
  // of the expected gradient grows with the square of the length.
  ...[128, 129].map((cols): RowShape => [4, cols]),
  [2, 1027],
];

/** Returns rows of four kinds in turn: small, spread out, huge, and all equal. */
export function logits([rows, cols]: RowShape): Float32Array {
  const ranges = [1, 30, 1e4, 0];
  const next = generator(rows * 100 + cols);
  return Float32Array.from({ length: rows * cols }, (_, at) => {
    const range = ranges[Math.floor(at / cols) % 4]!;
    return range === 0 ? 1e4 : range * (2 * next() - 1);
  });
}

export function row(values: Float32Array, i: number, cols: number): Float32Array {
  return values.slice(i * cols, (i + 1) * cols);
}

/** Returns the results of f for all rows, one after the other. */
export function byRow(
  x: Float32Array,
  [rows, cols]: RowShape,
  f: (row: Float32Array, i: number) => readonly number[],
): number[] {
  return Array.from({ length: rows }, (_, i) => f(row(x, i, cols), i)).flat();
}

/** Returns the error of ln Σ e^x in u: that of the terms, of their sum and of the logarithm. */
export function logSumError(cols: number): number {
  return rowRoundings(cols) + 8 * Math.log(cols) + 14;
}

/**
 * Returns the softmax of every row. The error of e^(x - max) grows with the rounding of x - max.
 */
export function softmaxResult(x: Float32Array, shape: RowShape) {
  const [, cols] = shape;
  const tops = byRow(x, shape, (of) => [Math.max(...of)]);
  return {
    expected: byRow(x, shape, softmax),
    allowed(expected: number, at: number): number {
      const below = tops[Math.floor(at / cols)]! - x[at]!;
      return (below + logSumError(cols)) * U * expected + 2 ** -148;
    },
  };
}

/** Returns softmax rounded to float32, an input of the gradients. */
export function roundedSoftmax(x: Float32Array, shape: RowShape): Float32Array {
  return Float32Array.from(byRow(x, shape, softmax));
}

function softmaxCase(shape: RowShape): KernelCase {
  const x = logits(shape);
  return kernelCase({
    what: shape.join(" x "),
    inputs: { x },
    results: { y: softmaxResult(x, shape) },
    call(kernels, { x, y }) {
      kernels.softmax(x, y, ...shape);
    },
  });
}

function softmaxGradCase(shape: RowShape): KernelCase {
  const [rows, cols] = shape;
  const [y, dy] = [roundedSoftmax(logits(shape), shape), floats(rows * cols, 3, -5, 5)];
  const sizes = byRow(y, shape, (of, i) => {
    const slopes = row(dy, i, cols);
    return [of.reduce((sum, v, j) => sum + Math.abs(v * slopes[j]!), 0)];
  });
  return kernelCase({
    what: shape.join(" x "),
    inputs: { y, dy },
    results: {
      dx: {
        expected: byRow(y, shape, (of, i) => softmaxGrad(of, row(dy, i, cols))),
        allowed(e, at) {
          const size = sizes[Math.floor(at / cols)]!;
          return U * ((rowRoundings(cols) + 2) * size * y[at]! + 3 * Math.abs(e)) + 2 ** -149;
        },
      },
    },
    call(kernels, { y, dy, dx }) {
      kernels.softmaxGrad(y, dy, dx, ...shape);
    },
  });
}

/**
 * Returns the error allowed of log-softmax. The differences x - max and y are rounded. The
 * logarithm has the errors of its terms, each of which multiplies the rounding of its own x - max,
 * of their sum and of log1p.
 */
function logSoftmaxError(x: Float32Array): (v: number, y: number) => number {
  const max = Math.max(...x);
  const top = x.indexOf(max);
  const sumOf = (weight: (below: number) => number): number =>
    x.reduce((sum, v, j) => (j === top ? sum : sum + weight(max - v) * Math.exp(v - max)), 0);
  const terms = sumOf((below) => below + 2 + rowRoundings(x.length));
  const logSum = Math.log1p(sumOf(() => 1));
  return (v, y) => U * (max - v + Math.abs(y) + 4 * logSum + terms) + 2 ** -149;
}

function logSoftmaxCase(shape: RowShape): KernelCase {
  const [rows, cols] = shape;
  const x = logits(shape);
  const errors = Array.from({ length: rows }, (_, i) => logSoftmaxError(row(x, i, cols)));
  return kernelCase({
    what: shape.join(" x "),
    inputs: { x },
    results: {
      y: {
        expected: byRow(x, shape, logSoftmax),
        allowed: (e, at) => errors[Math.floor(at / cols)]!(x[at]!, e),
      },
    },
    call(kernels, { x, y }) {
      kernels.logSoftmax(x, y, ...shape);
    },
  });
}

function logSoftmaxGradCase(shape: RowShape): KernelCase {
  const [rows, cols] = shape;
  const y = Float32Array.from(byRow(logits(shape), shape, logSoftmax));
  const dy = floats(rows * cols, 3, -5, 5);
  const sizes = byRow(dy, shape, (of) => [of.reduce((sum, v) => sum + Math.abs(v), 0)]);
  return kernelCase({
    what: shape.join(" x "),
    inputs: { y, dy },
    results: {
      dx: {
        expected: byRow(y, shape, (of, i) => logSoftmaxGrad(of, row(dy, i, cols))),
        allowed(e, at) {
          const size = sizes[Math.floor(at / cols)]!;
          return U * ((cols / 4 + 6) * size * Math.exp(y[at]!) + Math.abs(e)) + 2 ** -149;
        },
      },
    },
    call(kernels, { y, dy, dx }) {
      kernels.logSoftmaxGrad(y, dy, dx, ...shape);
    },
  });
}

export const softmaxFamily: Family<"softmax" | "softmaxGrad" | "logSoftmax" | "logSoftmaxGrad"> = {
  name: "softmax",
  kernels: {
    softmax: () => rowShapes.map(softmaxCase),
    softmaxGrad: () => rowShapes.map(softmaxGradCase),
    logSoftmax: () => rowShapes.map(logSoftmaxCase),
    logSoftmaxGrad: () => rowShapes.map(logSoftmaxGradCase),
  },
};
