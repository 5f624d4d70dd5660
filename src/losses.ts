import { type Rules, checkOptions, oneOf } from "./base/arguments.ts";
import { IGNORE_INDEX } from "./base/labels.ts";
import { call, immutable } from "./base/printable.ts";
import type { Node, Recorder } from "./graph/node.ts";
import {
  type CrossEntropyOptions as RowOptions,
  crossEntropyRules,
  type rowLossOps,
} from "./graph/ops/crossentropy.ts";
import type { OpMethods } from "./graph/ops/index.ts";
import * as ops from "./graph/ops/losses.ts";
import { type Reduction, reductions } from "./graph/ops/reduction.ts";

export type { Reduction } from "./graph/ops/reduction.ts";

/** Loss that a model minimises. */
export interface Loss {
  /** Name of the loss: `crossEntropy`. */
  readonly name: string;
  /**
   * True if targets may be class indices: one for each row of the prediction [batch, ..., classes],
   * which is one for each example of [batch, classes].
   */
  readonly takesClasses: boolean;
  /** Class index of the labels that do not count; undefined if all do. */
  readonly ignoreIndex?: number;
  /**
   * Returns the weight of a label that counts, if the scalar is a mean over labels, weighted by
   * their classes: 1 for each without class weights. Undefined if it is a mean over examples.
   */
  readonly labelWeight?: (label: number) => number;
  /**
   * Threshold of binary accuracy: predictions above it are a yes. Undefined if the largest one
   * wins.
   */
  readonly threshold?: number;
  /** "mean" if the scalar is a mean over the batch's examples, "sum" if it is a sum over them. */
  readonly reduction: "mean" | "sum";
  /** Records the scalar loss of a batch. */
  record(g: Recorder & OpMethods, prediction: Node, target: Node): Node;
}

/** Options of every loss. */
export interface LossOptions {
  /**
   * Reduction of the losses to one number; "mean" by default, over what each loss names. "sum" adds
   * up everything. "meanOverExamples", also called "batchmean", sums over an example's outputs and
   * takes the mean over examples.
   */
  readonly reduction?: Reduction;
}

type Options<O> = Omit<O, "reduction"> & LossOptions;
/** Options of mse. @interface */
export type MseOptions = Options<ops.MseOptions>;
/** Options of huber. @interface */
export type HuberOptions = Options<ops.HuberOptions>;
/** Options of bceWithLogits. @interface */
export type BceWithLogitsOptions = Options<ops.BceWithLogitsOptions>;
/** Options of crossEntropy. @interface */
export type CrossEntropyOptions = Options<RowOptions>;

/** Names of the losses, and of their ops. */
type LossName = keyof typeof ops.lossOps | keyof typeof rowLossOps;

/** A loss whose op takes the options as they are. @param rules for its own options */
function loss<O extends LossOptions>(
  name: LossName,
  options: O,
  rules: Rules<Omit<O, "reduction">>,
  more: Partial<Omit<Loss, "name" | "reduction" | "record">> = {},
): Loss {
  const all = { reduction: oneOf(...reductions), ...rules } as unknown as Rules<O>;
  // Copies lists too: what the caller does to them later is no part of the loss.
  const own = (value: unknown): unknown =>
    typeof value === "object" ? Array.from(value as ArrayLike<unknown>) : value;
  const entries = Object.entries(checkOptions<object>(name, options, all));
  const chosen: LossOptions = Object.fromEntries(entries.map(([key, value]) => [key, own(value)]));
  return immutable<Loss>(
    {
      name,
      takesClasses: false,
      ...more,
      reduction: chosen.reduction === "sum" ? "sum" : "mean",
      record: (g, prediction, target) => g[name](prediction, target, chosen),
    },
    call(name, chosen),
  );
}

/**
 * Squared error (prediction - target)², or half of it. Predictions and targets have the same shape.
 * The mean is over all elements, as in PyTorch and Keras.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: mse({ half: true }), optimizer: adam() });
 */
export function mse(options: MseOptions = {}): Loss {
  return loss("mse", options, ops.mseRules());
}

/**
 * Absolute error |prediction - target|, with slope 0 at 0. The mean is over all elements, as in
 * PyTorch (L1Loss) and Keras.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: mae(), optimizer: adam() });
 */
export function mae(options: LossOptions = {}): Loss {
  return loss("mae", options, {});
}

/**
 * Huber's loss (1964): half the squared error up to delta, and a straight line from there on. The
 * mean is over all elements, as in PyTorch and Keras.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if delta is not a finite number above 0, or for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: huber({ delta: 0.5 }), optimizer: adam() });
 */
export function huber(options: HuberOptions = {}): Loss {
  return loss("huber", options, ops.huberRules());
}

/**
 * Logarithm of cosh(prediction - target): like half the squared error for small differences, like the
 * absolute error for large ones, and smooth between. The mean is over all elements, as in Keras.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: logCosh(), optimizer: adam() });
 */
export function logCosh(options: LossOptions = {}): Loss {
  return loss("logCosh", options, {});
}

/**
 * Binary cross-entropy of probabilities in [0, 1] against targets in [0, 1]. The mean is over all
 * elements. Logarithms are at least -100, as in PyTorch (Keras clips probabilities at 1e-7).
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1), sigmoid()]);
 * engine.compile(net, { inputShape: [8], loss: bce(), optimizer: adam() });
 */
export function bce(options: LossOptions = {}): Loss {
  return loss("bce", options, {}, { threshold: 0.5 });
}

/**
 * Binary cross-entropy of logits against targets in [0, 1], exact for logits of any size. The mean
 * is over all elements. posWeight is PyTorch's pos_weight.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if a posWeight is not a finite number ≥ 0, or for an unknown reduction or
 * option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * const loss = bceWithLogits({ posWeight: 3 });
 * engine.compile(net, { inputShape: [8], loss, optimizer: adam() });
 */
export function bceWithLogits(options: BceWithLogitsOptions = {}): Loss {
  return loss("bceWithLogits", options, ops.bceWithLogitsRules(), { threshold: 0 });
}

/**
 * Softmax cross-entropy of logits [batch, ..., classes]. Targets are class indices [batch, ...], such
 * as one for each step of [batch, time, classes], or rows of probabilities such as one-hot rows.
 * Labels equal to ignoreIndex do not count. The mean over class indices is over those that count,
 * weighted by classWeights, as in PyTorch: fit and evaluate weigh batches and micro-batches by
 * that, too. In a batch in which no label counts, or all weigh 0, the loss and its gradients are 0
 * (PyTorch gives NaN). The mean over rows of probabilities is over rows.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if labelSmoothing is not from 0 to 1, ignoreIndex is not an int32, a class weight
 * is not a finite number ≥ 0, or for an unknown reduction or option
 * @example
 * const net = sequential([dense(64), relu(), dense(10)]);
 * const loss = crossEntropy({ labelSmoothing: 0.1 });
 * engine.compile(net, { inputShape: [64], loss, optimizer: adam() });
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const rules = crossEntropyRules();
  const {
    ignoreIndex = IGNORE_INDEX,
    classWeights,
    reduction = "mean",
  } = checkOptions("crossEntropy", options, { ...rules, reduction: oneOf(...reductions) });
  const weights = classWeights && Array.from(classWeights);
  const labelWeight = weights ? (label: number) => weights[label]! : () => 1;
  return loss("crossEntropy", options, rules, {
    takesClasses: true,
    ignoreIndex,
    ...(reduction === "mean" && { labelWeight }),
  });
}

/**
 * Negative log-likelihood of class indices [batch, ...] under log-probabilities [batch, ...,
 * classes], such as the output of logSoftmax. The mean is over labels, as in PyTorch (NLLLoss).
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(64), relu(), dense(10), logSoftmax()]);
 * engine.compile(net, { inputShape: [64], loss: nll(), optimizer: adam() });
 */
export function nll(options: LossOptions = {}): Loss {
  return loss("nll", options, {}, { takesClasses: true });
}

/**
 * Kullback-Leibler divergence of target probabilities from predicted log-probabilities. The mean is
 * over all elements, as in PyTorch. "batchmean" is the divergence by its definition, and what Keras
 * computes (from probabilities).
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(64), relu(), dense(10), logSoftmax()]);
 * const loss = klDiv({ reduction: "batchmean" });
 * engine.compile(net, { inputShape: [64], loss, optimizer: adam() });
 */
export function klDiv(options: LossOptions = {}): Loss {
  return loss("klDiv", options, {});
}
