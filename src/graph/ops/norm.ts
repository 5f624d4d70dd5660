import { type Computation, type GradientRule, type Node, type Recorder } from "../node.ts";
import { OUTPUT, SAVED, SCRATCH, describe, float, instruction, memo } from "../node.ts";
import { outputFrom, savedOf, size } from "../node.ts";
import { reshape, slice } from "./shape.ts";

/** Default of epsilon, which is added to the variance: 1e-5, as in PyTorch (Keras has 1e-3). */
export const EPSILON = 1e-5;

/** Returns the number of channels, the length of the last axis. @throws RangeError if it is 0 */
export function channelsOf(g: Recorder, op: string, x: Node): number {
  const channels = x.shape.at(-1);
  if (channels) return channels;
  throw g.fail(op, `expected an array with at least 1 channel, got ${describe(x.shape)}`);
}

/** Checks shapes of arrays. @throws RangeError unless each has one number for each channel */
export function checkAffine(
  g: Recorder,
  op: string,
  channels: number,
  arrays: Readonly<Record<string, Node | undefined>>,
): void {
  for (const [name, node] of Object.entries(arrays)) {
    if (node && describe(node.shape) !== describe([channels])) {
      throw g.fail(op, `expected a ${name} of [${channels}], got ${describe(node.shape)}`);
    }
  }
}

/**
 * Returns the rules for weight and bias, without those that are undefined. Each gradient is a row
 * of the sums.
 */
export function affineRules(
  g: Recorder,
  sums: GradientRule,
  ...affine: readonly (Node | undefined)[]
): GradientRule[] {
  return affine.flatMap((node, i) =>
    node ? [() => reshape(g, slice(g, sums(), [i], [i + 1]), node.shape)] : [],
  );
}

/** Settings of the groupNorm kernels, which take x as [batch, space, channels]. */
interface Grouping {
  readonly op: string;
  readonly sizes: readonly [batch: number, space: number, channels: number, groups: number];
  /** True to subtract the mean. */
  readonly centred: boolean;
}

/** Appends a normalisation of groups of channels, by the kernels of assembly/norm/group-norm.ts. */
function normalizeGroups(
  g: Recorder,
  x: Node,
  weight: Node | undefined,
  bias: Node | undefined,
  epsilon: number,
  grouping: Grouping,
): Node {
  const { op, sizes, centred } = grouping;
  const [batch, space, channels, groups] = sizes;
  checkAffine(g, op, channels, { weight, bias });
  const computation: Computation = {
    op,
    saved: 3 * batch * groups,
    gradient(g, node, dy) {
      const stats = savedOf(node);
      const dx: Computation = {
        op: `${op}Grad`,
        inPlace: dy,
        instruction: instruction("groupNormGrad", {
          x,
          dy,
          weight: weight ?? 0,
          stats,
          dx: OUTPUT,
          batch,
          space,
          channels,
          groups,
          centred,
        }),
      };
      // The gradients of weight and bias: [Σ dy · x̂, Σ dy] of each channel.
      const slopes: Computation = {
        op: `${op}Sums`,
        instruction: instruction("groupNormSums", {
          x,
          dy,
          stats,
          along: OUTPUT,
          plain: outputFrom(channels),
          batch,
          space,
          channels,
          groups,
          scratch: SCRATCH,
        }),
      };
      const sums = memo(() => g.append(slopes, [2, channels]));
      return [() => g.append(dx, x.shape), ...affineRules(g, sums, weight, bias)];
    },
    instruction: instruction("groupNorm", {
      x,
      weight: weight ?? 0,
      bias: bias ?? 0,
      y: OUTPUT,
      stats: SAVED,
      batch,
      space,
      channels,
      groups,
      epsilon: float(epsilon),
      centred,
    }),
  };
  return g.append(computation, x.shape);
}

/**
 * Layer normalisation over the last axis (Ba, Kiros and Hinton 2016): (x - mean) / √(variance +
 * epsilon) · weight + bias, with the biased variance. x is [..., channels]; weight and bias are
 * [channels].
 * @throws RangeError if a shape does not fit or epsilon is not above 0
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.layerNorm(x); // [[-1.225, 0, 1.225], [-1.225, 0, 1.225]]
 */
export function layerNorm(
  g: Recorder,
  x: Node,
  weight?: Node,
  bias?: Node,
  epsilon: number = EPSILON,
): Node {
  const channels = channelsOf(g, "layerNorm", x);
  const sizes = [size(x.shape) / channels, 1, channels, 1] as const;
  return normalizeGroups(g, x, weight, bias, epsilon, { op: "layerNorm", sizes, centred: true });
}

/**
 * Root mean square normalisation over the last axis (Zhang and Sennrich 2019): x / √(mean of x² +
 * epsilon) · weight. x is [..., channels]; weight is [channels]. epsilon is 1e-5 by default, as in
 * layerNorm (PyTorch has float32's 1.19e-7 here, Keras 1e-6).
 * @throws RangeError if a shape does not fit or epsilon is not above 0
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
 * g.rmsNorm(x); // [[0.4629, 0.9258, 1.389], [0.7895, 0.9869, 1.184]]
 */
export function rmsNorm(g: Recorder, x: Node, weight?: Node, epsilon: number = EPSILON): Node {
  const channels = channelsOf(g, "rmsNorm", x);
  const sizes = [size(x.shape) / channels, 1, channels, 1] as const;
  return normalizeGroups(g, x, weight, undefined, epsilon, {
    op: "rmsNorm",
    sizes,
    centred: false,
  });
}

/**
 * Group normalisation (Wu and He 2018): neighbouring channels form `groups` groups of equal size,
 * and each group is normalised over its channels and all places of an example. x is
 * [batch, ..., channels]; weight and bias are [channels]. With one group for each channel it is
 * instance normalisation.
 * @throws RangeError if `groups` does not divide the number of channels, a shape does not fit or
 * epsilon is not above 0
 * @example
 * const x = g.constant(Float32Array.of(1, 2, 10, 30), [1, 4]);
 * g.groupNorm(x, 2); // [[-1, 1, -1, 1]]
 */
export function groupNorm(
  g: Recorder,
  x: Node,
  groups: number,
  weight?: Node,
  bias?: Node,
  epsilon: number = EPSILON,
): Node {
  const channels = channelsOf(g, "groupNorm", x);
  if (x.shape.length < 2) {
    throw g.fail("groupNorm", `expected a batch of examples, got ${describe(x.shape)}`);
  }
  if (channels % groups !== 0) {
    const received = `${groups} for ${channels} channels`;
    throw g.fail(
      "groupNorm",
      `expected a number of groups that divides the channels, got ${received}`,
    );
  }
  const sizes = [x.shape[0]!, size(x.shape.slice(1, -1)), channels, groups] as const;
  return normalizeGroups(g, x, weight, bias, epsilon, { op: "groupNorm", sizes, centred: true });
}

/** Ops of this file, under the names of their methods. */
export const normOps = { layerNorm, rmsNorm, groupNorm };
