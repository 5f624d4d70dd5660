import { KC, MC, MR, NC, NR } from "../config";
import { kernel4x8, mergeTile } from "./kernel";
import { pack } from "./pack";
import { addRow, fillRow, scaleRow } from "../rows";

/** Where an edge tile is computed in full before its corner is merged into C. */
@inline
const TILE_BYTES: usize = <usize>(MR * NR * 4);

/** No activation in the epilogue. */
@inline
export const LINEAR: i32 = -1;


@inline
function roundUp(x: i32, multiple: i32): i32 {
  return ((x + multiple - 1) / multiple) * multiple;
}

/** k is cut into equal blocks of at most KC, so that no short block is left at the end. */
@inline
function blockOfK(k: i32): i32 {
  const blocks = (k + KC - 1) / KC;
  return (k + blocks - 1) / blocks;
}

/** Bytes of scratch that sgemm needs for these sizes. */
export function sgemmScratchBytes(m: i32, n: i32, k: i32): usize {
  if (m <= 0 || n <= 0 || k <= 0) return 0;
  const floats = blockOfK(k) * (min(MC, roundUp(m, MR)) + min(NC, roundUp(n, NR)));
  return ((<usize>floats) << 2) + TILE_BYTES;
}

/** A panel of up to MR rows of C against all packed strips of B. */
@inline
function panel(
  rows: i32,
  nc: i32,
  kc: i32,
  alpha: f32,
  a: usize,
  b: usize,
  beta: f32,
  c: usize,
  ldc: usize,
  tile: usize,
): void {
  const strip = (<usize>(kc * NR)) << 2;
  for (let j = 0; j < nc; j += NR, b += strip, c += <usize>(NR << 2)) {
    const cols = min(NR, nc - j);
    if (rows == MR && cols == NR) {
      kernel4x8(kc, a, b, c, ldc, alpha, beta);
    } else {
      kernel4x8(kc, a, b, tile, <usize>(NR << 2), alpha, 0);
      mergeTile(tile, c, ldc, rows, cols, beta);
    }
  }
}

/** C = beta · C for a row, where nothing is multiplied; beta 0 clears NaN too, as in BLAS. */
@inline
function scaleC(c: usize, n: i32, beta: f32): void {
  if (beta == 0) fillRow(c, n, 0);
  else scaleRow(c, c, n, beta);
}

/** Bias and activation over rows x cols of C that are still in cache. */
@inline
function epilogue(
  c: usize,
  ldc: usize,
  rows: i32,
  cols: i32,
  bias: usize,
  activation: i32,
  parameter: f32,
): void {
  for (let i = 0; i < rows; i++, c += ldc) {
    if (bias) addRow(bias, c, cols);
    if (activation != LINEAR) call_indirect<void>(activation, c, c, cols, parameter);
  }
}

/**
 * C = f(alpha · op(A)·op(B) + beta · C + bias), row-major, ld in floats, op a transpose or not.
 *
 * The loop nest is BLIS's (Van Zee and van de Geijn, "BLIS: a framework for rapidly instantiating
 * BLAS functionality", 2015), with the panels of C outermost of the two inner loops so that the
 * epilogue finds its rows in L1. bias is added to every row (0: none); f is the table index of a
 * kernel (x, y, n, parameter) or LINEAR.
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
  activation: i32,
  parameter: f32,
): void {
  // A lane without rows has no scratch to pack into.
  if (m <= 0) return;
  const strideA = (<usize>lda) << 2;
  const strideB = (<usize>ldb) << 2;
  const strideC = (<usize>ldc) << 2;
  if (k <= 0 || alpha == 0) {
    for (let i = 0; i < m; i++) scaleC(c + <usize>i * strideC, n, beta);
    epilogue(c, strideC, m, n, bias, activation, parameter);
    return;
  }
  const block = blockOfK(k);
  const tile = scratch;
  const packedA = tile + TILE_BYTES;
  const packedB = packedA + ((<usize>(block * min(MC, roundUp(m, MR)))) << 2);
  const stepA: usize = transA ? strideA : 4;
  const stepB: usize = transB ? 4 : strideB;
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(NC, n - jc);
    for (let pc = 0; pc < k; pc += block) {
      const kc = min(block, k - pc);
      const last = pc + kc == k;
      const b0 = b + <usize>jc * (transB ? strideB : 4) + <usize>pc * stepB;
      pack(transB, b0, strideB, nc, kc, packedB, NR);
      for (let ic = 0; ic < m; ic += MC) {
        const mc = min(MC, m - ic);
        const a0 = a + <usize>ic * (transA ? 4 : strideA) + <usize>pc * stepA;
        pack(!transA, a0, strideA, mc, kc, packedA, MR);
        for (let ir = 0; ir < mc; ir += MR) {
          const rows = min(MR, mc - ir);
          const cc = c + <usize>(ic + ir) * strideC + ((<usize>jc) << 2);
          const aa = packedA + ((<usize>(ir * kc)) << 2);
          panel(rows, nc, kc, alpha, aa, packedB, pc ? 1 : beta, cc, strideC, tile);
          if (last)
            epilogue(
              cc,
              strideC,
              rows,
              nc,
              bias ? bias + ((<usize>jc) << 2) : 0,
              activation,
              parameter,
            );
        }
      }
    }
  }
}

/**
 * BLAS sgemm for row-major matrices: C = alpha · op(A)·op(B) + beta · C.
 * op(A) is m x k, op(B) k x n, C m x n; lda, ldb, ldc in floats; pointers in bytes; C must not
 * overlap A or B. beta = 0 never reads C. scratch has sgemmScratchBytes(m, n, k) bytes.
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
