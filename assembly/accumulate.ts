import { LANES, VECTOR_BYTES, loadSome, madd, splat, storeSome, wholeBytes } from "./simd";
import { addSums, storeSums } from "./float64";

/**
 * Sums that grow from call to call.
 * @section Vectors
 * @kernel
 */

@inline
function saxpyLanes(alpha: v128, x: usize, y: usize, count: i32): void {
  storeSome(y, madd(alpha, loadSome(x, count), loadSome(y, count)), count);
}

/**
 * BLAS saxpy without strides: y[i] += alpha · x[i].
 * @param n elements
 * @param alpha the factor
 * @param x reads f32[n]
 * @param y updates f32[n]
 */
export function saxpy(n: i32, alpha: f32, x: usize, y: usize): void {
  const a = splat(alpha);
  const end = x + wholeBytes(n);
  for (; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES) saxpyLanes(a, x, y, LANES);
  const rest = n & (LANES - 1);
  if (rest) saxpyLanes(a, x, y, rest);
}

/**
 * Adds to sums in float64, which keep the digits of many terms: sums[i] += x[i].
 * @param n elements
 * @param x reads f32[n]
 * @param sums updates f64[n]
 */
export function accumulate(n: i32, x: usize, sums: usize): void {
  addSums(x, sums, n);
}

/**
 * Rounds such sums: y[i] = sums[i].
 * @param n elements
 * @param sums reads f64[n]
 * @param y writes f32[n]
 */
export function roundSums(n: i32, sums: usize, y: usize): void {
  storeSums(sums, y, n);
}
