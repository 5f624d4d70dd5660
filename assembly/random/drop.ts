import { philox } from "./philox";
import { LANES, VECTOR_BYTES, bytes, loadLanes, splat, storeLanes } from "../simd";

/** The loops of dropout, which attention runs over its probabilities. */

/** Elements of four blocks of Philox, made side by side, which doubles the speed. */
@inline
const GROUP: i32 = 16;

/** The upper halves of the products of unsigned lanes. */
@inline
function productHigh(low: v128, high: v128): v128 {
  return i32x4.shuffle(low, high, 1, 3, 5, 7);
}

/** The lower halves. */
@inline
function productLow(low: v128, high: v128): v128 {
  return i32x4.shuffle(low, high, 0, 2, 4, 6);
}

/** y = scale · x in lanes whose word is from the threshold on, elsewhere 0, whatever x is. */
@inline
function dropLanes(x: usize, y: usize, words: v128, threshold: v128, scale: v128, n: i32): void {
  const kept = i32x4.ge_u(words, threshold);
  storeLanes(y, v128.and(kept, f32x4.mul(loadLanes(x, n), scale)), n);
}

/** 16 elements, of blocks `block` to `block` + 3, which are made side by side: see philox. */
function dropGroup(
  x: usize,
  y: usize,
  threshold: v128,
  scale: v128,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  step: u32,
  use: u32,
  block: u32,
): void {
  let c0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  let c1 = i32x4.splat(step);
  let c2 = i32x4.splat(stream);
  let c3 = i32x4.splat(use);
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  for (let round = 0; round < 10; round++) {
    const p0 = i64x2.extmul_low_i32x4_u(c0, m0);
    const q0 = i64x2.extmul_high_i32x4_u(c0, m0);
    const p1 = i64x2.extmul_low_i32x4_u(c2, m1);
    const q1 = i64x2.extmul_high_i32x4_u(c2, m1);
    c0 = v128.xor(v128.xor(productHigh(p1, q1), c1), i32x4.splat(seedLow));
    c1 = productLow(p1, q1);
    c2 = v128.xor(v128.xor(productHigh(p0, q0), c3), i32x4.splat(seedHigh));
    c3 = productLow(p0, q0);
    seedLow += 0x9e3779b9;
    seedHigh += 0xbb67ae85;
  }
  const t0 = i32x4.shuffle(c0, c1, 0, 4, 1, 5);
  const t1 = i32x4.shuffle(c2, c3, 0, 4, 1, 5);
  const t2 = i32x4.shuffle(c0, c1, 2, 6, 3, 7);
  const t3 = i32x4.shuffle(c2, c3, 2, 6, 3, 7);
  dropLanes(x, y, i64x2.shuffle(t0, t1, 0, 2), threshold, scale, LANES);
  dropLanes(x + 16, y + 16, i64x2.shuffle(t0, t1, 1, 3), threshold, scale, LANES);
  dropLanes(x + 32, y + 32, i64x2.shuffle(t2, t3, 0, 2), threshold, scale, LANES);
  dropLanes(x + 48, y + 48, i64x2.shuffle(t2, t3, 1, 3), threshold, scale, LANES);
}

/**
 * y[i] = scale · x[i] where word i of Philox at (seed, stream, step, use) is at least the threshold, else 0,
 * for i from `from`, a multiple of 4, to `to`. x and y point at element 0.
 */
export function drop(
  x: usize,
  y: usize,
  from: i32,
  to: i32,
  threshold: u32,
  scale: f32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  step: u32,
  use: u32,
): void {
  const t = i32x4.splat(threshold);
  const s = splat(scale);
  x += bytes(from);
  y += bytes(from);
  let i = from;
  for (; i + GROUP <= to; i += GROUP, x += bytes(GROUP), y += bytes(GROUP)) {
    dropGroup(x, y, t, s, seedLow, seedHigh, stream, step, use, i >> 2);
  }
  for (; i < to; i += LANES, x += VECTOR_BYTES, y += VECTOR_BYTES) {
    const words = philox(seedLow, seedHigh, stream, i >> 2, step, use);
    const count = min(LANES, to - i);
    if (count == LANES) dropLanes(x, y, words, t, s, LANES);
    else dropLanes(x, y, words, t, s, count);
  }
}
