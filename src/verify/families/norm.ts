import { moments } from "../../reference/norm.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats, integers } from "../numbers.ts";

/** Number that every normalisation adds to a variance. */
export const EPSILON = Math.fround(1e-5);

/** Returns n numbers around 3, so that subtracting the mean matters. */
export function samples(n: number, seed: number): Float32Array {
  return floats(n, seed, 1, 5);
}

/** Returns n numbers for a seed. */
export type Samples = (n: number, seed: number) => Float32Array;

const times =
  (factor: number): Samples =>
  (n, seed) =>
    samples(n, seed).map((v) => v * factor);

/** Kinds of numbers, each of which is hard for another reason. */
export const kinds: readonly (readonly [name: string, make: Samples])[] = [
  ["around 3", samples],
  // Their means are half-way between two floats.
  ["1e7 and little more", (n, seed) => Float32Array.from(integers(n, seed, 4), (v) => 1e7 + v)],
  // Their squares are beyond the largest float.
  ["around 3e30", times(1e30)],
  ["around 3e-30", times(1e-30)],
];

/** A normalised element, and the weight and bias of its channel. */
interface Normalised {
  readonly hat: number;
  /** Change of `hat` by the rounding of the mean. */
  readonly shift: number;
  readonly weight: number;
  readonly bias: number;
}

/**
 * Returns the error of x̂ in u: roundings of the difference, its scale, their product, the shift.
 */
export function hatError(hat: number, shift: number): number {
  return 4 * Math.abs(hat) + 4 * Math.abs(shift);
}

/** Returns the error of an output: that of x̂, and the roundings by the weight and the bias. */
export function outputError({ hat, shift, weight, bias }: Normalised): number {
  return U * ((hatError(hat, shift) + Math.abs(hat)) * Math.abs(weight) + 2 * Math.abs(bias));
}

export interface Shape {
  readonly batch: number;
  readonly space: number;
  readonly channels: number;
  readonly groups: number;
}

export const normShapes: readonly Shape[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 33].map((channels) => {
    return { batch: 3, space: 1, channels, groups: 1 };
  }),
  { batch: 2, space: 5, channels: 12, groups: 4 },
  { batch: 2, space: 3, channels: 34, groups: 2 },
  { batch: 3, space: 4, channels: 5, groups: 5 },
  { batch: 1, space: 7, channels: 40, groups: 8 },
  { batch: 0, space: 3, channels: 4, groups: 2 },
  { batch: 5, space: 0, channels: 4, groups: 2 },
];

const sizesOf = ({ batch, space, channels, groups }: Shape) =>
  [batch, space, channels, groups] as const;

function nameOf({ batch, space, channels, groups }: Shape, centred: boolean): string {
  const how = centred ? "centred" : "not centred";
  return `${batch} x ${space} x ${channels} in ${groups} groups, ${how}`;
}

/** Returns mean, scale and shift of each group of each example, the group of an element, and x̂. */
function statistics(x: Float32Array, { batch, space, channels, groups }: Shape, centred: boolean) {
  const size = channels / groups;
  const groupOf = (i: number): number => {
    const example = Math.floor(i / (space * channels));
    return example * groups + Math.floor((i % channels) / size);
  };
  const members = Array.from({ length: batch * groups }, (): number[] => []);
  x.forEach((value, i) => members[groupOf(i)]!.push(value));
  const of = members.map((values): [mean: number, scale: number, shift: number] => {
    const [mean, variance] = moments(values);
    const [taken, square] = centred ? [mean, variance] : [0, variance + mean * mean];
    const scale = 1 / Math.sqrt(square + EPSILON);
    return [taken, scale, (Math.fround(taken) - taken) * scale];
  });
  const hat = Array.from(x, (value, i) => (value - of[groupOf(i)]![0]) * of[groupOf(i)]![1]);
  return { groupOf, hat, of };
}

/** @param affine true if there is a weight and a bias */
function groupNormCase(
  shape: Shape,
  centred: boolean,
  affine: boolean,
  [kind, make] = kinds[0]!,
): KernelCase {
  const { batch, space, channels, groups } = shape;
  const n = batch * space * channels;
  const x = make(n, channels);
  const { of, groupOf, hat } = statistics(x, shape, centred);
  const [weight, bias] = [floats(channels, 3), floats(channels, 4)];
  const [w, b] = affine ? [weight, bias] : [weight.map(() => 1), bias.map(() => 0)];
  const allowed = (_: number, i: number): number => {
    const [, , shift] = of[groupOf(i)]!;
    const c = i % channels;
    return outputError({ hat: hat[i]!, shift, weight: w[c]!, bias: b[c]! });
  };
  const stats = {
    expected: of.flat(),
    allowed(e: number, i: number): number {
      const [mean, scale] = of[Math.floor(i / 3)]!;
      // The shift has the last digits of a mean in float64.
      return U * Math.abs(e) + (i % 3 === 2 ? 2 ** -50 * Math.abs(mean * scale) : 0);
    },
  };
  const y = { expected: hat.map((h, i) => h * w[i % channels]! + b[i % channels]!), allowed };
  return kernelCase({
    what: `${nameOf(shape, centred)}${affine ? "" : ", no weight"}, ${kind}`,
    inputs: { x, weight, bias },
    results: { y, stats },
    call(kernels, { x, weight, bias, y, stats }) {
      const given = affine ? ([weight, bias] as const) : ([0, 0] as const);
      const last = [...sizesOf(shape), EPSILON, centred, 0, batch * groups] as const;
      kernels.groupNorm(x, ...given, y, stats, ...last);
    },
  });
}

/**
 * Returns the operands of a normalisation's gradients, and the numbers that their formulas need.
 */
function slopes(shape: Shape, centred: boolean, make: Samples) {
  const { batch, space, channels } = shape;
  const n = batch * space * channels;
  const [x, dy, weight] = [make(n, channels), floats(n, 2), floats(channels, 3)];
  const { of, groupOf, hat } = statistics(x, shape, centred);
  const errorOf = (i: number): number => hatError(hat[i]!, of[groupOf(i)]![2]);
  return { x, dy, weight, hat, of, groupOf, errorOf, stats: Float32Array.from(of.flat()) };
}

function groupNormGradCase(shape: Shape, centred: boolean, [kind, make] = kinds[0]!): KernelCase {
  const { batch, space, channels, groups } = shape;
  const count = batch * groups;
  const { x, dy, weight, stats, hat, of, groupOf, errorOf } = slopes(shape, centred, make);
  const slope = Array.from(dy, (d, i) => d * weight[i % channels]!);
  const mean = (values: (i: number) => number): Float64Array => {
    const sums = new Float64Array(count);
    slope.forEach((_, i) => (sums[groupOf(i)]! += values(i)));
    return sums.map((sum) => sum / ((space * channels) / groups));
  };
  const [plain, along] = [mean((i) => slope[i]!), mean((i) => slope[i]! * hat[i]!)];
  return kernelCase({
    what: `${nameOf(shape, centred)}, ${kind}`,
    inputs: { x, dy, weight, stats },
    results: {
      dx: {
        expected: slope.map((s, i) => {
          const group = groupOf(i);
          return of[group]![1] * (s - (centred ? plain[group]! : 0) - hat[i]! * along[group]!);
        }),
        allowed(_, i) {
          const size = 3 * Math.abs(slope[i]!) + 2 * Math.abs(plain[groupOf(i)]!);
          return 2 * U * of[groupOf(i)]![1] * (size + 8 * errorOf(i));
        },
      },
    },
    call(kernels, { x, dy, weight, stats, dx }) {
      kernels.groupNormGrad(x, dy, weight, stats, dx, ...sizesOf(shape), centred, 0, count);
    },
  });
}

/** Returns a case of Σ dy · x̂ and Σ dy of each channel. */
function groupNormSumsCase(shape: Shape, centred: boolean, [kind, make] = kinds[0]!): KernelCase {
  const { channels } = shape;
  const { x, dy, stats, hat, errorOf } = slopes(shape, centred, make);
  const [along, plain] = [new Float64Array(channels), new Float64Array(channels)];
  const magnitude = new Float64Array(channels);
  dy.forEach((d, i) => {
    along[i % channels]! += d * hat[i]!;
    plain[i % channels]! += d;
    magnitude[i % channels]! += Math.abs(d) * (Math.abs(hat[i]!) + errorOf(i));
  });
  const allowed = (e: number, c: number) => 4 * U * (magnitude[c]! + Math.abs(e));
  return kernelCase({
    what: `${nameOf(shape, centred)}, ${kind}`,
    inputs: { x, dy, stats },
    results: { along: { expected: along, allowed }, plain: { expected: plain, allowed } },
    scratch: { scratch: () => new Float64Array(2 * channels).fill(NaN) },
    call(kernels, { x, dy, stats, along, plain, scratch }) {
      const last = [...sizesOf(shape), 0, channels, scratch] as const;
      kernels.groupNormSums(x, dy, stats, along, plain, ...last);
    },
  });
}

/** Returns cases of every shape, centred and not, with every kind of numbers. */
const all = (make: typeof groupNormGradCase): KernelCase[] =>
  normShapes.flatMap((shape) =>
    [true, false].flatMap((centred) => kinds.map((kind) => make(shape, centred, kind))),
  );

export const groupNormFamily: Family<"groupNorm" | "groupNormGrad" | "groupNormSums"> = {
  name: "group norm",
  kernels: {
    groupNorm: () => [
      ...all((shape, centred, kind) => groupNormCase(shape, centred, true, kind)),
      ...normShapes.map((shape) => groupNormCase(shape, true, false)),
    ],
    groupNormGrad: () => all(groupNormGradCase),
    groupNormSums: () => all(groupNormSumsCase),
  },
};
