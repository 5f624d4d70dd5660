import { type Computation, type Node, type Recorder, describe, size } from "../node.ts";

/** Rows and columns of an array whose last axis is a row. */
function rowsOf(g: Recorder, op: string, x: Node): [rows: number, cols: number] {
  const cols = x.shape.at(-1);
  if (!cols) throw g.fail(op, `expected rows of at least 1 column, got ${describe(x.shape)}`);
  return [size(x.shape) / cols, cols];
}

/** e^x over its sum along the last axis. */
export function softmax(g: Recorder, x: Node): Node {
  const shape = rowsOf(g, "softmax", x);
  const computation: Computation = {
    op: "softmax",
    inPlace: 0,
    gradient: (g, node, dy) => [() => softmaxGrad(g, node, dy, shape)],
    record: (node, { at }) => ["softmaxRecord", at(x), at(node), ...shape],
  };
  return g.record(computation, [x], x.shape);
}

function softmaxGrad(g: Recorder, y: Node, dy: Node, shape: [number, number]): Node {
  const computation: Computation = {
    op: "softmaxGrad",
    gradient: null,
    inPlace: 1,
    record: (node, { at }) => ["softmaxGradRecord", at(y), at(dy), at(node), ...shape],
  };
  return g.record(computation, [y, dy], y.shape);
}
