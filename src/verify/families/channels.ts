import { moments } from "../../reference/norm.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats } from "../numbers.ts";
import { EPSILON, outputError, samples } from "./norm.ts";

type Shape = readonly [rows: number, channels: number];

export const channelShapes: readonly Shape[] = [1, 2, 5, 17].flatMap((rows) =>
  [1, 2, 3, 4, 5, 8, 11, 16, 33].map((channels) => [rows, channels] as const),
);

/** Mean and variance of each channel, one after the other. */
function channelStatistics(x: Float32Array, channels: number) {
  const columns = Array.from({ length: channels }, (): number[] => []);
  x.forEach((v, i) => columns[i % channels]!.push(v));
  const of = columns.map(moments);
  return { mean: of.map(([m]) => m), variance: of.map(([, v]) => v) };
}

/** Sums in float64. */
function workspace(channels: number) {
  return { scratch: () => new Float64Array(2 * channels).fill(NaN) };
}

function momentsCase([rows, channels]: Shape, x: Float32Array): KernelCase {
  const { mean, variance } = channelStatistics(x, channels);
  const allowed = (e: number) => U * Math.abs(e);
  return kernelCase({
    what: `${rows} x ${channels}`,
    inputs: { x },
    results: { mean: { expected: mean, allowed }, variance: { expected: variance, allowed } },
    scratch: workspace(channels),
    call(kernels, { x, mean, variance, scratch }) {
      kernels.channelMoments(x, mean, variance, rows, channels, channels, scratch);
    },
  });
}

/** Operands of the normalisation, and what follows from them. */
function operands([rows, channels]: Shape) {
  const n = rows * channels;
  const x = samples(n, 5);
  const exact = channelStatistics(x, channels);
  const [mean, variance] = [Float32Array.from(exact.mean), Float32Array.from(exact.variance)];
  const [weight, bias] = [floats(channels, 7), floats(channels, 8)];
  const scale = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + EPSILON));
  const hat = Array.from(x, (v, i) => (v - mean[i % channels]!) * scale[i % channels]!);
  return { x, dy: floats(n, 6), mean, variance, weight, bias, scale, hat };
}

function normCase(shape: Shape): KernelCase {
  const [rows, channels] = shape;
  const { x, mean, variance, weight, bias, scale, hat } = operands(shape);
  return kernelCase({
    what: `${rows} x ${channels}`,
    inputs: { x, mean, variance, weight, bias },
    results: {
      y: {
        expected: hat.map((h, i) => h * weight[i % channels]! + bias[i % channels]!),
        allowed(_, i) {
          const c = i % channels;
          const of = { mean: mean[c]!, scale: scale[c]!, weight: weight[c]!, bias: bias[c]! };
          return outputError({ hat: hat[i]!, ...of });
        },
      },
    },
    scratch: workspace(channels),
    call(kernels, { x, mean, variance, weight, bias, y, scratch }) {
      const sizes = [rows, channels, channels, EPSILON, scratch] as const;
      kernels.channelNorm(x, mean, variance, weight, bias, y, ...sizes);
    },
  });
}

/** Σ dy · x̂ and Σ dy of each channel, and the sizes of what is added. */
function sumsOf({ dy, hat, mean }: ReturnType<typeof operands>) {
  const [along, plain, magnitude] = [0, 1, 2].map(() => new Float64Array(mean.length)) as [
    ...[Float64Array, Float64Array, Float64Array],
  ];
  dy.forEach((d, i) => {
    const c = i % mean.length;
    along[c]! += d * hat[i]!;
    plain[c]! += d;
    magnitude[c]! += Math.abs(d) * (1 + Math.abs(hat[i]!));
  });
  return { along, plain, magnitude };
}

function sumsCase(shape: Shape): KernelCase {
  const [rows, channels] = shape;
  const given = operands(shape);
  const { x, dy, mean, variance } = given;
  const { along, plain, magnitude } = sumsOf(given);
  const allowed = (_: number, c: number) => 4 * U * magnitude[c]!;
  return kernelCase({
    what: `${rows} x ${channels}`,
    inputs: { x, dy, mean, variance },
    results: { along: { expected: along, allowed }, plain: { expected: plain, allowed } },
    scratch: workspace(channels),
    call(kernels, { x, dy, mean, variance, along, plain, scratch }) {
      const sizes = [rows, channels, channels, EPSILON, scratch] as const;
      kernels.channelNormSums(x, dy, mean, variance, along, plain, ...sizes);
    },
  });
}

function gradCase(shape: Shape): KernelCase {
  const [rows, channels] = shape;
  const given = operands(shape);
  const { x, dy, mean, variance, weight, scale, hat } = given;
  const { along, plain, magnitude } = sumsOf(given);
  return kernelCase({
    what: `${rows} x ${channels}`,
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
          const size = 1 + (magnitude[c]! * (1 + Math.abs(hat[i]!))) / rows;
          return 8 * U * Math.abs(weight[c]! * scale[c]!) * size;
        },
      },
    },
    scratch: workspace(channels),
    call(kernels, { x, dy, mean, variance, weight, along, plain, dx, scratch }) {
      const sums = [along, plain, dx] as const;
      const sizes = [rows, channels, channels, EPSILON, scratch] as const;
      kernels.channelNormGrad(x, dy, mean, variance, weight, ...sums, ...sizes);
    },
  });
}

type Channel = "channelMoments" | "channelNorm" | "channelNormGrad" | "channelNormSums";

export const channelNormFamily: Family<Channel> = {
  name: "batch norm",
  kernels: {
    channelMoments: () => [
      ...channelShapes.map((shape) => momentsCase(shape, samples(shape[0] * shape[1], 5))),
      // Many rows of numbers far from 0.
      momentsCase([50_000, 5], floats(250_000, 9, 9999, 10001)),
    ],
    channelNorm: () => channelShapes.map(normCase),
    channelNormGrad: () => channelShapes.map(gradCase),
    channelNormSums: () => channelShapes.map(sumsCase),
  },
};
