import type { Node } from "../graph/node.ts";

/**
 * Which products compute the sums of a matrix's columns in passing: a weight's gradient xᵀ·dz that of
 * the bias, the column sums of dz, which is in cache then. Only sums that are pinned are moved: those
 * in the arena have no place yet where the product stands.
 *
 * @returns the node of the sums by the node of the product
 */
export function fuseColumnSums(
  order: readonly Node[],
  pinned: ReadonlyMap<Node, number>,
): Map<Node, Node> {
  const fused = new Map<Node, Node>();
  for (const sums of order) {
    const matrix = sums.computation?.columnSumsOf;
    if (!matrix || !pinned.has(sums)) continue;
    const product = order.find(({ id, computation }) => {
      return id < sums.id && computation?.sumsColumnsOf === matrix;
    });
    if (product && !fused.has(product)) fused.set(product, sums);
  }
  return fused;
}
