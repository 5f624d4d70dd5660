import type { Node, Recorder } from "./graph/node.ts";
import type { OpMethods } from "./graph/ops/index.ts";
import { type Rule, check, numberFrom, objectWith } from "./base/arguments.ts";
import { immutable } from "./base/printable.ts";

/** Term that is added to the loss for the size of a weight. */
export interface Penalty {
  /** Name of the penalty: `l2(0.01)`. */
  readonly name: string;
  /** Records the penalty of a weight, a scalar. */
  record(g: Recorder & OpMethods, weight: Node): Node;
}

/** Rule for an option that is a penalty. */
export const penalty = (): Rule => objectWith("record", "a penalty such as l2(0.001)", "name");

function scaled(name: string, record: Penalty["record"]): Penalty {
  return immutable({ name, record }, name);
}

/**
 * Penalty factor · Σ |w|, as Keras's L1.
 * @param factor finite number ≥ 0; 0.01 by default, as in Keras
 * @throws TypeError if the factor is not a number
 * @throws RangeError if it is negative or not finite
 * @example
 * const layer = dense(64, { weightPenalty: l1(0.001) });
 */
export function l1(factor = 0.01): Penalty {
  check("l1", "factor", factor, numberFrom(0));
  return scaled(`l1(${factor})`, (g, weight) => g.mul(g.scalar(factor), g.sum(g.abs(weight))));
}

/**
 * Penalty factor · Σ w², as Keras's L2. Its gradient is 2 · factor · w, while PyTorch's
 * weight_decay adds weight_decay · w.
 * @param factor finite number ≥ 0; 0.01 by default, as in Keras
 * @throws TypeError if the factor is not a number
 * @throws RangeError if it is negative or not finite
 * @example
 * const layer = dense(64, { weightPenalty: l2(0.001) });
 */
export function l2(factor = 0.01): Penalty {
  check("l2", "factor", factor, numberFrom(0));
  return scaled(`l2(${factor})`, (g, weight) => g.mul(g.scalar(factor), g.sum(g.square(weight))));
}
