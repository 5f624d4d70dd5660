import { type Rules, checkOptions, oneOf } from "../../base/arguments.ts";
import { type Node, type Recorder, type Shape, size } from "../node.ts";
import { mul } from "./binary.ts";
import { scaledSum } from "./reduce.ts";

/**
 * Reduction of the losses of a batch to one number:
 * - "mean", the default, as in PyTorch and Keras: the mean over all elements if each element has a
 *   loss, over examples if each row has one;
 * - "sum": the sum of all losses;
 * - "meanOverExamples": the sum over the outputs of an example, then the mean over the first axis,
 *   1/m Σ_i Σ_k; "batchmean" is another name of it, from PyTorch's klDiv.
 */
export type Reduction = "mean" | "sum" | "meanOverExamples" | "batchmean";

export const reductions = ["mean", "sum", "meanOverExamples", "batchmean"] as const;

/** Option for the reduction of the losses of a batch. */
export interface ReductionOption {
  /** Reduction; "mean" by default. "none" leaves the losses as they are, [examples, ...]. */
  readonly reduction?: Reduction | "none";
}

/** Options of a loss. The name of a reduction stands for options that have only this reduction. */
export type LossArgument<Options extends ReductionOption> = Reduction | "none" | Options;

/**
 * Returns the options of a loss from its argument, which may be the name of a reduction.
 * @param rules rules for the options besides the reduction
 * @throws TypeError or RangeError naming the option that is wrong
 */
export function lossOptions<Options extends ReductionOption>(
  op: string,
  argument: LossArgument<Options>,
  rules: Rules<Omit<Options, "reduction">>,
): Options {
  const options = typeof argument === "string" ? { reduction: argument } : argument;
  const all = { reduction: oneOf(...reductions, "none"), ...rules };
  return checkOptions(op, options as Options, all as unknown as Rules<Options>);
}

/** Returns the number by which a reduction divides the sum of losses [examples, ...]. */
export function divisorOf(losses: Shape, reduction: Reduction = "mean"): number {
  if (reduction === "sum") return 1;
  return reduction === "mean" ? size(losses) : (losses[0] ?? 1);
}

/** Appends the reduction of losses [examples, ...], each multiplied by `factor`. */
export function reduceLosses(
  g: Recorder,
  losses: Node,
  reduction: ReductionOption["reduction"] = "mean",
  factor = 1,
): Node {
  if (reduction === "none") return factor === 1 ? losses : mul(g, losses, g.scalar(factor));
  return scaledSum(g, losses, factor / divisorOf(losses.shape, reduction));
}
