import type { IntNode, Node, Recorder } from "../node.ts";
import { neg } from "./binary.ts";
import { type ReduceOptions, places } from "./reduce.ts";

/**
 * The place of the largest element along an axis, or without one in all of x in row-major order: a
 * node of ints, which has no gradient. The first of equal elements counts; the first NaN, if there is
 * one, counts as the largest, as in PyTorch.
 * @throws RangeError if the axis is none of x's or has no elements
 * @example
 * const x = g.constant(Float32Array.of(1, 5, 4, 3), [2, 2]);
 * g.argmax(x, 1); // [1, 0]
 */
export function argmax(g: Recorder, x: Node, axis?: number, options?: ReduceOptions): IntNode {
  return places(g, "argmax", x, axis, options);
}

/**
 * The place of the smallest element, as argmax.
 * @throws RangeError if the axis is none of x's or has no elements
 * @example
 * const x = g.constant(Float32Array.of(1, 5, 4, 3), [2, 2]);
 * g.argmin(x, 1); // [0, 1]
 */
export function argmin(g: Recorder, x: Node, axis?: number, options?: ReduceOptions): IntNode {
  return places(g, "argmin", neg(g, x), axis, options);
}

/** The ops of this file, by the names of their methods. */
export const compareOps = { argmax, argmin };
