import { LANES, VECTOR_BYTES, loadSome, madd, splat, storeSome, wholeBytes } from "./simd";

/** What goes on from step to step beside the optimizer. */

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

/** state: the words [seed low, seed high, step, 0]; counts a step. */
export function randomStepRecord(args: usize, part: i32, _parts: i32): void {
  if (part) return;
  const state = load<usize>(args);
  store<u32>(state, load<u32>(state, 8) + 1, 8);
}
