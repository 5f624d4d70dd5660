import { type Node, type Recorder, OUTPUT, elementsOf, instruction } from "../node.ts";

/**
 * Copies columns of rows x [batch, rows, columns] into an array [batch, length, width], in its own storage:
 * row i of x goes to row indices[i] of each example. Other rows stay, and an index outside is passed over.
 * @param indices ints [rows], all different
 * @param first column of x from which on `width` columns are copied
 * @returns the array with the new rows; nothing else may read the one without them
 */
export function scatter(g: Recorder, into: Node, indices: Node, x: Node, first: number): Node {
  const [batch, length, width] = into.shape as [number, number, number];
  const [, rows, srcStride] = x.shape as [number, number, number];
  return g.append(
    {
      op: "scatter",
      ints: [indices],
      updates: into,
      work: 2 * batch * rows * width,
      instruction: instruction("scatter", {
        src: elementsOf(x, first),
        indices,
        dst: OUTPUT,
        batch,
        rows,
        length,
        width,
        srcStride,
      }),
    },
    into.shape,
  );
}
