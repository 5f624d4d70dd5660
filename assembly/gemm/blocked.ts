import { MC, NC, SKINNY, SMALL } from "../config";
import { LANES, bytes } from "../simd";
import { epilogue } from "./epilogue";
import { mergeTile, roundUp } from "./kernel";
import { pack } from "./pack";
import { MR_MAX, NR_MAX, TILE_BYTES, runTile, tileColumns, tileFor, tileRows } from "./tiles";

/** Bytes of scratch for blocks of kc, whichever tile there is. */
@inline
export function blockedScratchBytes(m: i32, n: i32, kc: i32): usize {
  const strips = roundUp(min(MC, m) + MR_MAX + min(NC, n) + NR_MAX, LANES);
  return TILE_BYTES + bytes(kc * strips);
}

/** A panel of up to a tile's rows of C against all packed strips of B. */
@inline
function panel(
  tile: i32,
  rows: i32,
  nc: i32,
  kc: i32,
  alpha: f32,
  a: usize,
  b: usize,
  beta: f32,
  c: usize,
  ldc: usize,
  edge: usize,
): void {
  const nr = tileColumns(tile);
  const strip = bytes(kc * nr);
  for (let j = 0; j < nc; j += nr, b += strip, c += bytes(nr)) {
    const columns = min(nr, nc - j);
    if (rows == tileRows(tile) && columns == nr) {
      runTile(tile, kc, a, b, c, ldc, alpha, beta);
    } else {
      runTile(tile, kc, a, b, edge, bytes(nr), 1, 0);
      mergeTile(edge, bytes(nr), c, ldc, rows, columns, alpha, beta);
    }
  }
}

/**
 * C = f(alpha · op(A)·op(B) + beta · C + bias) for one block of k, kc at most KC.
 *
 * The loop nest is BLIS's (Van Zee and van de Geijn, "BLIS: a framework for rapidly instantiating
 * BLAS functionality", 2015), with the panels of C outermost of the two inner loops so that the
 * epilogue finds its rows in L1.
 */
export function blocked(
  transA: bool,
  transB: bool,
  m: i32,
  n: i32,
  kc: i32,
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
  activation: i32,
  parameter: f32,
): void {
  const tile = tileFor(m, n);
  const mr = tileRows(tile);
  const nr = tileColumns(tile);
  const edge = scratch;
  const packedA = edge + TILE_BYTES;
  const packedB = packedA + bytes(kc * (min(MC, m) + MR_MAX));
  // Whole tiles, so that only the last block has an edge.
  const mb = MC - (MC % mr);
  const wide = m <= SKINNY ? max(nr, SMALL / kc) : NC;
  const nb = wide - (wide % nr);
  const columnB: usize = transB ? ldb : 4;
  const rowA: usize = transA ? 4 : lda;
  for (let jc = 0; jc < n; jc += nb, b += <usize>nb * columnB) {
    const nc = min(nb, n - jc);
    pack(transB, b, ldb, nc, kc, packedB, nr);
    for (let ic = 0; ic < m; ic += mb) {
      const mc = min(mb, m - ic);
      if (jc == 0 || m > mb) pack(!transA, a + <usize>ic * rowA, lda, mc, kc, packedA, mr);
      for (let ir = 0; ir < mc; ir += mr) {
        const rows = min(mr, mc - ir);
        const cc = c + <usize>(ic + ir) * ldc + bytes(jc);
        panel(tile, rows, nc, kc, alpha, packedA + bytes(ir * kc), packedB, beta, cc, ldc, edge);
        epilogue(cc, ldc, rows, nc, bias ? bias + bytes(jc) : 0, activation, parameter);
      }
    }
  }
}
