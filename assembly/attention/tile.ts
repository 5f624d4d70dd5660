import { NARROW } from "../conv/tile";
import { mergeTile, microkernel } from "../gemm/kernel";
import { kernelInPlace } from "../gemm/small";
import { bytes } from "../simd";

/**
 * Products of a block of attention. The left operand is read where it lies, four rows at a time, since
 * probabilities are multiplied as they are and as their transpose; the right one is packed in strips of
 * eight or sixteen columns.
 */

/** Rows of a tile. */
@inline
export const ROWS: i32 = 4;

function wide(
  kc: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  c: usize,
  ldc: usize,
  alpha: f32,
  beta: f32,
): void {
  microkernel(ROWS, 4, false, kc, a, aRow, aStep, b, 64, c, ldc, alpha, beta);
}

/** One tile, C = alpha · A·B + beta · C, for a strip of `width` columns of B. */
@inline
export function tile(
  width: i32,
  kc: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  c: usize,
  ldc: usize,
  alpha: f32,
  beta: f32,
): void {
  if (width == NARROW) kernelInPlace(kc, a, aRow, aStep, b, 32, c, ldc, alpha, beta);
  else wide(kc, a, aRow, aStep, b, c, ldc, alpha, beta);
}

/**
 * C = alpha · A·B + beta · C for up to four rows of A, whose element (i, p) is at a + i · aRow + p · aStep,
 * and n columns of B in strips that are `strip` bytes apart. Four rows of A can be read in any case.
 */
export function panel(
  rows: i32,
  n: i32,
  width: i32,
  kc: i32,
  alpha: f32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  strip: usize,
  beta: f32,
  c: usize,
  ldc: usize,
  edge: usize,
): void {
  const row = bytes(width);
  for (let j = 0; j < n; j += width, b += strip, c += row) {
    const columns = min(width, n - j);
    if (rows == ROWS && columns == width) {
      tile(width, kc, a, aRow, aStep, b, c, ldc, alpha, beta);
    } else {
      tile(width, kc, a, aRow, aStep, b, edge, row, 1, 0);
      mergeTile(edge, row, c, ldc, rows, columns, alpha, beta);
    }
  }
}
