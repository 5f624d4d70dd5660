import type { OpName } from "../graph/ops/index.ts";
import { activations } from "./activations.ts";
import { arrayFormulas } from "./arrays.ts";
import { batchLosses } from "./losses.ts";
import { binary } from "./binary.ts";
import { matmul } from "./matmul.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import { unary } from "./unary.ts";

/** The row of a table for each id. */
function embedding(ids: readonly number[], table: readonly (readonly number[])[]): number[] {
  return ids.flatMap((id) => [...table[id]!]);
}

/** What is kept of x is scaled up by what is dropped. */
function dropout(x: number, isKept: boolean, rate: number): number {
  return isKept ? x / (1 - rate) : 0;
}

/**
 * The plain float64 formula of every op. It is here for its type: an op that is added to the table
 * without a formula does not compile. The tests use the formulas from the files that they are in.
 */
export const formulas: Record<OpName, object> = {
  ...activations,
  ...unary,
  ...binary,
  neg: (x: number) => -x,
  ...arrayFormulas,
  matmul,
  dense: matmul,
  softmax,
  logSoftmax,
  embedding,
  dropout,
  ...batchLosses,
};
