import type { Node } from "../graph/node.ts";

/**
 * Finds the products that compute the sums of a matrix's columns in passing: a weight's gradient
 * xᵀ·dz that of the bias, the column sums of dz, which is in cache then. Only sums that are pinned are
 * moved: those in the arena have no address yet where the product stands.
 *
 * @param order nodes, inputs before those that read them
 * @returns the node of the sums by the node of the product
 */
export function fuseColumnSums(
  order: readonly Node[],
  pinned: ReadonlyMap<Node, number>,
): Map<Node, Node> {
  /** The first product so far that reads a matrix. */
  const products = new Map<Node, Node>();
  const fused = new Map<Node, Node>();
  for (const node of order) {
    const { sumsColumnsOf, columnSumsOf } = node.computation ?? {};
    if (sumsColumnsOf && !products.has(sumsColumnsOf)) products.set(sumsColumnsOf, node);
    const product = columnSumsOf && pinned.has(node) && products.get(columnSumsOf);
    if (product && !fused.has(product)) fused.set(product, node);
  }
  return fused;
}

/**
 * Finds the ops that act on each element by itself and have nothing left to do if the instruction of
 * their input applies them, while its rows are in cache: nobody else reads that input, and both have one
 * storage, so neither is read when the program has run.
 *
 * @param order nodes, inputs before those that read them
 * @param share says if two nodes have one storage
 * @returns the node of the op by the node that it reads
 */
export function fuseEpilogues(
  order: readonly Node[],
  share: (input: Node, node: Node) => boolean,
): Map<Node, Node> {
  const readers = new Map<Node, number>();
  for (const input of order.flatMap(({ inputs }) => inputs)) {
    readers.set(input, (readers.get(input) ?? 0) + 1);
  }
  const fused = new Map<Node, Node>();
  for (const node of order) {
    const [input] = node.inputs;
    if (!node.computation?.applies || !input?.computation?.followedBy) continue;
    if (readers.get(input) === 1 && share(input, node)) fused.set(input, node);
  }
  return fused;
}
