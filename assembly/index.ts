/** The export list: this is the ABI. Pointers are bytes, counts are elements, matrices row-major. */

export * from "./about";
export * from "./accumulate";
export * from "./activations/exponential";
export * from "./activations/gated";
export * from "./activations/piecewise";
export * from "./binary";
export * from "./binary-crossentropy";
export * from "./crossentropy";
export * from "./gather";
export * from "./losses";
export * from "./metrics";
export * from "./optimizers";
export * from "./random";
export * from "./unary";
export { sgemm, sgemmScratchBytes } from "./gemm/gemm";
export { setTile } from "./gemm/tiles";
export { clipNorm, clipValue } from "./clip";
export { logSoftmax, logSoftmaxGrad, softmax, softmaxGrad } from "./softmax";
export { max, maxGrad, sum, sumGrad } from "./reduce";
export { channelMoments } from "./channel-moments";
export { channelNorm, channelNormGrad, channelNormSums } from "./channels";
export { dropout } from "./dropout";
export { embed, embedGrad } from "./embedding";
export { groupNorm } from "./norm";
export { groupNormGrad, groupNormSums } from "./norm-gradients";
export { concat, copyStrided, padStrided } from "./permute";

export * from "./records";
export * from "./records-clip";
export * from "./records-losses";
export * from "./records-norm";
export * from "./records-optimizers";
export * from "./records-shape";
export * from "./records-batch";
export { helpProgram, run, startProgram } from "./program";
