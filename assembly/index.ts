/** The export list: this is the ABI. Pointers are bytes, counts are elements, matrices row-major. */

export * from "./activations";
export * from "./binary";
export * from "./crossentropy";
export * from "./gather";
export * from "./losses";
export * from "./metrics";
export * from "./optimizers";
export * from "./random";
export { sgemm, sgemmScratchBytes } from "./gemm/gemm";
export { softmax, softmaxGrad } from "./softmax";
export { sum, sumGrad } from "./reduce";

export * from "./records";
export * from "./steps";
export { run } from "./program";
