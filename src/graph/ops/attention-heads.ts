import { type AttentionOptions, type Rows, attend } from "./attention.ts";
import { type Node, type Recorder, describe } from "../node.ts";

/**
 * Columns of a projection [batch, time, width] from `first` on, which hold `heads` heads side by side.
 */
export interface Heads {
  readonly node: Node;
  readonly first: number;
}

/** Returns the rows of the heads in a projection. */
function rowsOf({ node, first }: Heads, depth: number): Rows {
  const [, time, width] = node.shape as [number, number, number];
  return { node, first, strides: [time * width, depth, width] };
}

/**
 * Attention between projections whose heads lie side by side, without a copy of any of them: the outputs
 * of the heads lie side by side as well, [batch, time, heads · depth].
 * @param depth columns of a head
 * @throws RangeError if the batches differ
 */
export function attendHeads(
  g: Recorder,
  op: string,
  [q, k, v]: readonly [Heads, Heads, Heads],
  heads: number,
  depth: number,
  options: AttentionOptions,
): Node {
  const [batch, queries] = q.node.shape as [number, number];
  const [others, keys] = k.node.shape as [number, number];
  if (batch !== others) {
    const received = `${describe(q.node.shape)} and ${describe(k.node.shape)}`;
    throw g.fail(op, `expected queries and keys of one batch, got ${received}`);
  }
  const width = heads * depth;
  const sizes = { batch, heads, queries, keys, depth, valueDepth: depth };
  const [qs, ks, vs] = [rowsOf(q, depth), rowsOf(k, depth), rowsOf(v, depth)];
  const layout = {
    shape: [batch, queries, width],
    strides: [queries * width, depth, width],
  } as const;
  return attend(g, op, { sizes, q: qs, k: ks, v: vs, ...layout }, options);
}
