import { type Rules, checkOptions, oneOf } from "./base/arguments.ts";
import { call, made } from "./base/printable.ts";
import type { Node, Recorder } from "./graph/node.ts";
import {
  type CrossEntropyOptions as RowOptions,
  crossEntropyRules,
} from "./graph/ops/crossentropy.ts";
import type { OpMethods } from "./graph/ops/index.ts";
import * as ops from "./graph/ops/losses.ts";
import { type Reduction, reductions } from "./graph/ops/reduction.ts";

export type { Reduction } from "./graph/ops/reduction.ts";

/** What a model minimises. */
export interface Loss {
  /** `crossEntropy`. */
  readonly name: string;
  /** Whether targets may be class indices, one for each example. */
  readonly takesClasses: boolean;
  /** For binary accuracy: predictions above it say yes. Undefined where the largest wins. */
  readonly threshold?: number;
  /** Whether the scalar is a mean over the batch's examples, whatever is summed in each, or a sum. */
  readonly reduction: "mean" | "sum";
  /** Records the scalar loss of a batch. */
  record(g: Recorder & OpMethods, prediction: Node, target: Node): Node;
}

/** What every loss takes. */
export interface LossOptions {
  /**
   * "mean" by default; see the loss for what it is taken over. "meanOverExamples" sums over an
   * example's outputs; "batchmean" is another name of it.
   */
  readonly reduction?: Reduction;
}

type Options<O> = Omit<O, "reduction"> & LossOptions;
/** What mse takes. @interface */
export type MseOptions = Options<ops.MseOptions>;
/** What huber takes. @interface */
export type HuberOptions = Options<ops.HuberOptions>;
/** What bceWithLogits takes. @interface */
export type BceWithLogitsOptions = Options<ops.BceWithLogitsOptions>;
/** What crossEntropy takes. @interface */
export type CrossEntropyOptions = Options<RowOptions>;

/** Names of the losses, which are those of their ops. */
type LossName =
  "mse" | "mae" | "huber" | "bce" | "bceWithLogits" | "klDiv" | "crossEntropy" | "nll";

/** A loss whose op takes the options as they are. @param rules for its own options */
function loss<O extends LossOptions>(
  name: LossName,
  options: O,
  rules: Rules<Omit<O, "reduction">>,
  more: { readonly takesClasses?: boolean; readonly threshold?: number } = {},
): Loss {
  const all = { reduction: oneOf(...reductions), ...rules } as unknown as Rules<O>;
  // Copies lists too: what the caller does to them later is no part of the loss.
  const own = (value: unknown): unknown =>
    typeof value === "object" ? Array.from(value as ArrayLike<unknown>) : value;
  const entries = Object.entries(checkOptions<object>(name, options, all));
  const chosen: LossOptions = Object.fromEntries(entries.map(([key, value]) => [key, own(value)]));
  return made<Loss>(
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
 * Squared error (prediction - target)², halved on request: predictions and targets of one shape; the
 * mean is over all elements, as in PyTorch and Keras.
 * @throws RangeError for another reduction or an unknown option, TypeError for one of another type
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: mse({ half: true }), optimizer: adam() });
 */
export function mse(options: MseOptions = {}): Loss {
  return loss("mse", options, ops.mseRules());
}

/**
 * Absolute error |prediction - target|, with slope 0 at 0; the mean is over all elements, as in
 * PyTorch (L1Loss) and Keras.
 * @throws RangeError for another reduction or an unknown option, TypeError for one of another type
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: mae(), optimizer: adam() });
 */
export function mae(options: LossOptions = {}): Loss {
  return loss("mae", options, {});
}

/**
 * Huber's loss (1964): half the squared error up to delta, a straight line from there on; the mean is
 * over all elements, as in PyTorch and Keras.
 * @throws RangeError unless delta is a finite number above 0, and the options known; TypeError for one of another type
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: huber({ delta: 0.5 }), optimizer: adam() });
 */
export function huber(options: HuberOptions = {}): Loss {
  return loss("huber", options, ops.huberRules());
}

/**
 * Binary cross-entropy on probabilities in [0, 1], targets likewise; the mean is over all elements.
 * Logarithms are cut at -100 as in PyTorch (Keras cuts probabilities at 1e-7).
 * @throws RangeError for another reduction or an unknown option, TypeError for one of another type
 * @example
 * const net = sequential([dense(32), relu(), dense(1), sigmoid()]);
 * engine.compile(net, { inputShape: [8], loss: bce(), optimizer: adam() });
 */
export function bce(options: LossOptions = {}): Loss {
  return loss("bce", options, {}, { threshold: 0.5 });
}

/**
 * Binary cross-entropy on logits, targets in [0, 1]; the mean is over all elements. Exact for logits
 * of any size; posWeight is PyTorch's pos_weight.
 * @throws RangeError unless every posWeight is a finite number from 0 on, and the options known; TypeError for one of another type
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * const loss = bceWithLogits({ posWeight: 3 });
 * engine.compile(net, { inputShape: [8], loss, optimizer: adam() });
 */
export function bceWithLogits(options: BceWithLogitsOptions = {}): Loss {
  return loss("bceWithLogits", options, ops.bceWithLogitsRules(), { threshold: 0 });
}

/**
 * Softmax cross-entropy on logits [batch, classes], the mean over examples. Targets are class
 * indices, or rows of probabilities (one-hot rows among them).
 * @throws RangeError unless labelSmoothing is from 0 to 1, and the options known; TypeError for one of another type
 * @example
 * const net = sequential([dense(64), relu(), dense(10)]);
 * const loss = crossEntropy({ labelSmoothing: 0.1 });
 * engine.compile(net, { inputShape: [64], loss, optimizer: adam() });
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  return loss("crossEntropy", options, crossEntropyRules(), { takesClasses: true });
}

/**
 * Negative log-likelihood of class indices under log-probabilities [batch, classes], such as
 * logSoftmax gives; the mean is over examples, as in PyTorch (NLLLoss).
 * @throws RangeError for another reduction or an unknown option, TypeError for one of another type
 * @example
 * const net = sequential([dense(64), relu(), dense(10), logSoftmax()]);
 * engine.compile(net, { inputShape: [64], loss: nll(), optimizer: adam() });
 */
export function nll(options: LossOptions = {}): Loss {
  return loss("nll", options, {}, { takesClasses: true });
}

/**
 * Kullback-Leibler divergence of target probabilities from predicted log-probabilities. The mean is
 * over all elements, as in PyTorch; "batchmean" is the divergence as it is defined, and what Keras
 * takes (from probabilities).
 * @throws RangeError for another reduction or an unknown option, TypeError for one of another type
 * @example
 * const net = sequential([dense(64), relu(), dense(10), logSoftmax()]);
 * const loss = klDiv({ reduction: "batchmean" });
 * engine.compile(net, { inputShape: [64], loss, optimizer: adam() });
 */
export function klDiv(options: LossOptions = {}): Loss {
  return loss("klDiv", options, {});
}
