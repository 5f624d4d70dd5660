import { align } from "../../memory/heap.ts";
import { type Computation, type Node, type Recorder, describe, size } from "../node.ts";
import { OUTPUT, SCRATCH, instruction } from "../node.ts";

/** Largest number of rows whose ids float32 can tell apart: 2^24 + 1 is rounded to 2^24. */
export const MOST_IDS = 2 ** 24;

/**
 * Returns the bytes of scratch for the gradient of a table: float64 totals and their owner for each
 * row that gets a whole chain of 16 terms, and an int32 for each row of the table. See
 * assembly/embedding.ts.
 */
function gradientScratch(rows: number, vocabulary: number, width: number): number {
  return align((8 * width + 4) * Math.floor(rows / 16) + 4 * vocabulary);
}

/**
 * Rows of a table by index: y [..., width] for ids [...] and a table [vocabulary, width]. ids are
 * int32, or whole numbers in float32. An id that is not a row of the table gives a row of NaN and
 * adds nothing to the gradient of the table. The gradients of equal ids are added in the order of
 * the ids, in float64 from block to block.
 * @throws RangeError if the table is not a matrix, or has more than 2^24 rows for ids in float32
 * @example
 * const table = g.constant(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
 * g.embedding(g.constant(Int32Array.of(2, 0)), table); // [[5, 6], [1, 2]]
 */
export function embedding(g: Recorder, ids: Node, table: Node): Node {
  const [vocabulary, width] = table.shape;
  if (table.shape.length !== 2 || vocabulary === undefined || width === undefined) {
    const received = describe(table.shape);
    throw g.fail("embedding", `expected a table of [vocabulary, width], got ${received}`);
  }
  if (ids.type === "float" && vocabulary > MOST_IDS) {
    const expected = `at most ${MOST_IDS} rows for ids in float32`;
    throw g.fail("embedding", `expected ${expected}, got a table of ${describe(table.shape)}`);
  }
  const rows = size(ids.shape);
  const floating = ids.type === "float";
  const computation: Computation = {
    op: "embedding",
    ints: [ids],
    wholes: { node: ids, what: "ids", most: vocabulary - 1 },
    gradient(g, _node, dy) {
      const scratch = gradientScratch(rows, vocabulary, width);
      const dtable: Computation = {
        op: "embeddingGrad",
        ints: [ids],
        scratch,
        instruction: instruction("embedGrad", {
          ids,
          dy,
          dtable: OUTPUT,
          rows,
          vocabulary,
          width,
          floating,
          scratch: SCRATCH,
          scratchBytes: scratch,
        }),
      };
      return [null, () => g.append(dtable, table.shape)];
    },
    instruction: instruction("embed", {
      ids,
      table,
      y: OUTPUT,
      rows,
      vocabulary,
      width,
      floating,
    }),
  };
  return g.append(computation, [...ids.shape, width]);
}
