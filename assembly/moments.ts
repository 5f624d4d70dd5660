import { LANES, VECTOR_BYTES, loadSome, wholeBytes } from "./simd";
import { addPairs, highPair, hsumPair, lowPair } from "./wide";

/**
 * Sums for means and variances of blocks, in float64 and in two passes, the variance from the
 * distances to the mean (Chan, Golub and LeVeque, "Algorithms for computing the sample variance",
 * 1983), so that no digits cancel. The order of each sum is given by the shape alone.
 */

/** Σ x over rows of cols, `stride` bytes apart. */
export function blockSum(x: usize, stride: usize, rows: i32, cols: i32): f64 {
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  let sum = f64x2.splat(0);
  for (let i = 0; i < rows; i++, x += stride) {
    const end = x + whole;
    for (let p = x; p < end; p += VECTOR_BYTES) sum = addPairs(sum, v128.load(p));
    if (rest) sum = addPairs(sum, loadSome(end, rest));
  }
  return hsumPair(sum);
}

/** (x - mean)² of two elements; 0 where the mask is. */
@inline
function squares(x: v128, mean: v128, mask: v128): v128 {
  const d = v128.and(f64x2.sub(x, mean), mask);
  return f64x2.mul(d, d);
}

/** Σ (x - mean)² over rows of cols, `stride` bytes apart. */
export function blockSquares(x: usize, stride: usize, rows: i32, cols: i32, mean: f64): f64 {
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  const m = f64x2.splat(mean);
  const all = i64x2.splat(-1);
  const first = i64x2.lt_s(i64x2(0, 1), i64x2.splat(rest));
  const second = i64x2.lt_s(i64x2(2, 3), i64x2.splat(rest));
  let sum = f64x2.splat(0);
  for (let i = 0; i < rows; i++, x += stride) {
    const end = x + whole;
    for (let p = x; p < end; p += VECTOR_BYTES) {
      const v = v128.load(p);
      const low = squares(lowPair(v), m, all);
      sum = f64x2.add(sum, f64x2.add(low, squares(highPair(v), m, all)));
    }
    if (!rest) continue;
    const v = loadSome(end, rest);
    const low = squares(lowPair(v), m, first);
    sum = f64x2.add(sum, f64x2.add(low, squares(highPair(v), m, second)));
  }
  return hsumPair(sum);
}
