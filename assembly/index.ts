/** The export list: this is the ABI. Pointers are bytes, counts are elements, matrices row-major. */

export * from "./module";
export * from "./accumulate";
export * from "./activations/exponential";
export * from "./activations/gated";
export * from "./activations/piecewise";
export * from "./binary";
export * from "./losses/binary-crossentropy";
export * from "./losses/crossentropy";
export * from "./gather";
export * from "./losses/elementwise";
export * from "./metrics";
export * from "./optimizers/index";
export * from "./random/random";
export * from "./unary";
export { sgemm, sgemmScratchBytes } from "./gemm/gemm";
export { setTile } from "./gemm/tiles";
export { clipNorm, clipValue } from "./clip";
export { logSoftmax, logSoftmaxGrad, softmax, softmaxGrad } from "./softmax";
export { max, maxGrad, sum, sumGrad } from "./reduce";
export { channelMoments } from "./norm/batch-moments";
export { channelNorm, channelNormGrad, channelNormSums } from "./norm/batch-norm";
export { dropout } from "./random/dropout";
export { embed, embedGrad } from "./embedding";
export { groupNorm } from "./norm/group-norm";
export { groupNormGrad, groupNormSums } from "./norm/group-norm-gradients";
export { concat, copyStrided, padStrided } from "./permute";

export * from "./records";
export * from "./records-clip";
export * from "./records-losses";
export * from "./records-norm";
export * from "./records-optimizers";
export * from "./records-shape";
export * from "./records-batch";
export { helpProgram, run, startProgram } from "./program";
