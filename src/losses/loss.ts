import { type Rules, checkOptions, oneOf } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Node, Recorder, Shape } from "../graph/node.ts";
import type { rowLossOps } from "../graph/ops/crossentropy.ts";
import type { OpMethods } from "../graph/ops/index.ts";
import type { lossOps } from "../graph/ops/losses.ts";
import type { marginLossOps } from "../graph/ops/margin-losses.ts";
import { type Reduction, divisorOf, reductions } from "../graph/ops/reduction.ts";

/** Loss that a model minimises. */
export interface Loss {
  /** Name of the loss: `crossEntropy`. */
  readonly name: string;
  /**
   * True if targets may be class indices: one for each row of the prediction [batch, ..., classes],
   * which is one for each example of [batch, classes].
   */
  readonly takesClasses: boolean;
  /** Class index of the labels that do not count; undefined if all do. */
  readonly ignoreIndex?: number;
  /**
   * Returns the weight of a label that counts, if the scalar is a mean over labels, weighted by
   * their classes: 1 for each without class weights. Undefined if it is a mean over examples.
   */
  readonly labelWeight?: (label: number) => number;
  /**
   * Threshold of binary accuracy: predictions above it are a yes. Undefined if the largest one
   * wins.
   */
  readonly threshold?: number;
  /**
   * Function that makes probabilities of predictions: "none" if they are probabilities already.
   * Undefined if the loss is of other numbers.
   */
  readonly probabilities?: "softmax" | "sigmoid" | "exp" | "none";
  /** "mean" if the scalar is a mean over the batch's examples, "sum" if it is a sum over them. */
  readonly reduction: "mean" | "sum";
  /** Records the scalar loss of a batch. */
  record(g: Recorder & OpMethods, prediction: Node, target: Node): Node;
  /**
   * Records the losses [examples, ...] that the scalar is made of, which sampleWeights weigh. A loss
   * without it takes none.
   */
  recordEach?(g: Recorder & OpMethods, prediction: Node, target: Node): Node;
  /** Returns the number by which the scalar divides the sum of losses of a shape; by default 1. */
  divisor?(losses: Shape): number;
}

/** Options of every loss. */
export interface LossOptions {
  /**
   * Reduction of the losses to one number; "mean" by default, over what each loss names. "sum" adds
   * up everything. "meanOverExamples", also called "batchmean", sums over an example's outputs and
   * takes the mean over examples.
   */
  readonly reduction?: Reduction;
}

/** Options of an op as those of its loss. */
export type Options<O> = Omit<O, "reduction"> & LossOptions;
/** Names of the losses, and of their ops. */
type LossName = keyof typeof lossOps | keyof typeof marginLossOps | keyof typeof rowLossOps;

/** Returns a loss whose op takes the options as they are. @param rules for its own options */
export function loss<O extends LossOptions>(
  name: LossName,
  options: O,
  rules: Rules<Omit<O, "reduction">>,
  more: Partial<Omit<Loss, "name" | "reduction" | "record">> = {},
): Loss {
  const all = { reduction: oneOf(...reductions), ...rules } as unknown as Rules<O>;
  // Copies lists too: what the caller does to them later is no part of the loss.
  const own = (value: unknown): unknown =>
    typeof value === "object" ? Array.from(value as ArrayLike<unknown>) : value;
  const entries = Object.entries(checkOptions<object>(name, options, all));
  const chosen: LossOptions = Object.fromEntries(entries.map(([key, value]) => [key, own(value)]));
  return immutable<Loss>(
    {
      name,
      takesClasses: false,
      ...more,
      reduction: chosen.reduction === "sum" ? "sum" : "mean",
      record: (g, prediction, target) => g[name](prediction, target, chosen),
      recordEach: (g, prediction, target) =>
        g[name](prediction, target, { ...chosen, reduction: "none" }),
      divisor: (losses) => divisorOf(losses, chosen.reduction),
    },
    call(name, chosen),
  );
}
