import { LANES, VECTOR_BYTES, bytes, joinLow, loadSome, wholeBytes } from "./simd";

/** Sums in float64: four float32 lanes as two pairs, so that long sums lose no digits. */

/** Returns the bytes of `count` float64. */
@inline
export function doubles(count: i32): usize {
  return (<usize>count) << 3;
}

/** The first two lanes as float64. */
@inline
export function lowPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** The last two lanes as float64. */
@inline
export function highPair(v: v128): v128 {
  return f64x2.promote_low_f32x4(i32x4.shuffle(v, v, 2, 3, 2, 3));
}

/** A pair of sums and four lanes more: (0 + 2) and (1 + 3). */
@inline
export function addPairs(sum: v128, v: v128): v128 {
  return f64x2.add(sum, f64x2.add(lowPair(v), highPair(v)));
}

/** Sum of a pair. */
@inline
export function hsumPair(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** Both or the first of a pair in memory; reads nothing past it. */
@inline
export function loadPair(ptr: usize, count: i32): v128 {
  return count > 1 ? v128.load(ptr) : v128.load64_zero(ptr);
}

/** Adds one or both of a pair to sums of their own. */
@inline
function addPair(sums: usize, pair: v128, count: i32): void {
  if (count > 1) v128.store(sums, f64x2.add(v128.load(sums), pair));
  else store<f64>(sums, load<f64>(sums) + f64x2.extract_lane(pair, 0));
}

/** Adds the first `count` (1 to 4) of four numbers, in two pairs, to float64 sums of their own. */
@inline
export function addToSums(sums: usize, low: v128, high: v128, count: i32): void {
  addPair(sums, low, count);
  if (count > 2) addPair(sums + 16, high, count - 2);
}

/** Two pairs rounded to four float32 lanes. */
@inline
export function narrowPairs(low: v128, high: v128): v128 {
  return joinLow(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high));
}


@inline
function addLanes(x: usize, sums: usize, count: i32): void {
  const v = loadSome(x, count);
  addToSums(sums, lowPair(v), highPair(v), count);
}

/** sums[j] += x[j], float32 to float64. */
export function addSums(x: usize, sums: usize, n: i32): void {
  const end = x + wholeBytes(n);
  for (; x < end; x += VECTOR_BYTES, sums += 2 * VECTOR_BYTES) addLanes(x, sums, LANES);
  const rest = n & (LANES - 1);
  if (rest) addLanes(x, sums, rest);
}

/** y[j] = sums[j], float64 to float32. */
export function storeSums(sums: usize, y: usize, n: i32): void {
  for (let j = 0; j < n; j++) store<f32>(y + bytes(j), <f32>load<f64>(sums + doubles(j)));
}
