import type { Computation, Node, Place, Recorder } from "../node.ts";
import { OUTPUT, SAVED, SCRATCH, describe, elementsOf, float, once, size } from "../node.ts";
import { savedOf } from "../node.ts";
import { EPSILON, SUM_BYTES, affineRules, channelsOf, checkAffine } from "./norm.ts";

/** Elements that a float64 takes the place of. */
const WIDE = 2;

/** What is done to x [..., channels]. */
interface Normalization {
  readonly op: string;
  readonly x: Node;
  /** Of each channel. */
  readonly mean: Node | Place;
  readonly variance: Node | Place;
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
 */
export function batchMoments(g: Recorder, x: Node): Node {
  const channels = channelsOf(g, "batchMoments", x);
  const rows = size(x.shape) / channels;
  const computation: Computation = {
    op: "batchMoments",
    gradient: () => [null],
    saved: 2 * WIDE * channels,
    record: ["channelMomentsRecord", x, OUTPUT, SAVED, rows, channels],
  };
  return g.record(computation, [2, channels]);
}

function normalizeChannels(g: Recorder, normalization: Normalization): Node {
  const { op, x, mean, variance, ofRows, weight, bias, epsilon } = normalization;
  const channels = channelsOf(g, op, x);
  checkAffine(g, op, channels, { weight, bias });
  const wide = Number(normalization.wide);
  const operands = [x, mean, variance, wide, weight ?? 0, bias ?? 0];
  const words = [OUTPUT, size(x.shape) / channels, channels, float(epsilon), SCRATCH];
  const scratch = SUM_BYTES * channels;
  const computation: Computation = {
    op,
    scratch,
    gradient(g, _node, dy) {
      // [Σ dy · x̂, Σ dy] of each channel.
      const slopes: Computation = {
        op: `${op}Sums`,
        scratch,
        record: ["channelNormSumsRecord", x, dy, mean, variance, wide, ...words],
      };
      const sums = once(() => g.record(slopes, [2, channels]));
      // Where mean and variance do not follow x: dy · weight / √(variance + epsilon).
      const dx = (): Computation => ({
        op: `${op}Grad`,
        inPlace: dy,
        scratch,
        record: ofRows
          ? ["channelNormGradRecord", x, dy, mean, variance, wide, weight ?? 0, sums(), ...words]
          : ["channelNormRecord", dy, 0, variance, wide, weight ?? 0, 0, ...words],
      });
      return [() => g.record(dx(), x.shape), null, null, ...affineRules(g, sums, weight, bias)];
    },
    record: ["channelNormRecord", ...operands, ...words],
  };
  return g.record(computation, x.shape);
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) as a training step does it: (x - mean) / √(variance +
 * epsilon) · weight + bias, with mean and biased variance of each channel over all rows of the batch;
 * x [..., channels], weight and bias [channels].
 * @param moments x's batchMoments, where the caller needs them too
 * @throws RangeError if a shape does not fit or epsilon is not above 0
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
  const from = elementsOf(moments, channels * row);
  const computation: Computation = {
    op: "runningAverage",
    inPlace: old,
    record: ["movingAverageRecord", old, from, OUTPUT, channels, float(kept), float(taken)],
  };
  return g.record(computation, old.shape);
}

/** The ops of this file that a graph has methods for, by their names. */
export const batchNormOps = { batchMoments, batchNorm, normalize };
