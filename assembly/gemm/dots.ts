import { VECTOR_BYTES, joinHigh, joinLow, madd, splat, zipHigh, zipLow } from "../simd";
import { mergeTile } from "./kernel";

/**
 * A row of C by a B that is stored transposed, as for a batch of one or two: rows of B are
 * transposed in registers, four by four, so that each of four neighbouring elements of C is summed
 * over p in order. To pack B instead would take twice as long (784 x 512, a batch of 1).
 */

/** Columns of C at a time: four vectors of sums hide what an addition waits for the one before. */
@inline
const COLUMNS: i32 = 16;

/** Four more products for four sums, of rows of B that start at b, b + s1, b + s2, b + s3. */
@inline
function addGroup(
  sum: v128,
  x0: v128,
  x1: v128,
  x2: v128,
  x3: v128,
  b: usize,
  s1: usize,
  s2: usize,
  s3: usize,
): v128 {
  const r0 = v128.load(b);
  const r1 = v128.load(b + s1);
  const r2 = v128.load(b + s2);
  const r3 = v128.load(b + s3);
  const low01 = zipLow(r0, r1);
  const low23 = zipLow(r2, r3);
  sum = madd(x0, joinLow(low01, low23), sum);
  sum = madd(x1, joinHigh(low01, low23), sum);
  const high01 = zipHigh(r0, r1);
  const high23 = zipHigh(r2, r3);
  sum = madd(x2, joinLow(high01, high23), sum);
  return madd(x3, joinHigh(high01, high23), sum);
}

/** One more product for four sums. */
@inline
function addOne(sum: v128, x: v128, b: usize, s1: usize, s2: usize, s3: usize): v128 {
  let row = v128.load32_zero(b);
  row = v128.load_lane<f32>(b + s1, row, 1);
  row = v128.load_lane<f32>(b + s2, row, 2);
  row = v128.load_lane<f32>(b + s3, row, 3);
  return madd(x, row, sum);
}

/** sums[j] = Σ_p a[p] · b[j, p] for sixteen rows of B. */
function dots16(kc: i32, a: usize, aStep: usize, b: usize, ldb: usize, sums: usize): void {
  const s2 = ldb << 1;
  const s3 = s2 + ldb;
  const group = ldb << 2;
  let sum0 = splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (; kc >= 4; kc -= 4, a += 4 * aStep, b += VECTOR_BYTES) {
    const x0 = v128.load_splat<f32>(a);
    const x1 = v128.load_splat<f32>(a + aStep);
    const x2 = v128.load_splat<f32>(a + 2 * aStep);
    const x3 = v128.load_splat<f32>(a + 3 * aStep);
    let at = b;
    sum0 = addGroup(sum0, x0, x1, x2, x3, at, ldb, s2, s3);
    at += group;
    sum1 = addGroup(sum1, x0, x1, x2, x3, at, ldb, s2, s3);
    at += group;
    sum2 = addGroup(sum2, x0, x1, x2, x3, at, ldb, s2, s3);
    at += group;
    sum3 = addGroup(sum3, x0, x1, x2, x3, at, ldb, s2, s3);
  }
  for (; kc > 0; kc--, a += aStep, b += 4) {
    const x = v128.load_splat<f32>(a);
    sum0 = addOne(sum0, x, b, ldb, s2, s3);
    sum1 = addOne(sum1, x, b + group, ldb, s2, s3);
    sum2 = addOne(sum2, x, b + 2 * group, ldb, s2, s3);
    sum3 = addOne(sum3, x, b + 3 * group, ldb, s2, s3);
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
  v128.store(sums, sum2, 32);
  v128.store(sums, sum3, 48);
}

/** Does dots16 for up to four rows of B, s1, s2 and s3 bytes after the first. */
function dots4(
  kc: i32,
  a: usize,
  aStep: usize,
  b: usize,
  s1: usize,
  s2: usize,
  s3: usize,
  sums: usize,
): void {
  let sum = splat(0);
  for (; kc >= 4; kc -= 4, a += 4 * aStep, b += VECTOR_BYTES) {
    const x0 = v128.load_splat<f32>(a);
    const x1 = v128.load_splat<f32>(a + aStep);
    const x2 = v128.load_splat<f32>(a + 2 * aStep);
    const x3 = v128.load_splat<f32>(a + 3 * aStep);
    sum = addGroup(sum, x0, x1, x2, x3, b, s1, s2, s3);
  }
  for (; kc > 0; kc--, a += aStep, b += 4) {
    sum = addOne(sum, v128.load_splat<f32>(a), b, s1, s2, s3);
  }
  v128.store(sums, sum);
}

/** sums[j] = Σ_p a[p] · b[j, p] for up to sixteen rows of B. */
@inline
function dotsOf(
  columns: i32,
  kc: i32,
  a: usize,
  aStep: usize,
  b: usize,
  ldb: usize,
  sums: usize,
): void {
  if (columns == COLUMNS) {
    dots16(kc, a, aStep, b, ldb, sums);
    return;
  }
  for (; columns > 0; columns -= 4, b += ldb << 2, sums += VECTOR_BYTES) {
    // Rows that there are not are the last one again; what they give is not stored.
    const last = <usize>(columns - 1) * ldb;
    const s2 = min<usize>(ldb << 1, last);
    dots4(kc, a, aStep, b, min<usize>(ldb, last), s2, min<usize>(ldb + s2, last), sums);
  }
}

/** C = alpha · op(A)·Bᵀ + beta · C, row by row; element (i, p) of A is at a + i · aRow + p · aStep. */
export function dots(
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
  for (let j = 0; j < n; j += COLUMNS, b += <usize>COLUMNS * ldb, c += 4 * COLUMNS) {
    const columns = min(COLUMNS, n - j);
    for (let i: usize = 0; i < <usize>m; i++) {
      dotsOf(columns, kc, a + i * aRow, aStep, b, ldb, sums);
      mergeTile(sums, 0, c + i * ldc, 0, 1, columns, alpha, beta);
    }
  }
}
