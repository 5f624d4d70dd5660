import { align } from "../../memory/heap.ts";
import type { Computation, Epilogue, Node, Storage, Recorder } from "../node.ts";
import { OUTPUT, SAVED, SCRATCH, describe, elementsOf, float, instruction } from "../node.ts";
import { memo, outputFrom, savedFrom, savedOf, size } from "../node.ts";
import { withEpilogue } from "./map.ts";
import { EPSILON, affineRules, channelsOf, checkAffine } from "./norm.ts";

/** Number of float32 elements that a float64 takes the place of. */
const WIDE = 2;

/** Inputs and settings of a normalisation of x [..., channels]. */
interface Normalization {
  readonly op: string;
  readonly x: Node;
  /** Mean of each channel. */
  readonly mean: Node | Storage;
  /** Variance of each channel. */
  readonly variance: Node | Storage;
  /** True if both are float64. */
  readonly wide: boolean;
  /** True if they are computed from the rows of x, so that the gradient passes through them. */
  readonly ofRows: boolean;
  readonly weight: Node | undefined;
  readonly bias: Node | undefined;
  readonly epsilon: number;
}

/**
 * Mean and biased variance of each channel over all rows of x [..., channels], as [2, channels]. A
 * variance above the largest float32, 3.4e38, is returned as that number; batchNorm uses the
 * variance in float64. The op has no gradient of its own: the gradient of batchNorm includes it.
 * @throws RangeError if x has no channels
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 6), [2, 2]);
 * g.batchMoments(x); // [[2, 4], [1, 4]]
 */
export function batchMoments(g: Recorder, x: Node): Node {
  const channels = channelsOf(g, "batchMoments", x);
  const rows = size(x.shape) / channels;
  const computation: Computation = {
    op: "batchMoments",
    gradient: () => [null],
    saved: 2 * WIDE * channels,
    instruction: instruction("channelMoments", {
      x,
      mean: OUTPUT,
      variance: outputFrom(channels),
      wideMean: SAVED,
      wideVariance: savedFrom(WIDE * channels),
      rows,
      cols: channels,
      stride: channels,
    }),
  };
  return g.append(computation, [2, channels]);
}

/** Appends [Σ dy · x̂, Σ dy] of each channel, [2, channels]: the gradients of weight and bias. */
function channelSums(g: Recorder, normalization: Normalization, channels: number, dy: Node): Node {
  const { op, x, mean, variance, wide, epsilon } = normalization;
  const computation: Computation = {
    op: `${op}Sums`,
    instruction: instruction("channelNormSums", {
      x,
      dy,
      mean,
      variance,
      wide,
      along: OUTPUT,
      plain: outputFrom(channels),
      rows: size(x.shape) / channels,
      cols: channels,
      stride: channels,
      epsilon: float(epsilon),
      scratch: SCRATCH,
    }),
  };
  return g.append(computation, [2, channels]);
}

/**
 * Returns what computes y, and f of it. Without mean and bias it computes dx of a normalisation by given
 * statistics: dy · weight / √(variance + epsilon), with dy for x.
 */
function scaleChannels(
  { x, variance, wide, weight, bias, epsilon }: Normalization,
  mean: Node | Storage | 0,
  channels: number,
) {
  const scratch = align(4 * 2 * WIDE * channels);
  const make = ({ activation, parameter }: Epilogue) =>
    instruction("channelNorm", {
      x,
      mean,
      variance,
      wide,
      weight: weight ?? 0,
      bias: bias ?? 0,
      y: OUTPUT,
      rows: size(x.shape) / channels,
      cols: channels,
      epsilon: float(epsilon),
      scratch: SCRATCH,
      scratchBytes: scratch,
      activation,
      parameter,
    });
  return { scratch, ...withEpilogue(make) };
}

/**
 * Returns the instruction that computes dx if mean and variance are computed from the rows of x.
 */
function gradientOfRows(normalization: Normalization, channels: number, dy: Node, sums: Node) {
  const { x, mean, variance, wide, weight, epsilon } = normalization;
  return instruction("channelNormGrad", {
    x,
    dy,
    mean,
    variance,
    wide,
    weight: weight ?? 0,
    along: sums,
    plain: elementsOf(sums, channels),
    dx: OUTPUT,
    rows: size(x.shape) / channels,
    cols: channels,
    stride: channels,
    epsilon: float(epsilon),
    scratch: SCRATCH,
  });
}

function normalizeChannels(g: Recorder, normalization: Normalization): Node {
  const { op, x, mean, ofRows, weight, bias } = normalization;
  const channels = channelsOf(g, op, x);
  checkAffine(g, op, channels, { weight, bias });
  const computation: Computation = {
    op,
    inPlace: x,
    gradient(g, _node, dy) {
      const sums = memo(() => channelSums(g, normalization, channels, dy));
      const dx = (): Computation => ({
        op: `${op}Grad`,
        inPlace: dy,
        ...(ofRows
          ? { instruction: gradientOfRows(normalization, channels, dy, sums()) }
          : scaleChannels({ ...normalization, x: dy, bias: undefined }, 0, channels)),
      });
      return [() => g.append(dx(), x.shape), null, null, ...affineRules(g, sums, weight, bias)];
    },
    ...scaleChannels(normalization, mean, channels),
  };
  return g.append(computation, x.shape);
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) as in a training step: (x - mean) / √(variance +
 * epsilon) · weight + bias, with mean and biased variance of each channel over all rows of the
 * batch. x is [..., channels]; weight and bias are [channels].
 * @param moments batchMoments of x, if the caller needs them too
 * @throws RangeError if a shape does not fit or epsilon is not above 0
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 6), [2, 2]);
 * g.batchNorm(x); // [[-1, -1], [1, 1]]
 */
export function batchNorm(
  g: Recorder,
  x: Node,
  weight?: Node,
  bias?: Node,
  epsilon: number = EPSILON,
  moments: Node = batchMoments(g, x),
): Node {
  const channels = channelsOf(g, "batchNorm", x);
  if (describe(moments.shape) !== describe([2, channels])) {
    const received = describe(moments.shape);
    throw g.fail("batchNorm", `expected moments of [2, ${channels}], got ${received}`);
  }
  // Only batchMoments saves float64 numbers; any other node has float32 alone.
  const wide = moments.computation?.op === "batchMoments";
  const mean = wide ? savedOf(moments) : moments;
  const variance = wide ? savedOf(moments, WIDE * channels) : elementsOf(moments, channels);
  const given = { x, mean, variance, wide, weight, bias, epsilon };
  return normalizeChannels(g, { op: "batchNorm", ofRows: true, ...given });
}

/**
 * Normalisation by a given mean and variance of each channel, as in batch normalisation outside of
 * training. Mean and variance get no gradient. x is [..., channels]; all others are [channels].
 * @throws RangeError if a shape does not fit or epsilon is not above 0
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 6), [2, 2]);
 * const [mean, variance] = [g.constant(Float32Array.of(2, 4)), g.constant(Float32Array.of(4, 1))];
 * g.normalize(x, mean, variance); // [[-0.5, -2], [0.5, 2]]
 */
export function normalize(
  g: Recorder,
  x: Node,
  mean: Node,
  variance: Node,
  weight?: Node,
  bias?: Node,
  epsilon: number = EPSILON,
): Node {
  checkAffine(g, "normalize", channelsOf(g, "normalize", x), { mean, variance });
  const given = { x, mean, variance, weight, bias, epsilon };
  return normalizeChannels(g, { op: "normalize", ofRows: false, wide: false, ...given });
}

/**
 * Appends the next running statistics, [channels]: kept · old + taken · a row of moments. The
 * largest float32 replaces a larger result, so that one batch does not make them infinite for good.
 */
export function runningAverage(
  g: Recorder,
  old: Node,
  moments: Node,
  row: 0 | 1,
  kept: number,
  taken: number,
): Node {
  const [, channels] = moments.shape as [number, number];
  const computation: Computation = {
    op: "runningAverage",
    inPlace: old,
    instruction: instruction("movingAverage", {
      old,
      x: elementsOf(moments, channels * row),
      y: OUTPUT,
      n: channels,
      kept: float(kept),
      taken: float(taken),
    }),
  };
  return g.append(computation, old.shape);
}

/** Ops of this file that are methods of a graph, under the names of the methods. */
export const batchNormOps = { batchMoments, batchNorm, normalize };
