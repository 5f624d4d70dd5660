import { moments } from "../../reference/norm.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats } from "../numbers.ts";
import { EPSILON, type Samples, hatError, kinds, outputError, samples } from "./norm.ts";

type Shape = readonly [rows: number, channels: number];

/** The largest float32. */
const LARGEST = 2 ** 128 - 2 ** 104;

export const channelShapes: readonly Shape[] = [1, 2, 5, 17].flatMap((rows) =>
  [1, 2, 3, 4, 5, 8, 11, 16, 33].map((channels) => [rows, channels] as const),
);

/** Returns the means and the variances of all channels. */
function channelStatistics(x: Float32Array, channels: number) {
  const columns = Array.from({ length: channels }, (): number[] => []);
  x.forEach((v, i) => columns[i % channels]!.push(v));
  const pairs = columns.map(moments);
  return { mean: pairs.map(([m]) => m), variance: pairs.map(([, v]) => v) };
}

/** Returns the operand in which kernels keep float64 sums. */
function workspace(channels: number) {
  return { scratch: () => new Float64Array(2 * channels).fill(NaN) };
}

function momentsCase([rows, channels]: Shape, x: Float32Array, kind: string): KernelCase {
  const { mean, variance } = channelStatistics(x, channels);
  // 2^-150 is half of the smallest float, for variances below it.
  const allowed = (e: number) => U * Math.abs(e) + 2 ** -150;
  const digits = (e: number) => 2 ** -44 * Math.abs(e);
  return kernelCase({
    what: `${rows} x ${channels}, ${kind}`,
    inputs: { x },
    results: {
      mean: { expected: mean, allowed },
      variance: { expected: variance.map((v) => Math.min(v, LARGEST)), allowed },
      wideMean: { expected: mean, allowed: digits, wide: true },
      wideVariance: { expected: variance, allowed: digits, wide: true },
    },
    call(kernels, { x, mean, variance, wideMean, wideVariance }) {
      const out = [mean, variance, wideMean, wideVariance] as const;
      kernels.channelMoments(x, ...out, rows, channels, channels);
    },
  });
}

/** Storage of a case's mean and variance, and kind of its numbers. */
interface Variant {
  /** True for float64, false for float32. */
  readonly wide: boolean;
  readonly kind: string;
  readonly make: Samples;
}

/** Float64 statistics of every kind of numbers, and float32 statistics of those that fit. */
const variants: readonly Variant[] = [
  ...kinds.map(([kind, make]) => ({ wide: true, kind, make })),
  { wide: false, kind: "around 3", make: samples },
];

/** Returns the operands of a normalisation, and the numbers that its formulas need. */
function operands([rows, channels]: Shape, { wide, make }: Variant) {
  const n = rows * channels;
  const x = make(n, 5);
  const exact = channelStatistics(x, channels);
  const store = wide ? Float64Array : Float32Array;
  const [mean, variance] = [store.from(exact.mean), store.from(exact.variance)];
  const [weight, bias] = [floats(channels, 7), floats(channels, 8)];
  const scale = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + EPSILON));
  const shift = Float64Array.from(mean, (m, c) => (Math.fround(m) - m) * scale[c]!);
  const hat = Array.from(x, (v, i) => (v - mean[i % channels]!) * scale[i % channels]!);
  return { x, dy: floats(n, 6), mean, variance, weight, bias, scale, shift, hat };
}

const nameOf = ([rows, channels]: Shape, { wide, kind }: Variant): string =>
  `${rows} x ${channels}, ${kind}${wide ? "" : ", float32"}`;

function normCase(shape: Shape, variant: Variant): KernelCase {
  const [rows, channels] = shape;
  const { x, mean, variance, weight, bias, shift, hat } = operands(shape, variant);
  return kernelCase({
    what: nameOf(shape, variant),
    inputs: { x, mean, variance, weight, bias },
    results: {
      y: {
        expected: hat.map((h, i) => h * weight[i % channels]! + bias[i % channels]!),
        allowed(_, i) {
          const c = i % channels;
          const of = { shift: shift[c]!, weight: weight[c]!, bias: bias[c]! };
          return outputError({ hat: hat[i]!, ...of });
        },
      },
    },
    scratch: workspace(channels),
    call(kernels, { x, mean, variance, weight, bias, y, scratch }) {
      const sizes = [rows, channels, channels, EPSILON, scratch] as const;
      kernels.channelNorm(x, mean, variance, variant.wide, weight, bias, y, ...sizes);
    },
  });
}

/** Returns Σ dy · x̂ and Σ dy of each channel, and the sum of the magnitudes of their terms. */
function sumsOf({ dy, hat, shift }: ReturnType<typeof operands>) {
  const [along, plain, magnitude] = [0, 1, 2].map(() => new Float64Array(shift.length)) as [
    ...[Float64Array, Float64Array, Float64Array],
  ];
  dy.forEach((d, i) => {
    const c = i % shift.length;
    along[c]! += d * hat[i]!;
    plain[c]! += d;
    magnitude[c]! += Math.abs(d) * (1 + hatError(hat[i]!, shift[c]!));
  });
  return { along, plain, magnitude };
}

function sumsCase(shape: Shape, variant: Variant): KernelCase {
  const [rows, channels] = shape;
  const given = operands(shape, variant);
  const { x, dy, mean, variance } = given;
  const { along, plain, magnitude } = sumsOf(given);
  const allowed = (_: number, c: number) => U * magnitude[c]!;
  return kernelCase({
    what: nameOf(shape, variant),
    inputs: { x, dy, mean, variance },
    results: { along: { expected: along, allowed }, plain: { expected: plain, allowed } },
    scratch: workspace(channels),
    call(kernels, { x, dy, mean, variance, along, plain, scratch }) {
      const sizes = [rows, channels, channels, EPSILON, scratch] as const;
      kernels.channelNormSums(x, dy, mean, variance, variant.wide, along, plain, ...sizes);
    },
  });
}

function gradCase(shape: Shape, variant: Variant): KernelCase {
  const [rows, channels] = shape;
  const given = operands(shape, variant);
  const { x, dy, mean, variance, weight, scale, shift, hat } = given;
  const { along, plain, magnitude } = sumsOf(given);
  return kernelCase({
    what: nameOf(shape, variant),
    inputs: {
      ...{ x, dy, mean, variance, weight },
      along: Float32Array.from(along),
      plain: Float32Array.from(plain),
    },
    results: {
      dx: {
        expected: Array.from(dy, (d, i) => {
          const c = i % channels;
          const g = d - plain[c]! / rows - (hat[i]! * along[c]!) / rows;
          return weight[c]! * scale[c]! * g;
        }),
        allowed(_, i) {
          const c = i % channels;
          const size = 4 + (magnitude[c]! * (2 + hatError(hat[i]!, shift[c]!))) / rows;
          return U * Math.abs(weight[c]! * scale[c]!) * size;
        },
      },
    },
    scratch: workspace(channels),
    call(kernels, { x, dy, mean, variance, weight, along, plain, dx, scratch }) {
      const sums = [along, plain, dx] as const;
      const sizes = [rows, channels, channels, EPSILON, scratch] as const;
      kernels.channelNormGrad(x, dy, mean, variance, variant.wide, weight, ...sums, ...sizes);
    },
  });
}

const all = (make: typeof normCase): KernelCase[] =>
  channelShapes.flatMap((shape) => variants.map((variant) => make(shape, variant)));

type Channel = "channelMoments" | "channelNorm" | "channelNormGrad" | "channelNormSums";

export const channelNormFamily: Family<Channel> = {
  name: "batch norm",
  kernels: {
    channelMoments: () => [
      ...channelShapes.flatMap((shape) =>
        kinds.map(([kind, make]) => momentsCase(shape, make(shape[0] * shape[1], 5), kind)),
      ),
      momentsCase([50_000, 5], floats(250_000, 9, 9999, 10001), "many and far from 0"),
    ],
    channelNorm: () => all(normCase),
    channelNormGrad: () => all(gradCase),
    channelNormSums: () => all(sumsCase),
  },
};
