import type { Computation, Node, Storage, Recorder } from "../node.ts";
import { OUTPUT, SAVED, SCRATCH, describe, elementsOf, float, instruction } from "../node.ts";
import { memo, outputFrom, savedFrom, savedOf, size } from "../node.ts";
import { EPSILON, affineRules, channelsOf, checkAffine } from "./norm.ts";

/** Elements that a float64 takes the place of. */
const WIDE = 2;

/** What is done to x [..., channels]. */
interface Normalization {
  readonly op: string;
  readonly x: Node;
  /** Of each channel. */
  readonly mean: Node | Storage;
  readonly variance: Node | Storage;
  /** Whether both are float64. */
  readonly wide: boolean;
  /** Whether they are those of x's rows, so that the gradient goes through them. */
  readonly ofRows: boolean;
  readonly weight: Node | undefined;
  readonly bias: Node | undefined;
  readonly epsilon: number;
}

/**
 * Mean and biased variance of each channel over all rows, [2, channels]; x [..., channels]. A variance
 * above the largest float32, 3.4e38, counts as that here; batchNorm goes by what it is in float64. It
 * has no gradient of its own: batchNorm's goes through it.
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

/** The sums that the gradients of weight and bias are: [Σ dy · x̂, Σ dy] of each channel. */
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

/** dy · weight / √(variance + epsilon), and y where there is a mean: what does not follow x's rows. */
function scaleChannels(
  { x, variance, wide, weight, bias, epsilon }: Normalization,
  mean: Node | Storage | 0,
  channels: number,
) {
  return instruction("channelNorm", {
    x,
    mean,
    variance,
    wide,
    weight: weight ?? 0,
    bias: bias ?? 0,
    y: OUTPUT,
    rows: size(x.shape) / channels,
    cols: channels,
    stride: channels,
    epsilon: float(epsilon),
    scratch: SCRATCH,
  });
}

/** The gradient where mean and variance are those of x's rows. */
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
    gradient(g, _node, dy) {
      const sums = memo(() => channelSums(g, normalization, channels, dy));
      const dx = (): Computation => ({
        op: `${op}Grad`,
        inPlace: dy,
        instruction: ofRows
          ? gradientOfRows(normalization, channels, dy, sums())
          : scaleChannels({ ...normalization, x: dy, bias: undefined }, 0, channels),
      });
      return [() => g.append(dx(), x.shape), null, null, ...affineRules(g, sums, weight, bias)];
    },
    instruction: scaleChannels(normalization, mean, channels),
  };
  return g.append(computation, x.shape);
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) as a training step does it: (x - mean) / √(variance +
 * epsilon) · weight + bias, with mean and biased variance of each channel over all rows of the batch;
 * x [..., channels], weight and bias [channels].
 * @param moments x's batchMoments, where the caller needs them too
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
    const came = describe(moments.shape);
    throw g.fail("batchNorm", `expected moments of [2, ${channels}], got ${came}`);
  }
  // Moments of the caller's own making are in float32 alone.
  const wide = moments.computation?.op === "batchMoments";
  const mean = wide ? savedOf(moments) : moments;
  const variance = wide ? savedOf(moments, WIDE * channels) : elementsOf(moments, channels);
  const given = { x, mean, variance, wide, weight, bias, epsilon };
  return normalizeChannels(g, { op: "batchNorm", ofRows: true, ...given });
}

/**
 * Normalisation by a given mean and variance of each channel, which get no gradient: batch
 * normalisation outside of training. x [..., channels], all others [channels].
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
 * kept · old + taken · a row of moments, [channels]: what running statistics become. The largest
 * float32 stands for what is larger.
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

/** The ops of this file that a graph has methods for, by their names. */
export const batchNormOps = { batchMoments, batchNorm, normalize };
