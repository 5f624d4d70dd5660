import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { floats, integers } from "../numbers.ts";

type Shape = readonly [rows: number, cols: number];

const lengths = [1, 2, 3, 4, 5, 10, 33];

const shapes: readonly Shape[] = lengths.flatMap((rows) =>
  lengths.map((cols) => [rows, cols] as const),
);

/**
 * Returns numbers of few different values, so that the largest often occurs twice. Every fifth row
 * has a NaN, each at another place.
 */
function fewValues([rows, cols]: Shape, seed: number): Float32Array {
  const x = floats(rows * cols, seed + rows + cols, -3, 3).map(Math.round);
  for (let i = 5 - seed; i < rows; i += 5) x[i * cols + (i % cols)] = NaN;
  return x;
}

/** Returns the places of the first largest of each row, -1 for a row with a NaN. */
function argmax(x: Float32Array, cols: number): number[] {
  return Array.from({ length: x.length / cols }, (_, i) => {
    const row = [...x.slice(i * cols, (i + 1) * cols)];
    return row.indexOf(Math.max(...row));
  });
}

/** Returns the number of rows whose largest is at the same place in both. */
function agreeing(places: readonly number[], wanted: ArrayLike<number>): number {
  return places.filter((place, i) => place >= 0 && place === wanted[i]).length;
}

/** Returns a case that counts rows whose first largest is at the label. */
function labelsCase(shape: Shape): KernelCase {
  const [rows, cols] = shape;
  const x = fewValues(shape, 1);
  const best = argmax(x, cols);
  const labels = integers(rows, 3, cols).map((label, i) => (i % 2 ? label : Math.max(0, best[i]!)));
  // Rows of class 1 do not count.
  const wanted = labels.map((label) => (label === 1 ? -1 : label));
  return kernelCase({
    what: shape.join(" x "),
    inputs: { x, labels },
    results: { count: { expected: [agreeing(best, wanted)] } },
    call(kernels, { x, labels, count }) {
      kernels.countLabels(x, labels, count, rows, cols, 1);
    },
  });
}

/** Returns a case that counts rows whose first largest is at the same place in x and t. */
function argmaxCase(shape: Shape): KernelCase {
  const [rows, cols] = shape;
  const [x, t] = [fewValues(shape, 1), fewValues(shape, 2)];
  const expected = [agreeing(argmax(x, cols), argmax(t, cols))];
  return kernelCase({
    what: shape.join(" x "),
    inputs: { x, t },
    results: { count: { expected } },
    call(kernels, { x, t, count }) {
      kernels.countArgmax(x, t, count, rows, cols);
    },
  });
}

/** Returns a case that counts elements on the right side of a threshold. */
function binaryCase(shape: Shape, threshold: number): KernelCase {
  const [x, t] = [fewValues(shape, 1), fewValues(shape, 2).map((v) => (v > 0 ? 1 : v * 0))];
  const isRight = (v: number, i: number): boolean => {
    return !Number.isNaN(v * t[i]!) && v > threshold === t[i]! > 0.5;
  };
  const expected = [x.filter(isRight).length];
  return kernelCase({
    what: `${x.length} elements, threshold ${threshold}`,
    inputs: { x, t },
    results: { count: { expected } },
    call(kernels, { x: at, t, count }) {
      kernels.countBinary(at, t, count, x.length, threshold);
    },
  });
}

export const metricFamily: Family<"countLabels" | "countArgmax" | "countBinary"> = {
  name: "metrics",
  kernels: {
    countLabels: () => shapes.map(labelsCase),
    countArgmax: () => shapes.map(argmaxCase),
    countBinary: () => shapes.flatMap((shape) => [0, 0.5].map((at) => binaryCase(shape, at))),
  },
};
