import { DOTS, FAR, KC, NC, SKINNY, SMALL, WIDE } from "../config";
import { fillRow, scaleRow } from "../loops/rows";
import { bytes } from "../simd";
import { blocked, blockedScratchBytes } from "./blocked";
import { dots } from "./dots";
import { LINEAR, epilogue } from "./epilogue";
import { skinny, skinnyScratchBytes } from "./skinny";
import { small } from "./small";
import { TILE_BYTES, tileBytes, tileFor } from "./tiles";

/** @section Matrix product */

/** k is cut into equal blocks of at most KC, so that no short block is left at the end. */
@inline
export function blockOfK(k: i32): i32 {
  const blocks = (k + KC - 1) / KC;
  return (k + blocks - 1) / blocks;
}

/**
 * Bytes of scratch that sgemm needs for these sizes, a multiple of 16, whichever tile is chosen; and
 * enough for every product of fewer rows or columns. 0 if one of them is.
 * @kernel
 * @param m rows of C
 * @param n columns of C
 * @param k what is summed over
 */
export function sgemmScratchBytes(m: i32, n: i32, k: i32): usize {
  if (m <= 0 || n <= 0 || k <= 0) return 0;
  return max<usize>(blockedScratchBytes(m, n, blockOfK(k)), skinnyScratchBytes(min(m, SKINNY), n));
}

/**
 * True if B is best read where it lies: it is small, there are more rows than the paths without a tile
 * are faster for, and to pack both operands would gain nothing. It gains a fifth with the largest tile,
 * and a tenth where the rows of a transposed A are far apart: lda is in bytes.
 */
@inline
function staysInPlace(transA: bool, m: i32, n: i32, k: i32, lda: usize): bool {
  const size = <i64>n * k;
  if (size > SMALL || n > NC || m <= DOTS) return false;
  if (m < WIDE || n < WIDE) return true;
  if (transA && size >= SMALL / 4 && <u64>lda * n >= FAR) return false;
  return tileBytes(tileFor(m, n)) < TILE_BYTES;
}

/** C = beta · C, where nothing is multiplied; beta 0 clears NaN too, as in BLAS. */
function scale(m: i32, n: i32, beta: f32, c: usize, ldc: usize): void {
  for (let i = 0; i < m; i++, c += ldc) {
    if (beta == 0) fillRow(c, n, 0);
    else scaleRow(c, c, n, beta);
  }
}

/**
 * gemm where there is something to add up, ld in bytes.
 *
 * Whichever path is taken, c_ij is summed over blocks of k, and within a block, in order: so all give
 * the same bits. Paths of many rows have the epilogue themselves, while their rows are in L1.
 */
@inline
function multiply(
  transA: bool,
  transB: bool,
  m: i32,
  n: i32,
  k: i32,
  alpha: f32,
  a: usize,
  lda: usize,
  b: usize,
  ldb: usize,
  beta: f32,
  c: usize,
  ldc: usize,
  scratch: usize,
  bias: usize,
  f: i32,
  p: f32,
): void {
  const row: usize = transA ? 4 : lda;
  const step: usize = transA ? lda : 4;
  const isSmall = staysInPlace(transA, m, n, k, lda);
  const isSkinny = !transB && m <= SKINNY;
  const isDots = transB && m <= DOTS;
  const block = blockOfK(k);
  for (let done = 0; done < k; done += block) {
    const kc = min(block, k - done);
    const isLast = done + kc == k;
    const added = isLast ? bias : 0;
    const g = isLast ? f : LINEAR;
    if (isSmall) {
      small(transA, transB, m, n, kc, alpha, a, lda, b, ldb, beta, c, ldc, scratch, added, g, p);
    } else if (isSkinny) {
      skinny(m, n, kc, alpha, a, row, step, b, ldb, beta, c, ldc, scratch);
    } else if (isDots) {
      dots(m, n, kc, alpha, a, row, step, b, ldb, beta, c, ldc, scratch);
    } else {
      blocked(transA, transB, m, n, kc, alpha, a, lda, b, ldb, beta, c, ldc, scratch, added, g, p);
    }
    a += <usize>kc * step;
    b += <usize>kc * (transB ? 4 : ldb);
    beta = 1;
  }
  if (!isSmall && (isSkinny || isDots)) epilogue(c, ldc, m, n, bias, f, p);
}

/**
 * C = f(alpha · op(A)·op(B) + beta · C + bias), row-major, ld in floats, op a transpose or not. bias
 * is added to every row (0: none); f is the table index of a kernel (x, y, n, p) or LINEAR.
 */
export function gemm(
  transA: bool,
  transB: bool,
  m: i32,
  n: i32,
  k: i32,
  alpha: f32,
  a: usize,
  lda: i32,
  b: usize,
  ldb: i32,
  beta: f32,
  c: usize,
  ldc: i32,
  scratch: usize,
  bias: usize,
  f: i32,
  p: f32,
): void {
  // Without rows or columns there may be no scratch to pack into.
  if (m <= 0 || n <= 0) return;
  const rowA = bytes(lda);
  const rowB = bytes(ldb);
  const rowC = bytes(ldc);
  if (k > 0 && alpha != 0) {
    multiply(transA, transB, m, n, k, alpha, a, rowA, b, rowB, beta, c, rowC, scratch, bias, f, p);
  } else {
    scale(m, n, beta, c, rowC);
    epilogue(c, rowC, m, n, bias, f, p);
  }
}

/**
 * BLAS sgemm for row-major matrices: C = alpha · op(A)·op(B) + beta · C, where op is a transpose or
 * nothing: c[i, j] = alpha · Σ_p a[i, p] · b[p, j] + beta · c[i, j]. beta = 0 never reads C; alpha = 0
 * reads neither A nor B, as in BLAS.
 * @kernel
 * @param transA whether A is stored as its transpose
 * @param transB whether B is
 * @param m rows of op(A) and C
 * @param n columns of op(B) and C
 * @param k columns of op(A), rows of op(B)
 * @param alpha what the product is multiplied by
 * @param a reads f32[m, k], or f32[k, m] where transA; rows lda apart
 * @param lda floats from row to row of A as it is stored, at least a row's
 * @param b reads f32[k, n], or f32[n, k] where transB; rows ldb apart
 * @param ldb floats from row to row of B as it is stored, at least a row's
 * @param beta what C is multiplied by before the product is added
 * @param c updates f32[m, n]; rows ldc apart, and what is between them is left alone
 * @param ldc floats from row to row of C, at least n
 * @param scratch sgemmScratchBytes(m, n, k) bytes, which may be 0
 */
export function sgemm(
  transA: bool,
  transB: bool,
  m: i32,
  n: i32,
  k: i32,
  alpha: f32,
  a: usize,
  lda: i32,
  b: usize,
  ldb: i32,
  beta: f32,
  c: usize,
  ldc: i32,
  scratch: usize,
): void {
  gemm(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, scratch, 0, LINEAR, 0);
}
