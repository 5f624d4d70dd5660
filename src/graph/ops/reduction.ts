import { given } from "../../runtime/arguments.ts";
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

const reductions: readonly unknown[] = ["mean", "sum", "meanOverExamples", "batchmean"];

/** How the losses of a batch are reduced. */
export interface ReductionOption {
  /** "mean" by default; "none" leaves the losses as they are, [examples, ...]. */
  readonly reduction?: Reduction | "none";
}

/** The options of a loss; a reduction's name stands for options with just that. */
export type LossArgument<Options extends ReductionOption> = Reduction | "none" | Options;

/** Options from what a loss was given: a name stands for the reduction alone. */
export function lossOptions<Options extends ReductionOption>(
  argument: LossArgument<Options>,
): Options {
  return typeof argument === "string" ? ({ reduction: argument } as Options) : argument;
}

/** @throws RangeError if there is no such reduction */
export function checkReduction(op: string, reduction: unknown): asserts reduction is Reduction {
  if (reductions.includes(reduction)) return;
  const names = reductions.map(given).join(", ");
  throw new RangeError(`${op}: expected a reduction of ${names}, got ${given(reduction)}`);
}

/** Reduces losses [examples, ...], each counted `factor` times. */
export function reduceLosses(
  g: Recorder,
  op: string,
  losses: Node,
  reduction: ReductionOption["reduction"] = "mean",
  factor = 1,
): Node {
  if (reduction === "none") return factor === 1 ? losses : mul(g, losses, g.scalar(factor));
  checkReduction(op, reduction);
  const examples = losses.shape[0] ?? 1;
  const count = {
    mean: size(losses.shape),
    sum: 1,
    meanOverExamples: examples,
    batchmean: examples,
  };
  return scaledSum(g, losses, factor / count[reduction]);
}
