import type { Node, Recorder } from "./graph/node.ts";
import type { OpMethods } from "./graph/ops/index.ts";
import { given } from "./runtime/arguments.ts";
import { printable } from "./runtime/printable.ts";

/** What is added to the loss for the size of a weight. */
export interface Penalty {
  /** `l2(0.01)`. */
  readonly name: string;
  /** Records the scalar. */
  record(g: Recorder & OpMethods, weight: Node): Node;
}

function check(name: string, factor: number): void {
  if (!(typeof factor === "number" && factor >= 0 && factor < Infinity)) {
    throw new RangeError(`${name}: expected a factor from 0 on, got ${given(factor)}`);
  }
}

function penalty(name: string, record: Penalty["record"]): Penalty {
  return printable({ name, record }, name);
}

/** factor · Σ |w|, as Keras's L1. @throws RangeError for a factor below 0 */
export function l1(factor = 0.01): Penalty {
  check("l1", factor);
  return penalty(`l1(${factor})`, (g, weight) => g.mul(g.scalar(factor), g.sum(g.abs(weight))));
}

/**
 * factor · Σ w², as Keras's L2; its gradient is 2 · factor · w, where PyTorch's weight_decay adds
 * weight_decay · w.
 * @throws RangeError for a factor below 0
 */
export function l2(factor = 0.01): Penalty {
  check("l2", factor);
  return penalty(`l2(${factor})`, (g, weight) => g.mul(g.scalar(factor), g.sum(g.square(weight))));
}
