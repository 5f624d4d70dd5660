import { zip } from "./loops/elementwise";

/**
 * y[i] = f(a[i], b[i]) for n elements; broadcasting over more axes is a loop around these
 * (records.ts).
 * @param a reads f32[n], or f32[1] where aStep is 0
 * @param aStep 1, or 0 where a is one number for all i
 * @param b reads f32[n], or f32[1] where bStep is 0
 * @param bStep 1, or 0 where b is one number for all i
 * @param y writes f32[n]; may be a or b
 * @param n elements
 */

/** a + b. */
@unmanaged
class Add {

  @inline
  value(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

export function add(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zip<Add>(a, aStep, b, bStep, y, n);
}
/** a - b. */
@unmanaged
class Sub {

  @inline
  value(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }
}

export function sub(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zip<Sub>(a, aStep, b, bStep, y, n);
}
/** a · b. */
@unmanaged
class Mul {

  @inline
  value(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}

export function mul(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zip<Mul>(a, aStep, b, bStep, y, n);
}
/** a / b. */
@unmanaged
class Div {

  @inline
  value(a: v128, b: v128): v128 {
    return f32x4.div(a, b);
  }
}

export function div(a: usize, aStep: i32, b: usize, bStep: i32, y: usize, n: i32): void {
  zip<Div>(a, aStep, b, bStep, y, n);
}
