import { type Rules, checkOptions, oneOf } from "../../base/arguments.ts";
import { type Node, type Recorder, size } from "../node.ts";
import { mul } from "./binary.ts";
import { scaledSum } from "./reduce.ts";

/**
 * How the losses of a batch become one number:
 * - "mean", the default, as PyTorch and Keras take it: over all elements where each element has a
 *   loss, over examples where each row has one;
 * - "sum": over everything;
 * - "meanOverExamples": the sum over an example's outputs, then the mean over the first axis,
 *   1/m Σ_i Σ_k; "batchmean" is PyTorch's name of it for klDiv.
 */
export type Reduction = "mean" | "sum" | "meanOverExamples" | "batchmean";

export const reductions = ["mean", "sum", "meanOverExamples", "batchmean"] as const;

/** How the losses of a batch are reduced. */
export interface ReductionOption {
  /** "mean" by default; "none" leaves the losses as they are, [examples, ...]. */
  readonly reduction?: Reduction | "none";
}

/** The options of a loss; a reduction's name stands for options with just that. */
export type LossArgument<Options extends ReductionOption> = Reduction | "none" | Options;

/**
 * Options from what the op of a loss was given: a name stands for the reduction alone.
 * @param rules those of its own options
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

/** Reduces losses [examples, ...], each counted `factor` times. */
export function reduceLosses(
  g: Recorder,
  losses: Node,
  reduction: ReductionOption["reduction"] = "mean",
  factor = 1,
): Node {
  if (reduction === "none") return factor === 1 ? losses : mul(g, losses, g.scalar(factor));
  const examples = losses.shape[0] ?? 1;
  const count = {
    mean: size(losses.shape),
    sum: 1,
    meanOverExamples: examples,
    batchmean: examples,
  };
  return scaledSum(g, losses, factor / count[reduction]);
}
