import { checkOptions, oneOf } from "./base/arguments.ts";
import { IGNORE_INDEX } from "./base/labels.ts";
import {
  type CrossEntropyOptions as RowOptions,
  crossEntropyRules,
} from "./graph/ops/crossentropy.ts";
import * as ops from "./graph/ops/losses.ts";
import { reductions } from "./graph/ops/reduction.ts";
import { type Loss, type LossOptions, type Options, loss } from "./losses/loss.ts";

export type { Reduction } from "./graph/ops/reduction.ts";
export type { Loss, LossOptions } from "./losses/loss.ts";
export * from "./losses/margin.ts";

/** Options of mse. @interface */
export type MseOptions = Options<ops.MseOptions>;
/** Options of huber. @interface */
export type HuberOptions = Options<ops.HuberOptions>;
/** Options of bceWithLogits. @interface */
export type BceWithLogitsOptions = Options<ops.BceWithLogitsOptions>;
/** Options of crossEntropy. @interface */
export type CrossEntropyOptions = Options<RowOptions>;

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
  return loss("bce", options, {}, { threshold: 0.5, probabilities: "none" });
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
  const more = { threshold: 0, probabilities: "sigmoid" } as const;
  return loss("bceWithLogits", options, ops.bceWithLogitsRules(), more);
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
    probabilities: "softmax",
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
  return loss("nll", options, {}, { takesClasses: true, probabilities: "exp" });
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
