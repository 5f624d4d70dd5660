import { operand, zipSteps } from "./loops/elementwise";
import { LANES, VECTOR_BYTES, bytes, loadSome, splat, storeSome, wholeBytes } from "./simd";

/**
 * y[i] = 1 where a comparison of a[i] and b[i] holds, else 0. With NaN only a ≠ b holds.
 * @section Comparisons
 * @instruction zip
 * @param a reads f32[n], or f32[1] where aStep is 0
 * @param aStep 1, or 0 where a is one number for all i
 * @param b reads f32[n], or f32[1] where bStep is 0
 * @param bStep 1, or 0 where b is one number for all i
 * @param y writes f32[n]; may be a or b
 * @param n elements
 */

/** 1 in the lanes that are set, 0 in others. */
@inline
function ones(mask: v128): v128 {
  return v128.and(mask, splat(1));
}

/** a > b. */
@unmanaged
class Greater {

  @inline
  value(a: v128, b: v128): v128 {
    return ones(f32x4.gt(a, b));
  }
}

export function greater(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zipSteps<Greater>(a, aStep, b, bStep, y, n);
}
/** a ≥ b. */
@unmanaged
class GreaterEqual {

  @inline
  value(a: v128, b: v128): v128 {
    return ones(f32x4.ge(a, b));
  }
}

export function greaterEqual(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zipSteps<GreaterEqual>(a, aStep, b, bStep, y, n);
}
/** a = b. */
@unmanaged
class Equal {

  @inline
  value(a: v128, b: v128): v128 {
    return ones(f32x4.eq(a, b));
  }
}

export function equal(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zipSteps<Equal>(a, aStep, b, bStep, y, n);
}
/** a ≠ b. */
@unmanaged
class NotEqual {

  @inline
  value(a: v128, b: v128): v128 {
    return ones(f32x4.ne(a, b));
  }
}

export function notEqual(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zipSteps<NotEqual>(a, aStep, b, bStep, y, n);
}


@inline
function whereLanes(
  condition: usize,
  conditionStep: i32,
  a: usize,
  aStep: i32,
  y: usize,
  count: i32,
): void {
  const isChosen = f32x4.ne(operand(condition, conditionStep, count), splat(0));
  const chosen = v128.bitselect(operand(a, aStep, count), loadSome(y, count), isChosen);
  storeSome(y, chosen, count);
}

/**
 * y[i] = a[i] where condition[i] is not 0; elsewhere y stays as it is. Bits move as they are, and NaN is
 * a condition that holds.
 * @instruction zip
 * @param condition reads f32[n], or f32[1] where conditionStep is 0
 * @param conditionStep 1, or 0 where the condition is one number for all i
 * @param a reads f32[n], or f32[1] where aStep is 0
 * @param aStep 1, or 0 where a is one number for all i
 * @param y updates f32[n]
 * @param n elements
 */
export function where(
  condition: usize,
  conditionStep: i32,
  a: usize,
  aStep: i32,
  y: usize,
  n: i32,
): void {
  const end = y + wholeBytes(n);
  for (; y < end; y += VECTOR_BYTES) {
    whereLanes(condition, conditionStep, a, aStep, y, LANES);
    condition += conditionStep ? VECTOR_BYTES : 0;
    a += aStep ? VECTOR_BYTES : 0;
  }
  const rest = n & (LANES - 1);
  if (rest) whereLanes(condition, conditionStep, a, aStep, y, rest);
}

/**
 * y[i] = x[i], an int as a float: exact up to 2²⁴ in magnitude, else rounded to the nearest.
 * @instruction cut along n by 16
 * @param x reads i32[n]
 * @param y writes f32[n]; may be x
 * @param n elements
 */
export function toFloat(x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<f32>(y + bytes(i), <f32>load<i32>(x + bytes(i)));
}
