import type { KernelName } from "../wasm/build.ts";
import type { SomeFamily } from "./case.ts";
import { arithmeticFamily } from "./families/arithmetic.ts";
import { channelNormFamily } from "./families/channels.ts";
import { clippingFamily } from "./families/clipping.ts";
import { copyFamily } from "./families/copies.ts";
import { crossEntropyFamily } from "./families/crossentropy.ts";
import { activationFamily, unaryFamily } from "./families/elementwise.ts";
import { gatherFamily } from "./families/gather.ts";
import { lossFamily } from "./families/losses.ts";
import { metricFamily } from "./families/metrics.ts";
import { groupNormFamily } from "./families/norm.ts";
import { optimizerFamily } from "./families/optimizers.ts";
import { productFamily } from "./families/products.ts";
import { randomFamily } from "./families/random.ts";
import { reductionFamily } from "./families/reductions.ts";
import { softmaxFamily } from "./families/softmax.ts";

/** Exports that are no kernels: what a module is, and the interpreter of records. */
const programs = ["run", "startProgram", "helpProgram"] as const;
const others = ["abiVersion", "isRelaxed", "hasThreads", ...programs] as const;

/** A kernel with plain arguments: records call them, and have tests of their own. */
type PlainKernel = Exclude<KernelName, (typeof others)[number] | `${string}Record`>;

/** Whether an export is a kernel with plain arguments. */
export function isPlainKernel(name: string): boolean {
  return !name.endsWith("Record") && !others.some((other) => other === name);
}

/** Everything that can be checked, in the order it is shown. */
const all = [
  productFamily,
  arithmeticFamily,
  activationFamily,
  unaryFamily,
  softmaxFamily,
  crossEntropyFamily,
  lossFamily,
  reductionFamily,
  groupNormFamily,
  channelNormFamily,
  optimizerFamily,
  clippingFamily,
  randomFamily,
  gatherFamily,
  copyFamily,
  metricFamily,
] as const;

type KernelOf<F> = F extends { readonly kernels: infer T } ? keyof T : never;

type Checked = KernelOf<(typeof all)[number]>;

/** All families. Where a kernel has no cases, the compiler names it here. */
export const families: PlainKernel extends Checked
  ? readonly SomeFamily[]
  : Exclude<PlainKernel, Checked> = all;
