/**
 * Optimizers: one pass over flat blocks of parameters, gradients and moments, each of n floats. A
 * moment starts as 0. Rates come as f64 and are rounded once.
 * @param p updates f32[n]; the parameters
 * @param g reads f32[n]; their gradients
 * @param m updates f32[n]; the first moment
 * @param v updates f32[n]; the second moment
 * @param s updates f32[n]; the sum or average of squares
 * @param d updates f32[n]; the average of squared steps
 * @param u updates f32[n]; the largest gradient so far, which decays
 * @param n parameters
 * @param lr learning rate
 * @param weightDecay factor of an L2 penalty: g + weightDecay · p stands for g; 0 for none
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second, in [0, 1)
 * @param correction1 1 - beta1^t, the bias of m after step t, counted from 1
 * @param correction2 1 - beta2^t, the bias of v
 * @param epsilon what keeps the divisor from 0
 */

export { sgd, momentum } from "./sgd";
export { adagrad, adadelta, rmsprop } from "./adaptive";
export { adam, adamVariant } from "./adam";
export { adamax, nadam, radam } from "./adam-variants";
