import { type Computation, type Node, type Recorder, type Shape } from "../node.ts";
import { describe, float, size } from "../node.ts";
import { reshape } from "./shape.ts";

/** An array seen as [outer, axis, inner], to reduce the middle one. */
type Split = readonly [outer: number, axis: number, inner: number];

/** scale · the sum over the middle axis; its gradient spreads dy back over it. */
function reduceSum(g: Recorder, x: Node, split: Split, shape: Shape, scale: number): Node {
  const computation: Computation = {
    op: "sum",
    gradient: (g, _node, dy) => [() => spread(g, dy, split, x.shape, scale)],
    record: (node, { at }) => ["sumRecord", at(x), at(node), ...split, float(scale)],
  };
  return g.record(computation, [x], shape);
}

/** The gradient of reduceSum: dy times scale, repeated along the middle axis. */
function spread(g: Recorder, dy: Node, split: Split, shape: Shape, scale: number): Node {
  const computation: Computation = {
    op: "sumGrad",
    gradient: null,
    record: (node, { at }) => ["sumGradRecord", at(dy), at(node), ...split, float(scale)],
  };
  return g.record(computation, [dy], shape);
}

/** Sums over one axis (negative counts from the end), or over all elements without it. */
function reduction(op: string, scaleOf: (length: number) => number) {
  return (g: Recorder, x: Node, axis?: number): Node => {
    if (axis === undefined) {
      const length = size(x.shape);
      return reduceSum(g, x, [1, length, 1], [], scaleOf(length));
    }
    const i = axis < 0 ? axis + x.shape.length : axis;
    const length = x.shape[i];
    if (!Number.isInteger(axis) || length === undefined) {
      throw g.fail(op, `expected an axis of ${describe(x.shape)}, got ${axis}`);
    }
    const split: Split = [size(x.shape.slice(0, i)), length, size(x.shape.slice(i + 1))];
    return reduceSum(g, x, split, x.shape.toSpliced(i, 1), scaleOf(length));
  };
}

/** The sum over an axis, or over everything. */
export const sum = reduction("sum", () => 1);

/** The mean over an axis, or over everything. */
export const mean = reduction("mean", (length) => 1 / length);

/** The sum over everything times a scale: what losses are reduced by. */
export function scaledSum(g: Recorder, x: Node, scale: number): Node {
  return reduceSum(g, x, [1, size(x.shape), 1], [], scale);
}

/** x summed over the axes that broadcasting had added or stretched, so that it has `shape`. */
export function sumTo(g: Recorder, x: Node, shape: Shape): Node {
  let y = x;
  const added = x.shape.length - shape.length;
  for (let i = x.shape.length - 1; i >= 0; i--) {
    const stretched = i >= added && shape[i - added] === 1 && x.shape[i] !== 1;
    if (i < added || stretched) y = sum(g, y, i);
  }
  return y.shape.length === shape.length ? y : reshape(g, y, shape);
}
