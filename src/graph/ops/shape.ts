import { type Computation, type Node, type Recorder, type Shape } from "../node.ts";
import { describe, size } from "../node.ts";

/** The same elements under another shape; no element moves. */
export function reshape(g: Recorder, x: Node, shape: Shape): Node {
  if (size(shape) !== size(x.shape)) {
    const came = `${describe(x.shape)} has ${size(x.shape)}`;
    throw g.fail("reshape", `expected ${size(shape)} elements for ${describe(shape)}, ${came}`);
  }
  const computation: Computation = {
    op: "reshape",
    gradient: (g, _node, dy) => [() => reshape(g, dy, x.shape)],
  };
  return g.record(computation, [x], shape);
}

/** A copy of x, where a value is wanted in a place of its own. */
export function copy(g: Recorder, x: Node): Node {
  const computation: Computation = {
    op: "copy",
    gradient: (_g, _node, dy) => [() => dy],
    record: (node, { at }) => ["gatherRecord", at(x), 0, at(node), 1, size(x.shape)],
  };
  return g.record(computation, [x], x.shape);
}
