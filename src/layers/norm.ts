import { type Node, describe, size } from "../graph/node.ts";
import { batchMoments, batchNorm as batchNormOp, normalize } from "../graph/ops/batchnorm.ts";
import { runningAverage } from "../graph/ops/batchnorm.ts";
import { EPSILON, groupNorm as groupNormOp, layerNorm as layerNormOp } from "../graph/ops/norm.ts";
import { rmsNorm as rmsNormOp } from "../graph/ops/norm.ts";
import { type Initializer, initializer, ones, zeros } from "../initializers.ts";
import { checkOptions, checkWhole, flag, numberFrom, positive } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Layer, LayerGraph } from "./layer.ts";

/** Options of layerNorm and groupNorm. */
export interface NormOptions {
  /** Term added to the variance, above 0; 1e-5 by default, as in PyTorch (Keras: 1e-3). */
  readonly epsilon?: number;
  /** True to give each channel a trained weight and bias; true by default. */
  readonly affine?: boolean;
  /** First values of the weight [channels]; ones() by default. */
  readonly weightInitializer?: Initializer;
  /** First values of the bias [channels]; zeros() by default. */
  readonly biasInitializer?: Initializer;
}

/** Options of batchNorm. */
export interface BatchNormOptions extends NormOptions {
  /**
   * Weight of a batch in the running statistics, 0 to 1; 0.1 by default, as in PyTorch. Keras names
   * the other weight, 0.99, which is 0.01 here.
   */
  readonly momentum?: number;
}

/** Rules for RmsNormOptions. */
const scaleRules = () => ({
  epsilon: positive(),
  affine: flag(),
  weightInitializer: initializer(),
});

/** Rules for NormOptions. */
const normRules = () => ({ ...scaleRules(), biasInitializer: initializer() });

/** Returns the weight and bias that the options ask for. */
function affineOf(g: LayerGraph, x: Node, options: NormOptions): [weight?: Node, bias?: Node] {
  const { affine = true, weightInitializer = ones(), biasInitializer = zeros() } = options;
  if (!affine) return [];
  const channels = [x.shape.at(-1) ?? 0];
  return [
    g.parameter("weight", channels, weightInitializer),
    g.parameter("bias", channels, biasInitializer),
  ];
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of each channel, the last axis. Training uses the
 * mean and biased variance of the batch, and updates running statistics with the mean and the
 * unbiased variance, as PyTorch does. The variance of a single row counts as 0. Evaluation and
 * prediction use the running statistics, which are saved with the weights; so does training while
 * weight and bias are frozen, as in Keras.
 *
 * A training step computes the batch's statistics in float64. Running statistics are float32: a
 * variance above 3.4e38, a deviation of 1.8e19, counts as 3.4e38. Scale data of such size
 * beforehand.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if epsilon is not above 0, momentum is not in [0, 1], or an option is unknown
 * @example
 * const net = sequential([dense(64, { useBias: false }), batchNorm(), relu(), dense(10)]);
 */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  const rules = { ...normRules(), momentum: numberFrom(0, 1) };
  const chosen = checkOptions("batchNorm", options, rules);
  const { epsilon = EPSILON, momentum = 0.1 } = chosen;
  return immutable<Layer>(
    {
      kind: "batchNorm",
      label: "batchNorm",
      record(g, x) {
        const channels = x.shape.at(-1);
        if (x.shape.length < 2 || !channels) {
          const came = describe(x.shape);
          throw g.fail("batchNorm", `expected a batch with at least 1 channel, got ${came}`);
        }
        const [weight, bias] = affineOf(g, x, chosen);
        const mean = g.buffer("runningMean", [channels], zeros());
        const variance = g.buffer("runningVariance", [channels], ones());
        if (!g.training || g.frozen) return normalize(g, x, mean, variance, weight, bias, epsilon);
        const rows = size(x.shape) / channels;
        const unbiased = rows / Math.max(1, rows - 1);
        const moments = batchMoments(g, x);
        const kept = 1 - momentum;
        g.update(mean, runningAverage(g, mean, moments, 0, kept, momentum));
        g.update(variance, runningAverage(g, variance, moments, 1, kept, momentum * unbiased));
        return batchNormOp(g, x, weight, bias, epsilon, moments);
      },
    },
    call("batchNorm", chosen),
  );
}

/**
 * Layer normalisation over the last axis (Ba, Kiros and Hinton 2016).
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if epsilon is not above 0, or for an unknown option
 * @example
 * const net = sequential([dense(64), layerNorm(), relu(), dense(10)]);
 */
export function layerNorm(options: NormOptions = {}): Layer {
  const chosen = checkOptions("layerNorm", options, normRules());
  const { epsilon = EPSILON } = chosen;
  return immutable<Layer>(
    {
      kind: "layerNorm",
      label: "layerNorm",
      record(g, x) {
        const [weight, bias] = affineOf(g, x, chosen);
        return layerNormOp(g, x, weight, bias, epsilon);
      },
    },
    call("layerNorm", chosen),
  );
}

/**
 * Options of rmsNorm, which has no bias. epsilon is 1e-5 by default (Keras: 1e-6).
 * @interface
 */
export type RmsNormOptions = Omit<NormOptions, "biasInitializer">;

/**
 * Root mean square normalisation over the last axis (Zhang and Sennrich 2019).
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if epsilon is not above 0, or for an unknown option
 * @example
 * const net = sequential([dense(64), rmsNorm({ epsilon: 1e-6 }), relu(), dense(10)]);
 */
export function rmsNorm(options: RmsNormOptions = {}): Layer {
  const chosen = checkOptions("rmsNorm", options, scaleRules());
  const { epsilon = EPSILON, affine = true, weightInitializer = ones() } = chosen;
  return immutable<Layer>(
    {
      kind: "rmsNorm",
      label: "rmsNorm",
      record(g, x) {
        const channels = [x.shape.at(-1) ?? 0];
        const weight = affine ? g.parameter("weight", channels, weightInitializer) : undefined;
        return rmsNormOp(g, x, weight, epsilon);
      },
    },
    call("rmsNorm", chosen),
  );
}

/**
 * Group normalisation (Wu and He 2018): divides the channels, the last axis, into groups of
 * neighbours, and normalises each group over all positions of an example.
 * @param groups number of groups, which has to divide the number of channels (Keras: 32 by default)
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if groups is not a whole number ≥ 1, or epsilon is not above 0
 * @example
 * const net = sequential([dense(64), groupNorm(8), relu(), dense(10)]);
 */
export function groupNorm(groups: number, options: NormOptions = {}): Layer {
  checkWhole("groupNorm", "groups", groups, 1);
  const label = `groupNorm(${groups})`;
  const chosen = checkOptions(label, options, normRules());
  const { epsilon = EPSILON } = chosen;
  return immutable<Layer>(
    {
      kind: "groupNorm",
      steps: "mixed",
      label,
      record(g, x) {
        const [weight, bias] = affineOf(g, x, chosen);
        return groupNormOp(g, x, groups, weight, bias, epsilon);
      },
    },
    call("groupNorm", groups, chosen),
  );
}
