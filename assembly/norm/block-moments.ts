import { LANES, VECTOR_BYTES, loadSome, wholeBytes } from "../simd";
import { addPairs, highPair, hsumPair, lowPair } from "../float64";

/**
 * Sums for means and variances of blocks, in float64 and in two passes, the variance from the
 * distances to the mean (Chan, Golub and LeVeque, "Algorithms for computing the sample variance",
 * 1983), so that no digits cancel. The order of each sum is given by the shape alone.
 */

/** Σ x over rows of cols, `stride` bytes apart. */
export function blockSum(x: usize, stride: usize, rows: i32, cols: i32): f64 {
  const whole = wholeBytes(cols);
  const twice = whole & ~VECTOR_BYTES;
  const rest = cols & (LANES - 1);
  let sum = f64x2.splat(0);
  let other = sum;
  for (let i = 0; i < rows; i++, x += stride) {
    const end = x + twice;
    for (let p = x; p < end; p += 2 * VECTOR_BYTES) {
      sum = addPairs(sum, v128.load(p));
      other = addPairs(other, v128.load(p, 16));
    }
    if (twice < whole) sum = addPairs(sum, v128.load(end));
    if (rest) other = addPairs(other, loadSome(x + whole, rest));
  }
  return hsumPair(f64x2.add(sum, other));
}

/** A sum and (x - mean)² of four elements more; 0 where the masks are, of two elements each. */
@inline
function addSquares(sum: v128, x: v128, mean: v128, first: v128, second: v128): v128 {
  const low = v128.and(f64x2.sub(lowPair(x), mean), first);
  const high = v128.and(f64x2.sub(highPair(x), mean), second);
  return f64x2.add(sum, f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high)));
}

/** Σ (x - mean)² over rows of cols, `stride` bytes apart. */
export function blockSquares(x: usize, stride: usize, rows: i32, cols: i32, mean: f64): f64 {
  const whole = wholeBytes(cols);
  const twice = whole & ~VECTOR_BYTES;
  const rest = cols & (LANES - 1);
  const m = f64x2.splat(mean);
  const all = i64x2.splat(-1);
  const first = i64x2.lt_s(i64x2(0, 1), i64x2.splat(rest));
  const second = i64x2.lt_s(i64x2(2, 3), i64x2.splat(rest));
  let sum = f64x2.splat(0);
  let other = sum;
  for (let i = 0; i < rows; i++, x += stride) {
    const end = x + twice;
    for (let p = x; p < end; p += 2 * VECTOR_BYTES) {
      sum = addSquares(sum, v128.load(p), m, all, all);
      other = addSquares(other, v128.load(p, 16), m, all, all);
    }
    if (twice < whole) sum = addSquares(sum, v128.load(end), m, all, all);
    if (rest) other = addSquares(other, loadSome(x + whole, rest), m, first, second);
  }
  return hsumPair(f64x2.add(sum, other));
}
