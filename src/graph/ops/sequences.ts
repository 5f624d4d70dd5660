import type { Node, Recorder } from "../node.ts";
import { reshape } from "./shape.ts";
import type { Windows } from "./windows.ts";

/** Sequences [batch, steps, channels] as images of one row, for whose columns the kernels are. */

/** The one window along the rows of such images. */
export const ONE_ROW: Windows = {
  length: 1,
  size: 1,
  stride: 1,
  dilation: 1,
  before: 0,
  after: 0,
  count: 1,
};

/** Returns sequences [batch, steps, channels] as images of one row. */
export function asImages(g: Recorder, x: Node): Node {
  const [batch, steps, channels] = x.shape as [number, number, number];
  return reshape(g, x, [batch, 1, steps, channels]);
}

/** Returns images of one row as sequences [batch, steps, channels]. */
export function asSequences(g: Recorder, y: Node): Node {
  return reshape(g, y, y.shape.toSpliced(1, 1));
}
