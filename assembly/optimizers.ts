/** Optimizers: one pass over flat blocks of parameters, gradients and moments. */

export { sgd, momentum } from "./optimizers/sgd";
export { adagrad, adadelta, rmsprop } from "./optimizers/adaptive";
export { adam, adamVariant } from "./optimizers/adam";
export { adamax, nadam, radam } from "./optimizers/kin";
