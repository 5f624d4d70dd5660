import { LANES, VECTOR_BYTES, hsum, loadLanes, splat, storeLanes, wholeBytes } from "./simd";
import { addPairs, highPair, hsumPair, lowPair, narrowPairs } from "./float64";

/**
 * The order of sums, and how far they can be off.
 *
 * A sum of up to 32 terms is added up in order, in float32. A longer one is cut into blocks, each of
 * which is added up in float32 and joins a float64 total, in order; the total is rounded once, after it
 * has been scaled. A block of a column is 24 rows: each two neighbours are added first, then the pairs
 * in order. A block elsewhere is a chain of 16 terms in order. The sum of a row is four sums side by
 * side, of every fourth element, so that up to 128 elements are short.
 *
 * No term of a long sum goes through more than 15 additions in float32. So the error is at most
 * 16u · Σ|x| with u = 2^-24, or 9.6e-7 · Σ|x|, however many terms there are: what float64 rounds is
 * less than u / 1000 for 2^28 of them. Terms of one size and sign come to less than half of the bound.
 * A short sum has up to 31 additions, and two more in a row.
 *
 * The number of terms alone decides the order: not the columns beside them, the build or the lanes.
 */

/** The most terms of a short sum: batches of 32 examples, the usual ones, cost nothing more. */
@inline
const SHORT: i32 = 32;

/**
 * Rows of a block of columns: 12 pairs, which is 1 + 11 additions.
 *
 * V8 (Node 20) makes three copies of the loop over pairs. With 16 or 14 pairs each copy's loads jump
 * from block to block, and what is fetched ahead is not what comes: 65,537 x 512 took 1.3 times as long
 * as in one chain, and takes 0.9 times as long with 12 or 15 pairs.
 */
@inline
const BLOCK: i32 = 24;

/** Terms of a block that is added up in order, which is 15 additions. */
@inline
export const CHAIN: i32 = 16;

/** Returns true if a sum of n terms is short: one block, in order. */
@inline
export function isShort(n: i32): bool {
  return n <= SHORT;
}

/** Returns true if the sum of n neighbours in a row is four short sums side by side. */
@inline
export function isShortRow(n: i32): bool {
  return n <= SHORT * LANES;
}

/** Bytes of four chains side by side. */
@inline
const CHAIN_BYTES: usize = 256;

/** Bytes of a row that are summed before a call for what follows. */
@inline
const STRETCH: usize = 1 << 22;

/**
 * The sum of whole chains from x to end, see foldRow. It calls itself for what is beyond a million
 * elements, so asc does not inline it: that would slow down short sums and enlarge the module.
 */
function foldChains<T>(x: usize, end: usize, y: usize, p: v128): f64 {
  const f = changetype<T>(0);
  const stop = end - x > STRETCH ? x + STRETCH : end;
  let total = f64x2.splat(0);
  while (x < stop) {
    let sum = splat(0);
    for (const next = x + CHAIN_BYTES; x < next; x += VECTOR_BYTES, y += VECTOR_BYTES) {
      sum = f.add(sum, x, y, p, LANES);
    }
    total = addPairs(total, sum);
  }
  const sum = hsumPair(total);
  return x < end ? sum + foldChains<T>(x, end, y, p) : sum;
}

/** A short sum of n neighbours, or the last ones of a long sum, in four lanes. */
@inline
function foldRest<T>(x: usize, y: usize, n: i32, p: v128): v128 {
  const f = changetype<T>(0);
  const end = x + wholeBytes(n);
  let sum = splat(0);
  for (; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES) sum = f.add(sum, x, y, p, LANES);
  const rest = n & (LANES - 1);
  return rest ? f.add(sum, x, y, p, rest) : sum;
}

/**
 * The sum of what T makes of n neighbours of x and y: add(sum, x, y, p, count) is the sum and the first
 * `count` lanes at x and y more, the others as they are. It is multiplied by `scale`.
 */
@inline
export function foldRow<T>(x: usize, y: usize, n: i32, p: v128, scale: f32): f32 {
  let total: f64 = 0;
  let rest = n;
  if (!isShortRow(n)) {
    const chains = <usize>(n / (CHAIN * LANES)) * CHAIN_BYTES;
    total = foldChains<T>(x, x + chains, y, p);
    x += chains;
    y += chains;
    rest = n % (CHAIN * LANES);
  }
  const sum = foldRest<T>(x, y, rest, p);
  if (isShortRow(n)) return hsum(sum) * scale;
  return <f32>((total + hsumPair(f64x2.add(lowPair(sum), highPair(sum)))) * <f64>scale);
}

/** Lane by lane. */
@unmanaged
class Plain {

  @inline
  add(sum: v128, x: usize, _y: usize, _p: v128, count: i32): v128 {
    return f32x4.add(sum, loadLanes(x, count));
  }
}

/** scale · Σ x[i] of n neighbours. */
@inline
export function sumRow(x: usize, n: i32, scale: f32): f32 {
  return foldRow<Plain>(x, x, n, splat(0), scale);
}

/** Up to four columns of a short sum. */
@inline
function shortLanes(x: usize, y: usize, rows: i32, stride: usize, factor: v128, count: i32): void {
  let sum = splat(0);
  for (let i = 0; i < rows; i++, x += stride) sum = f32x4.add(sum, loadLanes(x, count));
  storeLanes(y, f32x4.mul(sum, factor), count);
}

/** Sixteen: four sums side by side, as each addition waits for the one before it. */
@inline
function short16(x: usize, y: usize, rows: i32, stride: usize, factor: v128): void {
  let sum0 = splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (let i = 0; i < rows; i++, x += stride) {
    sum0 = f32x4.add(sum0, v128.load(x));
    sum1 = f32x4.add(sum1, v128.load(x, 16));
    sum2 = f32x4.add(sum2, v128.load(x, 32));
    sum3 = f32x4.add(sum3, v128.load(x, 48));
  }
  v128.store(y, f32x4.mul(sum0, factor));
  v128.store(y, f32x4.mul(sum1, factor), 16);
  v128.store(y, f32x4.mul(sum2, factor), 32);
  v128.store(y, f32x4.mul(sum3, factor), 48);
}

/** Up to four columns of a long sum. */
@inline
function longLanes(x: usize, y: usize, rows: i32, stride: usize, scale: f64, count: i32): void {
  let low = f64x2.splat(0);
  let high = low;
  for (; rows > 0; rows -= BLOCK) {
    let sum = splat(0);
    let i = min(rows, BLOCK);
    for (; i > 1; i -= 2) {
      const next = x + stride;
      sum = f32x4.add(sum, f32x4.add(loadLanes(x, count), loadLanes(next, count)));
      x = next + stride;
    }
    if (i) sum = f32x4.add(sum, loadLanes(x, count));
    low = f64x2.add(low, lowPair(sum));
    high = f64x2.add(high, highPair(sum));
  }
  const factor = f64x2.splat(scale);
  storeLanes(y, narrowPairs(f64x2.mul(low, factor), f64x2.mul(high, factor)), count);
}

/** Sixteen. */
@inline
function long16(x: usize, y: usize, rows: i32, stride: usize, scale: f64): void {
  let low0 = f64x2.splat(0);
  let low1 = low0;
  let low2 = low0;
  let low3 = low0;
  let high0 = low0;
  let high1 = low0;
  let high2 = low0;
  let high3 = low0;
  for (; rows > 0; rows -= BLOCK) {
    let sum0 = splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    let i = min(rows, BLOCK);
    for (; i > 1; i -= 2) {
      const next = x + stride;
      sum0 = f32x4.add(sum0, f32x4.add(v128.load(x), v128.load(next)));
      sum1 = f32x4.add(sum1, f32x4.add(v128.load(x, 16), v128.load(next, 16)));
      sum2 = f32x4.add(sum2, f32x4.add(v128.load(x, 32), v128.load(next, 32)));
      sum3 = f32x4.add(sum3, f32x4.add(v128.load(x, 48), v128.load(next, 48)));
      x = next + stride;
    }
    if (i) {
      sum0 = f32x4.add(sum0, v128.load(x));
      sum1 = f32x4.add(sum1, v128.load(x, 16));
      sum2 = f32x4.add(sum2, v128.load(x, 32));
      sum3 = f32x4.add(sum3, v128.load(x, 48));
    }
    low0 = f64x2.add(low0, lowPair(sum0));
    high0 = f64x2.add(high0, highPair(sum0));
    low1 = f64x2.add(low1, lowPair(sum1));
    high1 = f64x2.add(high1, highPair(sum1));
    low2 = f64x2.add(low2, lowPair(sum2));
    high2 = f64x2.add(high2, highPair(sum2));
    low3 = f64x2.add(low3, lowPair(sum3));
    high3 = f64x2.add(high3, highPair(sum3));
  }
  const factor = f64x2.splat(scale);
  v128.store(y, narrowPairs(f64x2.mul(low0, factor), f64x2.mul(high0, factor)));
  v128.store(y, narrowPairs(f64x2.mul(low1, factor), f64x2.mul(high1, factor)), 16);
  v128.store(y, narrowPairs(f64x2.mul(low2, factor), f64x2.mul(high2, factor)), 32);
  v128.store(y, narrowPairs(f64x2.mul(low3, factor), f64x2.mul(high3, factor)), 48);
}

/** sumColumns of long sums. */
function sumLongColumns(x: usize, stride: usize, y: usize, rows: i32, cols: i32, scale: f32): void {
  for (; cols >= 16; cols -= 16, x += 64, y += 64) long16(x, y, rows, stride, scale);
  for (; cols > 0; cols -= LANES, x += VECTOR_BYTES, y += VECTOR_BYTES) {
    longLanes(x, y, rows, stride, scale, min(LANES, cols));
  }
}

/** y[j] = scale · Σ_i x[i, j]; rows `stride` bytes apart. */
export function sumColumns(
  x: usize,
  stride: usize,
  y: usize,
  rows: i32,
  cols: i32,
  scale: f32,
): void {
  if (!isShort(rows)) {
    sumLongColumns(x, stride, y, rows, cols, scale);
    return;
  }
  const factor = splat(scale);
  for (; cols >= 16; cols -= 16, x += 64, y += 64) short16(x, y, rows, stride, factor);
  for (; cols > 0; cols -= LANES, x += VECTOR_BYTES, y += VECTOR_BYTES) {
    shortLanes(x, y, rows, stride, factor, min(LANES, cols));
  }
}
