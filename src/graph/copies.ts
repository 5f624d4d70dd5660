import { type Node, isComputed } from "./node.ts";
import { copy } from "./ops/shape.ts";
import { reverseSweep } from "./reverse.ts";
import type { Tape } from "./tape.ts";

/** Returns a node that can be computed where the caller wants it: a source or an alias is copied. */
export function computable(tape: Tape, node: Node): Node {
  return isComputed(node) ? node : copy(tape, node);
}

/** Returns gradients that each have an array of their own: one that is shared is copied. */
export function ownGradients(tape: Tape, gradients: ReadonlyMap<Node, Node>): Map<Node, Node> {
  const taken = new Set<Node>();
  const own = new Map<Node, Node>();
  for (const [target, gradient] of gradients) {
    const node = taken.has(gradient) ? copy(tape, gradient) : computable(tape, gradient);
    taken.add(node);
    own.set(target, node);
  }
  return own;
}

/**
 * Records the gradients of a scalar, each in an array of its own.
 * @returns the gradient of each target that the scalar depends on
 * @throws RangeError if it is no scalar
 */
export function gradientsOf(tape: Tape, loss: Node, targets: readonly Node[]): Map<Node, Node> {
  return ownGradients(tape, reverseSweep(tape, loss, targets));
}

/**
 * Returns the values that buffers get after a step, as nodes that are computed after all others, so that
 * nobody reads a buffer that has been written; values that are buffers themselves are set aside first.
 */
export function ownUpdates(tape: Tape, updates: ReadonlyMap<Node, Node>): Map<Node, Node> {
  const held = [...updates].map(([buffer, value]) => [buffer, computable(tape, value)] as const);
  return new Map(held.map(([buffer, value]) => [buffer, copy(tape, value)]));
}
