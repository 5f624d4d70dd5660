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
