/**
 * The vector vocabulary of the kernels: four float32 lanes in a v128.
 *
 * Of the files that compute anything, this is the only one that asks which build is being compiled.
 */

/** Bytes in a vector. */
@inline
export const VECTOR_BYTES: usize = 16;

/** Lanes (float32) in a vector. */
@inline
export const LANES: i32 = 4;

/** Four copies of x. */
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** a · b + c. Two roundings in the strict build; the relaxed build may fuse them into one. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sum of the four lanes, always as (0 + 2) + (1 + 3). */
@inline
export function hsum(v: v128): f32 {
  const pairs = f32x4.add(v, i32x4.shuffle(v, v, 2, 3, 2, 3));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** Largest of the four lanes; NaN if one is NaN. */
@inline
export function hmax(v: v128): f32 {
  const pairs = f32x4.max(v, i32x4.shuffle(v, v, 2, 3, 2, 3));
  return f32x4.extract_lane(f32x4.max(pairs, i32x4.shuffle(pairs, pairs, 1, 1, 1, 1)), 0);
}

/** Lanes that are NaN, by their bits: the compiler may take x == x for true. */
@inline
export function isNaNLanes(v: v128): v128 {
  const magnitude = v128.and(v, i32x4.splat(0x7fffffff));
  return i32x4.gt_s(magnitude, i32x4.splat(0x7f800000));
}

/** Lane by lane: where the mask is set a, elsewhere b. Masks select, they never multiply. */
@inline
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/** a0 b0 a1 b1: with the other three, the steps of a transpose of four vectors. */
@inline
export function zipLow(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 4, 1, 5);
}

/** a2 b2 a3 b3. */
@inline
export function zipHigh(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 2, 6, 3, 7);
}

/** a0 a1 b0 b1. */
@inline
export function joinLow(a: v128, b: v128): v128 {
  return i64x2.shuffle(a, b, 0, 2);
}

/** a2 a3 b2 b3. */
@inline
export function joinHigh(a: v128, b: v128): v128 {
  return i64x2.shuffle(a, b, 1, 3);
}

/** Bytes of the whole vectors among n floats: what a loop over them covers before the rest. */
@inline
export function wholeBytes(n: i32): usize {
  return bytes(n & ~(LANES - 1));
}

/** The first `count` (1 to 4) floats at `ptr`, the other lanes 0; reads nothing past them. */
@inline
export function loadLanes(ptr: usize, count: i32): v128 {
  if (count == LANES) return v128.load(ptr);
  if (count == 1) return v128.load32_zero(ptr);
  const low = v128.load64_zero(ptr);
  return count == 2 ? low : v128.load_lane<f32>(ptr + 8, low, 2);
}

/** Stores the first `count` (1 to 4) lanes at `ptr` and touches nothing past them. */
@inline
export function storeLanes(ptr: usize, v: v128, count: i32): void {
  if (count == LANES) v128.store(ptr, v);
  else if (count == 1) v128.store_lane<f32>(ptr, v, 0);
  else {
    v128.store_lane<f64>(ptr, v, 0);
    if (count == 3) v128.store_lane<f32>(ptr + 8, v, 2);
  }
}

/**
 * loadLanes for less than 4, as a function; one that calls itself is not inlined. With the next it
 * came 600 times, an eighth of the download, for what most kernels do once.
 */
function loadPart(ptr: usize, count: i32): v128 {
  if (count == 3) return v128.load_lane<f32>(ptr + 8, loadPart(ptr, 2), 2);
  return count == 2 ? v128.load64_zero(ptr) : v128.load32_zero(ptr);
}

/** storeLanes for less than 4, likewise. */
function storePart(ptr: usize, v: v128, count: i32): void {
  if (count == 3) {
    storePart(ptr, v, 2);
    v128.store_lane<f32>(ptr + 8, v, 2);
  } else if (count == 2) v128.store_lane<f64>(ptr, v, 0);
  else v128.store_lane<f32>(ptr, v, 0);
}

/** loadLanes where less than 4 come once a kernel, not in every row: the smaller code. */
@inline
export function loadSome(ptr: usize, count: i32): v128 {
  return count == LANES ? v128.load(ptr) : loadPart(ptr, count);
}

/** storeLanes, likewise. */
@inline
export function storeSome(ptr: usize, v: v128, count: i32): void {
  if (count == LANES) v128.store(ptr, v);
  else storePart(ptr, v, count);
}

/** Returns the bytes of a number of float32. */
@inline
export function bytes(elements: i32): usize {
  return (<usize>elements) << 2;
}

/** The first `count` (1 to 4) lanes of v, 0 in the rest. */
@inline
export function keepLanes(v: v128, count: i32): v128 {
  if (count == LANES) return v;
  return v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)));
}
