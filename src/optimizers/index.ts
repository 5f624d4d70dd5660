export { adagrad, adadelta, rmsprop } from "./adaptive.ts";
export type { AdadeltaOptions, AdagradOptions, RmspropOptions } from "./adaptive.ts";
export { adam, adamW, amsgrad } from "./adam.ts";
export type { AdamOptions, AdamWOptions } from "./adam.ts";
export { adamax, nadam, radam } from "./adam-variants.ts";
export type { AdamaxOptions, NadamOptions, RadamOptions } from "./adam-variants.ts";
export type { Optimizer, OptimizerOptions } from "./optimizer.ts";
export { sgd } from "./sgd.ts";
export type { MomentumForm, SgdOptions } from "./sgd.ts";
