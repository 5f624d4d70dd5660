import { exp, log1p } from "./math";
import { rowMax, scaleRow } from "./loops/rows";
import {
  LANES,
  VECTOR_BYTES,
  bytes,
  hsum,
  keepLanes,
  loadLanes,
  madd,
  select,
  splat,
  storeLanes,
  wholeBytes,
} from "./simd";
import { CHAIN, foldRow, isShortRow, sumRow } from "./sums";
import { addPairs, hsumPair } from "./float64";

/**
 * Softmax and its logarithm over the rows of a row-major rows x cols matrix.
 * @section Softmax
 * @param x reads f32[rows, cols]
 * @param y writes f32[rows, cols]; may be x
 * @gradient y reads f32[rows, cols]
 * @param dy reads f32[rows, cols]
 * @param dx writes f32[rows, cols]; may be dy
 * @param rows rows
 * @param cols columns, at least 1
 */

/** The first `count` lanes of v, `other` in the rest. */
@inline
function only(v: v128, count: i32, other: f32): v128 {
  return select(i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)), v, splat(other));
}

/** Stores y[j] = e^(x[j] - max) and adds them up. */
@unmanaged
class Exponentials {

  @inline
  add(sum: v128, x: usize, y: usize, max: v128, count: i32): v128 {
    const e = exp(f32x4.sub(loadLanes(x, count), max));
    storeLanes(y, e, count);
    return f32x4.add(sum, keepLanes(e, count));
  }
}

/** y[j] = e^(x[j] - max); returns their sum. */
function rowExp(x: usize, y: usize, cols: i32, max: f32): f32 {
  return foldRow<Exponentials>(x, y, cols, splat(max), 1);
}

/**
 * One row: y[j] = e^(x[j] - max) / sum. Returns the sum, so that ln Σ_j e^x[j] = max + ln(sum).
 * The largest comes off first (rowMax), so no e^x overflows.
 */
export function softmaxRow(x: usize, y: usize, cols: i32, max: f32): f32 {
  const sum = rowExp(x, y, cols, max);
  scaleRow(y, y, cols, <f32>1 / sum);
  return sum;
}

/**
 * y[i, j] = e^x[i, j] / Σ_l e^x[i, l].
 * @instruction rows cut along rows
 */
export function softmax(x: usize, y: usize, rows: i32, cols: i32): void {
  const stride = bytes(cols);
  for (let i = 0; i < rows; i++, x += stride, y += stride) softmaxRow(x, y, cols, rowMax(x, cols));
}

/** y[j] · dy[j]. */
@unmanaged
class Products {

  @inline
  add(sum: v128, y: usize, dy: usize, _p: v128, count: i32): v128 {
    return madd(loadLanes(y, count), loadLanes(dy, count), sum);
  }
}

/** Σ_j y[j] · dy[j] of a row. */
@inline
function rowDot(y: usize, dy: usize, cols: i32): f32 {
  return foldRow<Products>(y, dy, cols, splat(0), 1);
}


@inline
function gradientLanes(y: usize, dy: usize, dx: usize, dot: v128, count: i32): void {
  const v = f32x4.mul(loadLanes(y, count), f32x4.sub(loadLanes(dy, count), dot));
  storeLanes(dx, v, count);
}

/**
 * dx = y · (dy - Σ_j y · dy), row by row, for y = softmax(x).
 * @instruction rowsGrad cut along rows
 */
export function softmaxGrad(y: usize, dy: usize, dx: usize, rows: i32, cols: i32): void {
  const rest = cols & (LANES - 1);
  const skip = bytes(rest);
  for (let i = 0; i < rows; i++, y += skip, dy += skip, dx += skip) {
    const dot = splat(rowDot(y, dy, cols));
    const end = y + wholeBytes(cols);
    for (; y < end; y += VECTOR_BYTES, dy += VECTOR_BYTES, dx += VECTOR_BYTES) {
      gradientLanes(y, dy, dx, dot, LANES);
    }
    if (rest) gradientLanes(y, dy, dx, dot, rest);
  }
}

/**
 * ln Σ_j e^(x[j] - max) of a row, of which max is the largest. The sum is cut as that of foldRow.
 *
 * The largest has e^0 = 1, which stays out of the sum until log1p: so where all others are far
 * below, what they add is not lost against 1, and the logarithm of a chance near 1 keeps its digits.
 */
function rowLogSum(x: usize, cols: i32, max: f32): f32 {
  const m = splat(max);
  const block = isShortRow(cols) ? cols : CHAIN * LANES;
  let largest = i32x4.splat(0);
  let others = splat(0);
  let total = f64x2.splat(0);
  for (let left = cols; left > 0; left -= block) {
    others = splat(0);
    for (let i = min(left, block); i > 0; i -= LANES, x += VECTOR_BYTES) {
      const v = i < LANES ? only(loadLanes(x, i), i, -Infinity) : v128.load(x);
      const isLargest = f32x4.eq(v, m);
      others = f32x4.add(others, v128.andnot(exp(f32x4.sub(v, m)), isLargest));
      largest = i32x4.sub(largest, isLargest);
    }
    total = addPairs(total, others);
  }
  const besidesMost = block == cols ? hsum(others) : <f32>hsumPair(total);
  const besidesOne = besidesMost + (hsum(f32x4.convert_i32x4_s(largest)) - 1);
  return f32x4.extract_lane(log1p(splat(besidesOne)), 0);
}


@inline
function belowLanes(x: usize, y: usize, max: v128, logSum: v128, count: i32): void {
  storeLanes(y, f32x4.sub(f32x4.sub(loadLanes(x, count), max), logSum), count);
}

/**
 * y[i, j] = x[i, j] - ln Σ_l e^x[i, l].
 * @instruction rows cut along rows
 */
export function logSoftmax(x: usize, y: usize, rows: i32, cols: i32): void {
  const rest = cols & (LANES - 1);
  const skip = bytes(rest);
  for (let i = 0; i < rows; i++, x += skip, y += skip) {
    const max = rowMax(x, cols);
    const logSum = splat(rowLogSum(x, cols, max));
    const m = splat(max);
    const end = x + wholeBytes(cols);
    for (; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES) belowLanes(x, y, m, logSum, LANES);
    if (rest) belowLanes(x, y, m, logSum, rest);
  }
}


@inline
function logGradientLanes(y: usize, dy: usize, dx: usize, total: v128, count: i32): void {
  const share = f32x4.mul(exp(loadLanes(y, count)), total);
  storeLanes(dx, f32x4.sub(loadLanes(dy, count), share), count);
}

/**
 * dx = dy - e^y · Σ_j dy, row by row, for y = logSoftmax(x).
 * @instruction rowsGrad cut along rows
 */
export function logSoftmaxGrad(y: usize, dy: usize, dx: usize, rows: i32, cols: i32): void {
  const rest = cols & (LANES - 1);
  const skip = bytes(rest);
  for (let i = 0; i < rows; i++, y += skip, dy += skip, dx += skip) {
    const total = splat(sumRow(dy, cols, 1));
    const end = y + wholeBytes(cols);
    for (; y < end; y += VECTOR_BYTES, dy += VECTOR_BYTES, dx += VECTOR_BYTES) {
      logGradientLanes(y, dy, dx, total, LANES);
    }
    if (rest) logGradientLanes(y, dy, dx, total, rest);
  }
}
