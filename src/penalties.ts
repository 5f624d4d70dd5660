import type { Node, Recorder } from "./graph/node.ts";
import type { OpMethods } from "./graph/ops/index.ts";
import { type Rule, check, numberFrom, objectWith } from "./base/arguments.ts";
import { made } from "./base/printable.ts";

/** What is added to the loss for the size of a weight. */
export interface Penalty {
  /** `l2(0.01)`. */
  readonly name: string;
  /** Records the scalar. */
  record(g: Recorder & OpMethods, weight: Node): Node;
}

/** What an option that is a penalty has to be. */
export const penalty = (): Rule => objectWith("record", "a penalty such as l2(0.001)", "name");

function scaled(name: string, record: Penalty["record"]): Penalty {
  return made({ name, record }, name);
}

/**
 * factor · Σ |w|, as Keras's L1.
 * @throws TypeError or RangeError unless the factor is a number from 0 on
 * @example
 * const layer = dense(64, { weightPenalty: l1(0.001) });
 */
export function l1(factor = 0.01): Penalty {
  check("l1", "factor", factor, numberFrom(0));
  return scaled(`l1(${factor})`, (g, weight) => g.mul(g.scalar(factor), g.sum(g.abs(weight))));
}

/**
 * factor · Σ w², as Keras's L2; its gradient is 2 · factor · w, where PyTorch's weight_decay adds
 * weight_decay · w.
 * @throws TypeError or RangeError unless the factor is a number from 0 on
 * @example
 * const layer = dense(64, { weightPenalty: l2(0.001) });
 */
export function l2(factor = 0.01): Penalty {
  check("l2", "factor", factor, numberFrom(0));
  return scaled(`l2(${factor})`, (g, weight) => g.mul(g.scalar(factor), g.sum(g.square(weight))));
}
