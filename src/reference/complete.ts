import type { OpName } from "../graph/ops/index.ts";
import { activations } from "./activations.ts";
import { augmented } from "./augmentation.ts";
import { arrayFormulas } from "./arrays.ts";
import { batchLosses } from "./losses.ts";
import { binary } from "./binary.ts";
import { matmul } from "./matmul.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import { unary } from "./unary.ts";

/** Returns the table's row for each id. */
function embedding(ids: readonly number[], table: readonly (readonly number[])[]): number[] {
  return ids.flatMap((id) => [...table[id]!]);
}

/** Scales up an element that is kept, so that its expected value stays the same. */
function dropout(x: number, isKept: boolean, rate: number): number {
  return isKept ? x / (1 - rate) : 0;
}

/**
 * Plain float64 formula of each op. The object serves its type alone: an op that is added to the
 * table without a formula does not compile. Tests import the formulas from their own files.
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
  augment: augmented,
  ...batchLosses,
};
