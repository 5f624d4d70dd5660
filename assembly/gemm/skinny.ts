import { NC } from "../config";
import { LANES, VECTOR_BYTES, bytes, loadLanes, madd, wholeBytes } from "../simd";
import { mergeTile, roundUp } from "./kernel";

/**
 * Few rows of C: to pack B would be to read it twice, for little use of it. So B's rows are read
 * in order, each just once, four at a time, and added to rows of sums that stay in L1. Every
 * element is summed over p in order, as in a tile.
 */

/** Four more products for each of the first `count` sums of two rows. */
@inline
function addPairLanes(
  sums: usize,
  ld: usize,
  b: usize,
  ldb: usize,
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
  y0: v128,
  y1: v128,
  y2: v128,
  y3: v128,
  count: i32,
): void {
  let x = v128.load(sums);
  let y = v128.load(sums + ld);
  let row = loadLanes(b, count);
  x = madd(x0, row, x);
  y = madd(y0, row, y);
  row = loadLanes((b += ldb), count);
  x = madd(x1, row, x);
  y = madd(y1, row, y);
  row = loadLanes((b += ldb), count);
  x = madd(x2, row, x);
  y = madd(y2, row, y);
  row = loadLanes(b + ldb, count);
  v128.store(sums, madd(x3, row, x));
  v128.store(sums + ld, madd(y3, row, y));
}

/** sums[i, j] += Σ_p a[i, p] · b[p, j] for two rows and four p. */
function addPair(
  sums: usize,
  ld: usize,
  n: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  ldb: usize,
): void {
  const x0 = v128.load_splat<f32>(a);
  const x1 = v128.load_splat<f32>(a + aStep);
  const x2 = v128.load_splat<f32>(a + 2 * aStep);
  const x3 = v128.load_splat<f32>(a + 3 * aStep);
  a += aRow;
  const y0 = v128.load_splat<f32>(a);
  const y1 = v128.load_splat<f32>(a + aStep);
  const y2 = v128.load_splat<f32>(a + 2 * aStep);
  const y3 = v128.load_splat<f32>(a + 3 * aStep);
  const end = sums + wholeBytes(n);
  for (; sums < end; sums += VECTOR_BYTES, b += VECTOR_BYTES) {
    addPairLanes(sums, ld, b, ldb, x0, x1, x2, x3, y0, y1, y2, y3, LANES);
  }
  const rest = n & (LANES - 1);
  if (rest) addPairLanes(sums, ld, b, ldb, x0, x1, x2, x3, y0, y1, y2, y3, rest);
}

/** Four more products for each of eight sums of one row. */
@inline
function addSingleVectors(
  sums: usize,
  b: usize,
  ldb: usize,
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
): void {
  let low = madd(x0, v128.load(b), v128.load(sums));
  let high = madd(x0, v128.load(b, 16), v128.load(sums, 16));
  b += ldb;
  low = madd(x1, v128.load(b), low);
  high = madd(x1, v128.load(b, 16), high);
  b += ldb;
  low = madd(x2, v128.load(b), low);
  high = madd(x2, v128.load(b, 16), high);
  b += ldb;
  v128.store(sums, madd(x3, v128.load(b), low));
  v128.store(sums, madd(x3, v128.load(b, 16), high), 16);
}

/** Does addPair for one row. Two vectors at a time: a fifth faster for a batch of 1 than one. */
function addSingle(sums: usize, n: i32, a: usize, aStep: usize, b: usize, ldb: usize): void {
  const x0 = v128.load_splat<f32>(a);
  const x1 = v128.load_splat<f32>(a + aStep);
  const x2 = v128.load_splat<f32>(a + 2 * aStep);
  const x3 = v128.load_splat<f32>(a + 3 * aStep);
  const end = sums + bytes(n & -8);
  for (; sums < end; sums += 32, b += 32) addSingleVectors(sums, b, ldb, x0, x1, x2, x3);
  n &= 7;
  for (; n > 0; n -= LANES, sums += VECTOR_BYTES, b += VECTOR_BYTES) {
    const count = min(LANES, n);
    let x = madd(x0, loadLanes(b, count), v128.load(sums));
    x = madd(x1, loadLanes(b + ldb, count), x);
    x = madd(x2, loadLanes(b + 2 * ldb, count), x);
    v128.store(sums, madd(x3, loadLanes(b + 3 * ldb, count), x));
  }
}

/** sums[j] += a · b[j]: what is left where k is no multiple of four. */
function addRest(sums: usize, n: i32, a: usize, b: usize): void {
  const x = v128.load_splat<f32>(a);
  for (; n > 0; n -= LANES, sums += VECTOR_BYTES, b += VECTOR_BYTES) {
    v128.store(sums, madd(x, loadLanes(b, min(LANES, n)), v128.load(sums)));
  }
}

/** Sums of m x n elements over kc, n at most NC, in rows `ld` apart; ld is whole vectors. */
function addBlock(
  m: i32,
  n: i32,
  kc: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  ldb: usize,
  sums: usize,
  ld: usize,
): void {
  for (; kc >= 4; kc -= 4, a += 4 * aStep, b += 4 * ldb) {
    for (let i = 0; i + 2 <= m; i += 2) {
      addPair(sums + <usize>i * ld, ld, n, a + <usize>i * aRow, aRow, aStep, b, ldb);
    }
    const last = <usize>(m - 1);
    if (m & 1) addSingle(sums + last * ld, n, a + last * aRow, aStep, b, ldb);
  }
  for (; kc > 0; kc--, a += aStep, b += ldb) {
    for (let i = 0; i < m; i++) addRest(sums + <usize>i * ld, n, a + <usize>i * aRow, b);
  }
}

/** Bytes of scratch for m rows of sums. */
@inline
export function skinnyScratchBytes(m: i32, n: i32): usize {
  return <usize>m * bytes(min(NC, roundUp(n, LANES)));
}

/** C = alpha · A·B + beta · C for few rows; element (i, p) of A is at a + i · aRow + p · aStep. */
export function skinny(
  m: i32,
  n: i32,
  kc: i32,
  alpha: f32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  ldb: usize,
  beta: f32,
  c: usize,
  ldc: usize,
  sums: usize,
): void {
  const ld = bytes(min(NC, roundUp(n, LANES)));
  for (let j = 0; j < n; j += NC, b += bytes(NC), c += bytes(NC)) {
    const columns = min(NC, n - j);
    memory.fill(sums, 0, <usize>m * ld);
    addBlock(m, columns, kc, a, aRow, aStep, b, ldb, sums, ld);
    mergeTile(sums, ld, c, ldc, m, columns, alpha, beta);
  }
}
