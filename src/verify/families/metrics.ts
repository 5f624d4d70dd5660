import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { floats, integers } from "../numbers.ts";

type Shape = readonly [rows: number, cols: number];

const lengths = [1, 2, 3, 4, 5, 10, 33];

const shapes: readonly Shape[] = lengths.flatMap((rows) =>
  lengths.map((cols) => [rows, cols] as const),
);

/** Few different values, so that the largest is often there twice. */
function few([rows, cols]: Shape, seed: number): Float32Array {
  return floats(rows * cols, seed + rows + cols, -3, 3).map(Math.round);
}

/** Places of the first largest of each row. */
function argmax(x: Float32Array, cols: number): number[] {
  return Array.from({ length: x.length / cols }, (_, i) => {
    const row = [...x.slice(i * cols, (i + 1) * cols)];
    return row.indexOf(Math.max(...row));
  });
}

/** Rows whose first largest is at the label. */
function labelsCase(shape: Shape): KernelCase {
  const [rows, cols] = shape;
  const x = few(shape, 1);
  const best = argmax(x, cols);
  const labels = integers(rows, 3, cols).map((label, i) => (i % 2 ? label : best[i]!));
  return kernelCase({
    what: shape.join(" x "),
    inputs: { x, labels },
    results: { count: { expected: [best.filter((place, i) => place === labels[i]).length] } },
    call(kernels, { x, labels, count }) {
      kernels.countLabels(x, labels, count, rows, cols);
    },
  });
}

/** Rows whose first largest are at one place. */
function argmaxCase(shape: Shape): KernelCase {
  const [rows, cols] = shape;
  const [x, t] = [few(shape, 1), few(shape, 2)];
  const wanted = argmax(t, cols);
  const expected = [argmax(x, cols).filter((place, i) => place === wanted[i]).length];
  return kernelCase({
    what: shape.join(" x "),
    inputs: { x, t },
    results: { count: { expected } },
    call(kernels, { x, t, count }) {
      kernels.countArgmax(x, t, count, rows, cols);
    },
  });
}

/** Elements on their side of a threshold. */
function binaryCase(shape: Shape, threshold: number): KernelCase {
  const [x, t] = [few(shape, 1), few(shape, 2).map((v) => Number(v > 0))];
  const expected = [x.filter((v, i) => v > threshold === t[i]! > 0.5).length];
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
