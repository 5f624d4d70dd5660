import { TILE_BYTES } from "../gemm/tiles";
import { bytes } from "../simd";
import { ROWS } from "./tile";

/** Blocks, and the scratch that they take. */

/** Queries of a block: a strip of them is packed once for all keys. */
@inline
export const QUERIES: i32 = 64;

/** Keys of a block: its scores, 68 KB, stay in L2 beside what is packed. */
@inline
export const KEYS: i32 = 256;

/** Bytes from the scores of a key to those of the next: whole rows of 256 bytes would share L1's sets. */
@inline
export const ROW: usize = 272;

/** Bytes of the scores of a block of keys. */
@inline
export function scoreBytes(keys: i32): usize {
  return <usize>min(KEYS, (keys + ROWS - 1) & -ROWS) * ROW;
}

/** Bytes of a block's rows of keys in strips. */
@inline
export function columnBytes(rows: i32, depth: i32): usize {
  return bytes(rows * ((depth + 15) & -16));
}

/** Bytes that lay() takes. */
export function blockBytes(keys: i32, depth: i32, valueDepth: i32): usize {
  const rest = bytes(ROWS * max(depth, valueDepth));
  return TILE_BYTES + rest + 2 * bytes(QUERIES) + scoreBytes(keys) + bytes(QUERIES * depth);
}
