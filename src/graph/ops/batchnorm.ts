import { type Computation, type Node, type Place, type Recorder } from "../node.ts";
import { OUTPUT, SCRATCH, describe, elementsOf, float, once, size } from "../node.ts";
import { EPSILON, SUM_BYTES, affineRules, channelsOf, checkAffine } from "./norm.ts";

/** Mean and variance of each channel. */
interface Moments {
  readonly mean: Node | Place;
  readonly variance: Node | Place;
  /** Whether they are those of the rows that are normalised, so that the gradient goes through them. */
  readonly ofRows: boolean;
}

/**
 * Mean and biased variance of each channel over all rows, [2, channels]; x [..., channels]. It has no
 * gradient of its own: batchNorm's goes through it.
 * @throws RangeError if x has no channels
 */
export function batchMoments(g: Recorder, x: Node): Node {
  const channels = channelsOf(g, "batchMoments", x);
  const rows = size(x.shape) / channels;
  const computation: Computation = {
    op: "batchMoments",
    gradient: () => [null],
    scratch: SUM_BYTES * channels,
    record: ["channelMomentsRecord", x, OUTPUT, rows, channels, SCRATCH],
  };
  return g.record(computation, [2, channels]);
}

function normalizeChannels(
  g: Recorder,
  op: string,
  x: Node,
  moments: Moments,
  weight: Node | undefined,
  bias: Node | undefined,
  epsilon: number,
): Node {
  const channels = channelsOf(g, op, x);
  checkAffine(g, op, channels, epsilon, { weight, bias });
  const { mean, variance } = moments;
  const operands = [x, mean, variance, weight ?? 0, bias ?? 0];
  const sizes = [size(x.shape) / channels, channels];
  const computation: Computation = {
    op,
    scratch: SUM_BYTES * channels,
    gradient(g, _node, dy) {
      const sums = once(() => channelSums(g, op, x, dy, moments, epsilon));
      const [dweight, dbias] = affineRules(g, sums);
      const dx = (): Node =>
        moments.ofRows
          ? channelsGrad(g, op, x, dy, moments, weight, sums(), epsilon)
          : scaleChannels(g, op, dy, moments, weight, epsilon);
      const affine = [weight && dweight, bias && dbias].filter((rule) => rule !== undefined);
      return [dx, null, null, ...affine];
    },
    record: ["channelNormRecord", ...operands, OUTPUT, ...sizes, float(epsilon), SCRATCH],
  };
  return g.record(computation, x.shape);
}

/** [Σ dy · x̂, Σ dy] of each channel. */
function channelSums(
  g: Recorder,
  op: string,
  x: Node,
  dy: Node,
  { mean, variance }: Moments,
  epsilon: number,
): Node {
  const channels = x.shape.at(-1)!;
  const args = [x, dy, mean, variance, OUTPUT, size(x.shape) / channels, channels];
  const computation: Computation = {
    op: `${op}Sums`,
    scratch: SUM_BYTES * channels,
    record: ["channelNormSumsRecord", ...args, float(epsilon), SCRATCH],
  };
  return g.record(computation, [2, channels]);
}

/** dx where mean and variance follow x. */
function channelsGrad(
  g: Recorder,
  op: string,
  x: Node,
  dy: Node,
  { mean, variance }: Moments,
  weight: Node | undefined,
  sums: Node,
  epsilon: number,
): Node {
  const channels = x.shape.at(-1)!;
  const operands = [x, dy, mean, variance, weight ?? 0, sums];
  const sizes = [size(x.shape) / channels, channels];
  const computation: Computation = {
    op: `${op}Grad`,
    inPlace: dy,
    scratch: SUM_BYTES * channels,
    record: ["channelNormGradRecord", ...operands, OUTPUT, ...sizes, float(epsilon), SCRATCH],
  };
  return g.record(computation, x.shape);
}

/** dx where mean and variance stay: dy · weight / √(variance + epsilon). */
function scaleChannels(
  g: Recorder,
  op: string,
  dy: Node,
  { variance }: Moments,
  weight: Node | undefined,
  epsilon: number,
): Node {
  const channels = dy.shape.at(-1)!;
  const operands = [dy, 0, variance, weight ?? 0, 0];
  const sizes = [size(dy.shape) / channels, channels];
  const computation: Computation = {
    op: `${op}Grad`,
    inPlace: dy,
    scratch: SUM_BYTES * channels,
    record: ["channelNormRecord", ...operands, OUTPUT, ...sizes, float(epsilon), SCRATCH],
  };
  return g.record(computation, dy.shape);
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
  const both: Moments = {
    mean: moments,
    variance: elementsOf(moments, channels),
    ofRows: true,
  };
  return normalizeChannels(g, "batchNorm", x, both, weight, bias, epsilon);
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
  checkAffine(g, "normalize", channelsOf(g, "normalize", x), epsilon, { mean, variance });
  const moments: Moments = { mean, variance, ofRows: false };
  return normalizeChannels(g, "normalize", x, moments, weight, bias, epsilon);
}

/** kept · old + taken · a row of moments, [channels]: what running statistics become. */
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
