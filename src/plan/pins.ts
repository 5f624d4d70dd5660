import { type Node, type Values, isComputed, size } from "../graph/node.ts";
import { copy } from "../graph/ops/shape.ts";
import type { Tape } from "../graph/tape.ts";
import { align } from "../memory/heap.ts";
import type { Runtime } from "../wasm/runtime.ts";

/** Offsets of consecutive arrays in one block, each on a cache line of its own, and their bytes. */
export function layBlock(nodes: readonly { shape: Node["shape"] }[]): [number[], number] {
  let end = 0;
  const offsets = nodes.map(({ shape }) => {
    const offset = end;
    end += align(size(shape) * 4);
    return offset;
  });
  return [offsets, end];
}

/** Writes the numbers of a source: one for all elements, or one for each. */
export function fillSource(runtime: Runtime, node: Node, at: number, value: Values): void {
  const { floats, words } = runtime.heap;
  const view = (node.type === "int" ? words : floats).subarray(at / 4, at / 4 + size(node.shape));
  if (typeof value === "number") view.fill(value);
  else view.set(value);
}

/**
 * A node that can be computed where the caller wants it: a source or a view is copied.
 */
export function computable(tape: Tape, node: Node): Node {
  return isComputed(node) ? node : copy(tape, node);
}

/** Gradients that can each be computed in a place of their own: one that is shared is copied. */
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
 * What buffers are to hold after a step, as nodes that are computed after all others, so that nobody
 * reads a buffer that has been written; values that are buffers themselves are set aside first.
 */
export function ownUpdates(tape: Tape, updates: ReadonlyMap<Node, Node>): Map<Node, Node> {
  const held = [...updates].map(([buffer, value]) => [buffer, computable(tape, value)] as const);
  return new Map(held.map(([buffer, value]) => [buffer, copy(tape, value)]));
}
