import * as ops from "../graph/ops/margin-losses.ts";
import { type Loss, type LossOptions, type Options, loss } from "./loss.ts";

/** Options of poisson. @interface */
export type PoissonOptions = Options<ops.PoissonOptions>;
/** Options of smoothL1. @interface */
export type SmoothL1Options = Options<ops.SmoothL1Options>;

/**
 * Hinge loss max(0, 1 - target · prediction) for targets -1 and 1. Keras takes targets 0 and 1, too,
 * and makes -1 of 0. The mean is over all elements, as in PyTorch and Keras.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: hinge(), optimizer: adam() });
 */
export function hinge(options: LossOptions = {}): Loss {
  return loss("hinge", options, {});
}

/**
 * Square of the hinge loss, for targets -1 and 1. The mean is over all elements, as in Keras.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: squaredHinge(), optimizer: adam() });
 */
export function squaredHinge(options: LossOptions = {}): Loss {
  return loss("squaredHinge", options, {});
}

/**
 * Hinge loss of rows [batch, ..., classes] against one-hot rows: max(0, 1 + the largest of the other
 * predictions and 0 - the prediction of the class), as in Keras. The mean is over rows.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(10)]);
 * engine.compile(net, { inputShape: [8], loss: categoricalHinge(), optimizer: adam() });
 */
export function categoricalHinge(options: LossOptions = {}): Loss {
  return loss("categoricalHinge", options, {});
}

/**
 * Negative log-likelihood of counts whose rate is predicted, without the term of the target alone. The
 * prediction is the logarithm of the rate by default, as in PyTorch (PoissonNLLLoss); in Keras it is
 * the rate. The mean is over all elements.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: poisson({ logInput: true }), optimizer: adam() });
 */
export function poisson(options: PoissonOptions = {}): Loss {
  return loss("poisson", options, ops.poissonRules());
}

/**
 * Cosine of the angle between rows [batch, ..., columns] and their targets, negated, as in Keras: -1 for the
 * same direction. PyTorch's CosineEmbeddingLoss is 1 more. The mean is over rows.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(4)]);
 * engine.compile(net, { inputShape: [8], loss: cosineSimilarity(), optimizer: adam() });
 */
export function cosineSimilarity(options: LossOptions = {}): Loss {
  return loss("cosineSimilarity", options, {});
}

/**
 * Mean absolute error in percent of the target, 100 |prediction - target| / |target|, where |target| is
 * at least 1e-7. The mean is over all elements, as in Keras.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: mape(), optimizer: adam() });
 */
export function mape(options: LossOptions = {}): Loss {
  return loss("mape", options, {});
}

/**
 * Squared error of the logarithms of 1 + prediction and 1 + target. Numbers below 0 count as 0 (1e-7 in
 * Keras). The mean is over all elements, as in Keras.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1), softplus()]);
 * engine.compile(net, { inputShape: [8], loss: msle(), optimizer: adam() });
 */
export function msle(options: LossOptions = {}): Loss {
  return loss("msle", options, {});
}

/**
 * Huber's loss divided by beta, where it ends to be quadratic, as PyTorch's SmoothL1Loss. The mean is
 * over all elements.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if beta is not a finite number above 0, or for an unknown reduction or option
 * @example
 * const net = sequential([dense(32), relu(), dense(1)]);
 * engine.compile(net, { inputShape: [8], loss: smoothL1({ beta: 0.5 }), optimizer: adam() });
 */
export function smoothL1(options: SmoothL1Options = {}): Loss {
  return loss("smoothL1", options, ops.smoothL1Rules());
}
