import type { InstructionWords } from "../../../build/instructions.ts";
import type { Computation, IntNode, Node, Recorder } from "../node.ts";
import { OUTPUT, instruction, size } from "../node.ts";
import { broadcastAll, broadcastTo, neg, zip } from "./binary.ts";
import { type ReduceOptions, places, sumTo } from "./reduce.ts";

/**
 * The elements of a node of ints as floats: exact up to 2²⁴ in magnitude, else the nearest float. It has
 * no gradient. A node of floats is returned as it is.
 * @example
 * g.toFloat(g.argmax(g.constant(Float32Array.of(1, 3, 2)))); // 1
 */
export function toFloat(g: Recorder, x: Node): Node {
  if (x.type === "float") return x;
  const computation: Computation = {
    op: "toFloat",
    ints: [x],
    inPlace: x,
    instruction: instruction("toFloat", { x, y: OUTPUT, n: size(x.shape) }),
  };
  return g.append(computation, x.shape);
}

/** An op that compares two arrays which broadcast against each other. */
function comparison(
  op: string,
  kernel: InstructionWords<Node>["zip"]["kernel"],
  isSwapped = false,
) {
  return (g: Recorder, a: Node, b: Node): Node => {
    const shape = broadcastAll(g, op, [a, b]);
    const [left, right] = (isSwapped ? [b, a] : [a, b]).map((x) => toFloat(g, x)) as [Node, Node];
    const inPlace = size(left.shape) === size(shape) ? left : right;
    return g.append({ op, inPlace, instruction: zip(kernel, left, right, shape) }, shape);
  };
}

/**
 * 1 where a > b, else 0, as floats; shapes broadcast as in add. With NaN it is 0. Ints are compared as
 * toFloat makes them. Comparisons have no gradient.
 * @throws RangeError unless the shapes broadcast
 * @example
 * g.greater(g.constant(Float32Array.of(1, 2, 3)), g.constant(2)); // [0, 0, 1]
 */
export const greater = comparison("greater", "greater");

/**
 * 1 where a ≥ b, else 0, as greater.
 * @throws RangeError unless the shapes broadcast
 * @example
 * g.greaterEqual(g.constant(Float32Array.of(1, 2, 3)), g.constant(2)); // [0, 1, 1]
 */
export const greaterEqual = comparison("greaterEqual", "greaterEqual");

/**
 * 1 where a < b, else 0, as greater.
 * @throws RangeError unless the shapes broadcast
 * @example
 * g.less(g.constant(Float32Array.of(1, 2, 3)), g.constant(2)); // [1, 0, 0]
 */
export const less = comparison("less", "greater", true);

/**
 * 1 where a ≤ b, else 0, as greater.
 * @throws RangeError unless the shapes broadcast
 * @example
 * g.lessEqual(g.constant(Float32Array.of(1, 2, 3)), g.constant(2)); // [1, 1, 0]
 */
export const lessEqual = comparison("lessEqual", "greaterEqual", true);

/**
 * 1 where a = b, else 0, as greater.
 * @throws RangeError unless the shapes broadcast
 * @example
 * const logits = g.constant(Float32Array.of(1, 5, 4, 3), [2, 2]);
 * g.equal(g.argmax(logits, 1), g.constant(Int32Array.of(1, 1))); // [1, 0]
 */
export const equal = comparison("equal", "equal");

/**
 * 1 where a ≠ b, else 0, as greater, except that with NaN it is 1.
 * @throws RangeError unless the shapes broadcast
 * @example
 * g.notEqual(g.constant(Float32Array.of(1, 2, 3)), g.constant(2)); // [1, 0, 1]
 */
export const notEqual = comparison("notEqual", "notEqual");

/**
 * a where the condition is not 0, else b; shapes broadcast as in add. NaN is a condition that holds. a and
 * b are both of floats or both of ints. The gradient goes to the element that was chosen and is exactly
 * 0 for the other one. An op before it still multiplies that 0 by its slope, which is NaN if the slope
 * is: choose what sqrt or log may see before them, not after.
 * @throws RangeError unless the shapes broadcast, or if a and b differ in type
 * @example
 * const x = g.constant(Float32Array.of(-1, 4));
 * const isSafe = g.greater(x, g.constant(0));
 * g.where(isSafe, g.sqrt(g.where(isSafe, x, g.constant(1))), g.constant(0)); // [0, 2]
 */
export function where(g: Recorder, condition: Node, a: Node, b: Node): Node {
  if (a.type !== b.type)
    throw g.fail("where", `expected a and b of one type, got ${a.type} and ${b.type}`);
  const shape = broadcastAll(g, "where", [condition, a, b]);
  const chooser = toFloat(g, condition);
  // The kernel writes a over b.
  const y = broadcastTo(g, b, shape);
  const computation: Computation = {
    op: "where",
    ints: [a, y],
    updates: y,
    gradient(g, _node, dy) {
      const zero = g.scalar(0);
      return [
        null,
        () => sumTo(g, where(g, chooser, dy, zero), a.shape),
        () => where(g, chooser, zero, dy),
      ];
    },
    instruction: zip("where", chooser, a, shape, y),
  };
  return g.append(computation, shape, a.type);
}

/**
 * The index of the largest element along an axis, or without an axis in all of x in row-major order: a
 * node of ints, which has no gradient. The first of equal elements counts; the first NaN, if there is
 * one, counts as the largest, as in PyTorch.
 * @throws RangeError if x has no such axis, or the axis has no elements
 * @example
 * const x = g.constant(Float32Array.of(1, 5, 4, 3), [2, 2]);
 * g.argmax(x, 1); // [1, 0]
 */
export function argmax(g: Recorder, x: Node, axis?: number, options?: ReduceOptions): IntNode {
  return places(g, "argmax", x, axis, options);
}

/**
 * The index of the smallest element, as argmax.
 * @throws RangeError if x has no such axis, or the axis has no elements
 * @example
 * const x = g.constant(Float32Array.of(1, 5, 4, 3), [2, 2]);
 * g.argmin(x, 1); // [0, 1]
 */
export function argmin(g: Recorder, x: Node, axis?: number, options?: ReduceOptions): IntNode {
  return places(g, "argmin", neg(g, x), axis, options);
}

/** The ops of this file, by the names of their methods. */
export const compareOps = {
  greater,
  greaterEqual,
  less,
  lessEqual,
  equal,
  notEqual,
  where,
  toFloat,
  argmax,
  argmin,
};
