import { bytes } from "../simd";
import { epilogue } from "./epilogue";
import { mergeTile, microkernel } from "./kernel";
import { pack } from "./pack";
import { TILE_BYTES } from "./tiles";

/**
 * A small B stays in L1 however often it is read, so nothing is packed but what a tile cannot read
 * in place: strips and panels at the edges, and a B that is stored transposed. At 48 x 48 x 48 that
 * is 1.12 times as fast as packing.
 */

/** Rows and columns of the tile: 4 x 8 is fast in every engine. */
@inline
const ROWS: i32 = 4;


@inline
const COLUMNS: i32 = 8;

export function kernelInPlace(
  kc: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  ldc: usize,
  alpha: f32,
  beta: f32,
): void {
  microkernel(ROWS, 2, false, kc, a, aRow, aStep, b, bStep, c, ldc, alpha, beta);
}

/** Rows of C, at most a tile of them: strips of B that lie in b first, the rest are packed. */
function panel(
  rows: i32,
  n: i32,
  kc: i32,
  alpha: f32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  ldb: usize,
  inPlace: i32,
  packed: usize,
  beta: f32,
  c: usize,
  ldc: usize,
  tile: usize,
): void {
  for (let j = 0; j < n; j += COLUMNS, c += bytes(COLUMNS)) {
    const columns = min(COLUMNS, n - j);
    let strip = b + bytes(j);
    let step = ldb;
    if (j >= inPlace) {
      strip = packed + bytes((j - inPlace) * kc);
      step = bytes(COLUMNS);
    }
    if (rows == ROWS && columns == COLUMNS) {
      kernelInPlace(kc, a, aRow, aStep, strip, step, c, ldc, alpha, beta);
    } else {
      kernelInPlace(kc, a, aRow, aStep, strip, step, tile, bytes(COLUMNS), 1, 0);
      mergeTile(tile, bytes(COLUMNS), c, ldc, rows, columns, alpha, beta);
    }
  }
}

/** C = f(alpha · op(A)·op(B) + beta · C + bias) for a B of at most SMALL floats; kc at most KC. */
export function small(
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
  const tile = scratch;
  const packedA = tile + TILE_BYTES;
  const packedB = packedA + bytes(ROWS * kc);
  const inPlace = transB ? 0 : n & -COLUMNS;
  pack(transB, b + bytes(inPlace), ldb, n - inPlace, kc, packedB, COLUMNS);
  let aRow: usize = transA ? 4 : lda;
  let aStep: usize = transA ? lda : 4;
  for (let i = 0; i < m; i += ROWS, c += <usize>ROWS * ldc) {
    const rows = min(ROWS, m - i);
    let first = a + <usize>i * aRow;
    if (rows < ROWS) {
      pack(!transA, first, lda, rows, kc, packedA, ROWS);
      first = packedA;
      aRow = 4;
      aStep = bytes(ROWS);
    }
    panel(rows, n, kc, alpha, first, aRow, aStep, b, ldb, inPlace, packedB, beta, c, ldc, tile);
    epilogue(c, ldc, rows, n, bias, activation, parameter);
  }
}
