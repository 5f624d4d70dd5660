import { zip } from "./elementwise";

/**
 * y[i] = f(a[i], b[i]) for n elements. A step of 0 instead of 1 makes that operand one number for
 * all i; broadcasting over more axes is a loop around these (records.ts).
 */

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
