import { type Node, describe, size } from "../graph/node.ts";
import { reshape as reshapeOp, transpose } from "../graph/ops/shape.ts";
import { upsample2d } from "../graph/ops/upsample.ts";
import { type Rule, check, checkArguments, checkWhole } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Layer } from "./layer.ts";

/**
 * Makes each example one row of features: [batch, a, b, ...] becomes [batch, a·b·...]. No element
 * moves.
 * @example
 * const net = sequential([flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28], loss: crossEntropy(), optimizer: adam() });
 */
export function flatten(): Layer;
export function flatten(...none: unknown[]): Layer {
  checkArguments("flatten", none);
  return immutable<Layer>(
    {
      kind: "flatten",
      label: "flatten",
      steps: "mixed",
      record: (g, x) => reshapeOp(g, x, [x.shape[0]!, size(x.shape.slice(1))]),
    },
    call("flatten"),
  );
}

/** Rule for the shape of an example. */
const exampleShape: Rule = {
  expected: "whole numbers from 1 on, one of which may be -1",
  is: (value) => Array.isArray(value),
  allows(value) {
    const lengths = Array.from(value as unknown[]);
    const isLength = (length: unknown): boolean =>
      Number.isSafeInteger(length) && Number(length) > 0;
    const open = lengths.filter((length) => length === -1);
    return open.length <= 1 && lengths.every((length) => length === -1 || isLength(length));
  },
};

/** Returns a shape with its -1 replaced, for n elements; undefined if they do not fit. */
function shapeFor(shape: readonly number[], n: number): number[] | undefined {
  const known = size(shape.filter((length) => length !== -1));
  const rest = n / known;
  if (!Number.isInteger(rest) || (rest !== 1 && !shape.includes(-1))) return undefined;
  return shape.map((length) => (length === -1 ? rest : length));
}

/**
 * Gives each example another shape. No element moves.
 * @param shape lengths of an example's axes, of which one may be -1: it gets what the others leave
 * @throws TypeError unless it is a list
 * @throws RangeError unless it is of whole numbers ≥ 1, except for one -1
 * @example
 * const net = sequential([reshape([28, 28, -1]), maxPool2d(2), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [784], loss: crossEntropy(), optimizer: adam() });
 */
export function reshape(shape: readonly number[]): Layer {
  check("reshape", "shape", shape, exampleShape);
  const own = shape.slice();
  const label = call("reshape", own);
  return immutable<Layer>(
    {
      kind: "reshape",
      label,
      record(g, x) {
        const [batch = 0, ...example] = x.shape;
        const lengths = shapeFor(own, size(example));
        if (lengths) return reshapeOp(g, x, [batch, ...lengths]);
        const received = `${describe(x.shape)}, which has ${size(example)} each`;
        throw g.fail("reshape", `expected examples that fill ${describe(own)}, got ${received}`);
      },
    },
    label,
  );
}

/** Rule for the axes of an example in any order. */
const exampleAxes: Rule = {
  expected: "each axis of an example once, counted from 1",
  is: (value) => Array.isArray(value),
  allows(value) {
    const axes = Array.from(value as unknown[]);
    return axes.length > 0 && axes.every((_, i) => axes.includes(i + 1));
  },
};

/**
 * Puts the axes of each example in another order: axis i of the result is axis axes[i] of x. Axes are
 * counted from 1, as in Keras; the batch stays the first.
 * @throws TypeError unless axes is a list
 * @throws RangeError unless it names each of its axes once
 * @example
 * const net = sequential([permute([2, 3, 1]), maxPool2d(2), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [3, 32, 32], loss: crossEntropy(), optimizer: adam() });
 */
export function permute(axes: readonly number[]): Layer {
  check("permute", "axes", axes, exampleAxes);
  const own = axes.slice();
  const label = call("permute", own);
  return immutable<Layer>(
    {
      kind: "permute",
      label,
      steps: "mixed",
      record(g, x) {
        if (x.shape.length === own.length + 1) return transpose(g, x, [0, ...own]);
        const expected = `examples of ${own.length} axes`;
        throw g.fail("permute", `expected ${expected}, got ${describe(x.shape)}`);
      },
    },
    label,
  );
}

/**
 * Repeats each example of features n times: [batch, features] becomes [batch, n, features].
 * @throws TypeError if n is not a number
 * @throws RangeError if n is not a whole number ≥ 1
 * @example
 * const net = sequential([dense(8), repeatVector(5), flatten(), dense(10)]);
 */
export function repeatVector(n: number): Layer {
  checkWhole("repeatVector", "n", n, 1);
  const label = `repeatVector(${n})`;
  return immutable<Layer>(
    {
      kind: "repeatVector",
      label,
      record(g, x): Node {
        if (x.shape.length !== 2) {
          throw g.fail("repeatVector", `expected [batch, features], got ${describe(x.shape)}`);
        }
        const [batch, features] = x.shape as [number, number];
        const repeated = upsample2d(g, reshapeOp(g, x, [batch, 1, 1, features]), [n, 1]);
        return reshapeOp(g, repeated, [batch, n, features]);
      },
    },
    label,
  );
}
