import { map, mapGradient } from "./loops/elementwise";
import { erf as erfOf, exp as expOf, log as logOf } from "./math";
import { splat } from "./simd";

/**
 * Elementary functions y = f(x) and their gradients dx = f'(x) · dy, called like activations. A
 * gradient that can be computed from y reads y alone, the others x alone.
 * @section Elementary functions
 * @instruction map(x, y, n, parameter) cut along n by 16
 * @instruction mapGrad(v, dy, dx, n, parameter) cut along n by 16
 * @param x reads f32[n]
 * @param y writes f32[n]; may be x
 * @gradient y reads f32[n]
 * @param dy reads f32[n]
 * @param dx writes f32[n]; may be dy
 * @param n elements
 * @param p not used
 */

/** e^x; gradient y · dy. */
@unmanaged
class Exp {

  @inline
  value(x: v128, _p: v128): v128 {
    return expOf(x);
  }


  @inline
  gradient(y: v128, dy: v128, _p: v128): v128 {
    return f32x4.mul(dy, y);
  }
}

export function exp(x: usize, y: usize, n: i32, p: f32): void {
  map<Exp>(x, y, n, p);
}

export function expGrad(y: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Exp>(y, dy, dx, n, p);
}

/** Natural logarithm, NaN below 0; gradient dy / x. */
@unmanaged
class Log {

  @inline
  value(x: v128, _p: v128): v128 {
    return logOf(x);
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    return f32x4.div(dy, x);
  }
}

export function log(x: usize, y: usize, n: i32, p: f32): void {
  map<Log>(x, y, n, p);
}

export function logGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Log>(x, dy, dx, n, p);
}

/** Square root, NaN below 0; gradient dy / 2y, infinite at 0. */
@unmanaged
class Sqrt {

  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.sqrt(x);
  }


  @inline
  gradient(y: v128, dy: v128, _p: v128): v128 {
    return f32x4.div(dy, f32x4.add(y, y));
  }
}

export function sqrt(x: usize, y: usize, n: i32, p: f32): void {
  map<Sqrt>(x, y, n, p);
}

export function sqrtGrad(y: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Sqrt>(y, dy, dx, n, p);
}

/** x²; gradient 2x · dy. */
@unmanaged
class Square {

  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.mul(x, x);
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    const half = f32x4.mul(dy, x);
    return f32x4.add(half, half);
  }
}

export function square(x: usize, y: usize, n: i32, p: f32): void {
  map<Square>(x, y, n, p);
}

export function squareGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Square>(x, dy, dx, n, p);
}

/** |x|; gradient dy with the sign of x, and 0 where x is 0. */
@unmanaged
class Abs {

  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.abs(x);
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    const signed = v128.xor(dy, v128.and(x, splat(-0.0)));
    return v128.andnot(signed, f32x4.eq(x, splat(0)));
  }
}

export function abs(x: usize, y: usize, n: i32, p: f32): void {
  map<Abs>(x, y, n, p);
}

export function absGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Abs>(x, dy, dx, n, p);
}

/** 1 / x; gradient -y² · dy. */
@unmanaged
class Reciprocal {

  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.div(splat(1), x);
  }


  @inline
  gradient(y: v128, dy: v128, _p: v128): v128 {
    return f32x4.neg(f32x4.mul(f32x4.mul(dy, y), y));
  }
}

export function reciprocal(x: usize, y: usize, n: i32, p: f32): void {
  map<Reciprocal>(x, y, n, p);
}

export function reciprocalGrad(y: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Reciprocal>(y, dy, dx, n, p);
}

/** Error function; gradient 2/√π · e^(-x²) · dy. */
@unmanaged
class Erf {

  @inline
  value(x: v128, _p: v128): v128 {
    return erfOf(x);
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    const e = expOf(f32x4.neg(f32x4.mul(x, x)));
    return f32x4.mul(dy, f32x4.mul(splat(1.1283791670955126), e));
  }
}

export function erf(x: usize, y: usize, n: i32, p: f32): void {
  map<Erf>(x, y, n, p);
}

export function erfGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Erf>(x, dy, dx, n, p);
}
