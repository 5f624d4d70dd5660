import { type Node, isComputed } from "./node.ts";
import { copy } from "./ops/shape.ts";
import { reverseSweep } from "./reverse.ts";
import type { Tape } from "./tape.ts";

/**
 * Returns a node whose value an instruction writes, so that the caller can pin it to an address:
 * the node itself, or a copy of a source or of an alias.
 */
export function computable(tape: Tape, node: Node): Node {
  return isComputed(node) ? node : copy(tape, node);
}

/** Returns the gradients, each in an array of its own: one that targets share is copied. */
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
 * Appends the gradients of a scalar, each in an array of its own.
 * @returns the gradient of each target that the scalar depends on
 * @throws RangeError if the loss is not a scalar of floats
 */
export function gradientsOf(tape: Tape, loss: Node, targets: readonly Node[]): Map<Node, Node> {
  return ownGradients(tape, reverseSweep(tape, loss, targets));
}

/**
 * Appends nodes that compute the values of buffers after a step. They come after all other nodes,
 * so that none reads a buffer that has been written, except for a value that an op has written into its buffer
 * already. A value that is a buffer itself is copied before any buffer is written.
 * @returns the new value of each buffer
 */
export function ownUpdates(tape: Tape, updates: ReadonlyMap<Node, Node>): Map<Node, Node> {
  const held = [...updates].map(([buffer, value]) => [buffer, computable(tape, value)] as const);
  const own = (buffer: Node, value: Node): Node =>
    value.computation?.updates === buffer ? value : copy(tape, value);
  return new Map(held.map(([buffer, value]) => [buffer, own(buffer, value)]));
}
