import type { KernelName } from "../wasm/build.ts";
import type { SomeFamily } from "./case.ts";
import { arithmeticFamily } from "./families/arithmetic.ts";
import { attentionFamily } from "./families/attention.ts";
import { augmentationFamily } from "./families/augmentation.ts";
import { channelNormFamily } from "./families/channels.ts";
import { clippingFamily } from "./families/clipping.ts";
import { convolutionFamily } from "./families/convolution.ts";
import { copyFamily } from "./families/copies.ts";
import { crossEntropyFamily } from "./families/crossentropy.ts";
import { activationFamily, unaryFamily } from "./families/elementwise.ts";
import { gatherFamily } from "./families/gather.ts";
import { lossFamily } from "./families/losses.ts";
import { maxPoolFamily } from "./families/maxpool.ts";
import { metricFamily } from "./families/metrics.ts";
import { groupNormFamily } from "./families/norm.ts";
import { optimizerFamily } from "./families/optimizers.ts";
import { productFamily } from "./families/products.ts";
import { randomFamily } from "./families/random.ts";
import { recurrentFamily } from "./families/recurrent.ts";
import { reductionFamily } from "./families/reductions.ts";
import { resampleFamily } from "./families/resample.ts";
import { softmaxFamily } from "./families/softmax.ts";

/** Kernels that describe their module instead of computing something. */
type About = "abiVersion" | "isRelaxed" | "hasThreads";

/** A kernel that computes something. */
type PlainKernel = Exclude<KernelName, About>;

/** All families, in the order in which they are shown. */
const all = [
  productFamily,
  convolutionFamily,
  attentionFamily,
  arithmeticFamily,
  activationFamily,
  unaryFamily,
  softmaxFamily,
  crossEntropyFamily,
  lossFamily,
  reductionFamily,
  groupNormFamily,
  channelNormFamily,
  maxPoolFamily,
  resampleFamily,
  recurrentFamily,
  optimizerFamily,
  clippingFamily,
  randomFamily,
  augmentationFamily,
  gatherFamily,
  copyFamily,
  metricFamily,
] as const;

type KernelOf<F> = F extends { readonly kernels: infer T } ? keyof T : never;

type Checked = KernelOf<(typeof all)[number]>;

/** All families. If a kernel has no cases, the compiler names it here. */
export const families: PlainKernel extends Checked
  ? readonly SomeFamily[]
  : Exclude<PlainKernel, Checked> = all;
