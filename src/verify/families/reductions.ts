import { type Extent, largest, largestGrad, sum, sumGrad } from "../../reference/reductions.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U, columnRoundings, rowRoundings } from "../compare.ts";
import { floats, generator } from "../numbers.ts";

const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 17, 300];

/** All shapes of these lengths up to 40,000 elements, and rows and columns around block edges. */
const sumShapes: readonly Extent[] = [
  ...lengths.flatMap((outer) =>
    lengths.flatMap((axis) =>
      lengths
        .filter((inner) => outer * axis * inner <= 40_000)
        .map((inner) => ({ outer, axis, inner })),
    ),
  ),
  ...[127, 128, 129, 191, 192, 193, 256, 1000, 4096, 100_000].map((axis) => ({
    ...{ outer: 1, axis, inner: 1 },
  })),
  ...[31, 32, 33, 47, 48, 49, 72, 73].flatMap((axis) =>
    [2, 3, 4, 15, 16, 19, 33].map((inner) => ({ outer: 2, axis, inner })),
  ),
];

/** Shapes whose sums are so long that an error that grows with the length would show. */
const longShapes: readonly Extent[] = [
  ...[2047, 2048, 2049, 65_537].map((axis) => ({ outer: 1, axis, inner: 1 })),
  ...[2047, 2048, 2049].map((axis) => ({ outer: 1, axis, inner: 19 })),
  { outer: 1, axis: 65_537, inner: 3 },
];

/** Numbers whose sums in float32 are rounded in the same direction every time. */
const biased: Readonly<Record<string, (i: number) => number>> = {
  "0.1": () => 0.1,
  "1 + 2^-23": () => 1 + 2 ** -23,
  "1, and 2^-25": (i) => (i === 0 ? 1 : 2 ** -25),
};

export const maxShapes: readonly Extent[] = [0, 1, 3].flatMap((outer) =>
  [1, 2, 3, 4, 5, 8, 9, 33].flatMap((axis) =>
    [1, 2, 3, 4, 5, 7, 8, 17].map((inner) => ({ outer, axis, inner })),
  ),
);

const scales = [1, Math.fround(1 / 3), -2];

const nameOf = ({ outer, axis, inner }: Extent): string => `[${outer}, ${axis}, ${inner}]`;

function sumCase(
  shape: Extent,
  scale: number,
  x = floats(shape.outer * shape.axis * shape.inner, shape.axis + shape.inner),
  ofWhat = "",
): KernelCase {
  const { outer, axis, inner } = shape;
  const { value, size } = sum(x, shape, scale);
  const bound = (inner === 1 ? rowRoundings(axis) : columnRoundings(axis)) * U;
  return kernelCase({
    what: `${nameOf(shape)}${ofWhat}, times ${scale}`,
    inputs: { x },
    results: { y: { expected: value, allowed: (_, i) => bound * size[i]! } },
    call(kernels, { x, y }) {
      kernels.sum(x, y, outer, axis, inner, scale);
    },
  });
}

/** Generates long sums of every kind of biased numbers. */
function* longSums(): Generator<KernelCase> {
  for (const shape of longShapes) {
    const { axis, inner } = shape;
    for (const [name, of] of Object.entries(biased)) {
      const x = Float32Array.from({ length: axis * inner }, (_, i) => of(Math.floor(i / inner)));
      yield sumCase(shape, 1, x, ` of ${name}`);
    }
  }
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

/** Returns numbers of few values, so that the largest often occurs more than once. */
export function tied(n: number, seed: number): Float32Array {
  const next = generator(seed);
  const values = [-Infinity, -3, -0, 0, 2, 2.5];
  return Float32Array.from({ length: n }, () => values[Math.floor(next() * values.length)]!);
}

function maxCase(shape: Extent, seed: number): KernelCase {
  const { outer, axis, inner } = shape;
  const x = tied(outer * axis * inner, seed + axis);
  // NaN counts as larger than all numbers.
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

/** Returns a case in which dy, even NaN and infinities, goes to the place of the largest alone. */
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

type Make = (shape: Extent, scale: number) => KernelCase;

/**
 * Generates cases of every shape, of small shapes with every scale. They are made one at a time,
 * because all of them together would take much memory.
 */
function* scaled(make: Make): Generator<KernelCase> {
  for (const [i, shape] of sumShapes.entries()) {
    const isLarge = shape.outer * shape.axis * shape.inner > 500;
    for (const scale of isLarge ? [scales[i % scales.length]!] : scales) yield make(shape, scale);
  }
}

export const reductionFamily: Family<"sum" | "sumGrad" | "max" | "maxGrad"> = {
  name: "reductions",
  kernels: {
    *sum() {
      yield* scaled(sumCase);
      yield* longSums();
    },
    sumGrad: () => scaled(sumGradCase),
    max: () => [1, 2, 3].flatMap((seed) => maxShapes.map((shape) => maxCase(shape, seed))),
    maxGrad: () => maxShapes.map(maxGradCase),
  },
};
