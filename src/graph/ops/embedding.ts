import { type Computation, type Node, OUTPUT, type Recorder, describe, size } from "../node.ts";

/** Shapes of a lookup, and how the ids are stored. */
type Lookup = readonly [rows: number, vocabulary: number, width: number, floating: number];

/** Rows that ids in float32 can tell apart: 2^24 + 1 is rounded to 2^24. */
export const MOST_IDS = 2 ** 24;

/**
 * Rows of a table by index: y [..., width] for ids [...] and a table [vocabulary, width]. ids are
 * int32, or float32 with whole numbers. One that is not a row of the table gives a row of NaN, and
 * the table's gradient leaves it out; equal ids add up in the order of the ids.
 * @throws RangeError if the table is no matrix, or has more than 2^24 rows for ids in float32
 */
export function embedding(g: Recorder, ids: Node, table: Node): Node {
  const [vocabulary, width] = table.shape;
  if (table.shape.length !== 2 || vocabulary === undefined || width === undefined) {
    const came = describe(table.shape);
    throw g.fail("embedding", `expected a table of [vocabulary, width], got ${came}`);
  }
  if (ids.type === "float" && vocabulary > MOST_IDS) {
    const expected = `at most ${MOST_IDS} rows for ids in float32`;
    throw g.fail("embedding", `expected ${expected}, got a table of ${describe(table.shape)}`);
  }
  const lookup: Lookup = [size(ids.shape), vocabulary, width, Number(ids.type === "float")];
  const computation: Computation = {
    op: "embedding",
    gradient(g, _node, dy) {
      const record = ["embedGradRecord", ids, dy, OUTPUT, ...lookup] as const;
      return [null, () => g.record({ op: "embeddingGrad", record }, table.shape)];
    },
    record: ["embedRecord", ids, table, OUTPUT, ...lookup],
  };
  return g.record(computation, [...ids.shape, width]);
}
