import { type Extent, largest, largestGrad, sum, sumGrad } from "../../reference/reductions.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats, generator } from "../numbers.ts";

const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 17, 300];

/** All shapes of these lengths, except the ones of millions; and long rows. */
const sumShapes: readonly Extent[] = [
  ...lengths.flatMap((outer) =>
    lengths.flatMap((axis) =>
      lengths
        .filter((inner) => outer * axis * inner <= 40_000)
        .map((inner) => ({ outer, axis, inner })),
    ),
  ),
  ...[255, 256, 257, 259, 512, 1000, 4096, 100_000].map((axis) => ({ outer: 1, axis, inner: 1 })),
];

export const maxShapes: readonly Extent[] = [0, 1, 3].flatMap((outer) =>
  [1, 2, 3, 4, 5, 8, 9, 33].flatMap((axis) =>
    [1, 2, 3, 4, 5, 7, 8, 17].map((inner) => ({ outer, axis, inner })),
  ),
);

const scales = [1, Math.fround(1 / 3), -2];

const nameOf = ({ outer, axis, inner }: Extent): string => `[${outer}, ${axis}, ${inner}]`;

/** Additions that a term goes through at most, scaling included. */
function depth({ axis, inner }: Extent): number {
  return inner === 1 ? Math.min(axis, 256) / 4 + axis / 256 + 4 : axis + 1;
}

function sumCase(shape: Extent, scale: number): KernelCase {
  const { outer, axis, inner } = shape;
  const x = floats(outer * axis * inner, axis + inner);
  const { value, size } = sum(x, shape, scale);
  const bound = depth(shape) * U;
  return kernelCase({
    what: `${nameOf(shape)}, times ${scale}`,
    inputs: { x },
    results: { y: { expected: value, allowed: (_, i) => bound * size[i]! } },
    call(kernels, { x, y }) {
      kernels.sum(x, y, outer, axis, inner, scale);
    },
  });
}

function sumGradCase(shape: Extent, scale: number): KernelCase {
  const { outer, axis, inner } = shape;
  const dy = floats(outer * inner, axis + inner);
  return kernelCase({
    what: `${nameOf(shape)}, times ${scale}`,
    inputs: { dy },
    results: { dx: { expected: sumGrad(dy, shape, scale) } },
    call(kernels, { dy, dx }) {
      kernels.sumGrad(dy, dx, outer, axis, inner, scale);
    },
  });
}

/** Numbers of few values, so that the largest is often there more than once. */
export function tied(n: number, seed: number): Float32Array {
  const next = generator(seed);
  const values = [-Infinity, -3, -0, 0, 2, 2.5];
  return Float32Array.from({ length: n }, () => values[Math.floor(next() * values.length)]!);
}

function maxCase(shape: Extent, seed: number): KernelCase {
  const { outer, axis, inner } = shape;
  const x = tied(outer * axis * inner, seed + axis);
  // NaN is above all.
  if (seed === 3 && x.length > 4) x[4] = NaN;
  const { values, places } = largest(x, shape);
  return kernelCase({
    what: nameOf(shape),
    inputs: { x },
    results: { y: { expected: values }, places: { expected: places } },
    call(kernels, { x, y, places }) {
      kernels.max(x, y, places, outer, axis, inner);
    },
  });
}

/** dy goes to the largest, whatever it is, and 0 elsewhere. */
function maxGradCase(shape: Extent): KernelCase {
  const { outer, axis, inner } = shape;
  const count = outer * inner;
  const next = generator(axis);
  const places = Int32Array.from({ length: count }, () => Math.floor(next() * axis));
  const dy = Float32Array.from({ length: count }, (_, i) => [NaN, Infinity, 1.5, -2][i % 4]!);
  return kernelCase({
    what: nameOf(shape),
    inputs: { dy, places },
    results: { dx: { expected: largestGrad(dy, places, shape) } },
    call(kernels, { dy, places, dx }) {
      kernels.maxGrad(dy, places, dx, outer, axis, inner);
    },
  });
}

/** Every shape, small ones with every scale, made one at a time: together they are large. */
function* scaled(make: typeof sumCase): Generator<KernelCase> {
  for (const [i, shape] of sumShapes.entries()) {
    const isLarge = shape.outer * shape.axis * shape.inner > 500;
    for (const scale of isLarge ? [scales[i % scales.length]!] : scales) yield make(shape, scale);
  }
}

export const reductionFamily: Family<"sum" | "sumGrad" | "max" | "maxGrad"> = {
  name: "reductions",
  kernels: {
    sum: () => scaled(sumCase),
    sumGrad: () => scaled(sumGradCase),
    max: () => [1, 2, 3].flatMap((seed) => maxShapes.map((shape) => maxCase(shape, seed))),
    maxGrad: () => maxShapes.map(maxGradCase),
  },
};
