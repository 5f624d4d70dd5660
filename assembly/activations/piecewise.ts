import { map, mapGradient } from "../loops/elementwise";
import { select, splat } from "../simd";

/**
 * Activations y = f(x) that are made of straight lines and parabolas, and their gradients
 * dx = f'(x) · dy. Masks select: a slope of 0 stops an infinite dy too.
 * @section Activations: lines and parabolas
 * @instruction map(x, y, n, parameter) cut along n by 16
 * @instruction mapGrad(v, dy, dx, n, parameter) cut along n by 16
 * @param x reads f32[n]
 * @param y writes f32[n]; may be x
 * @gradient y reads f32[n]
 * @param dy reads f32[n]
 * @param dx writes f32[n]; may be dy
 * @param n elements
 * @param p not used
 * @param slopeAtZero p, the slope at x = 0: 0 or 1
 * @param slope p, the slope below 0
 */

/**
 * max(0, x); gradient dy above 0, 0 below, and at exactly 0 what p says. NaN is carried. With p = 0, y
 * serves for x.
 */
@unmanaged
class Relu {

  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.pmax(x, splat(0));
  }


  @inline
  gradient(x: v128, dy: v128, p: v128): v128 {
    const zero = splat(0);
    const passesAtZero = v128.and(f32x4.eq(x, zero), f32x4.ne(p, zero));
    return v128.andnot(dy, v128.andnot(f32x4.le(x, zero), passesAtZero));
  }
}

export function relu(x: usize, y: usize, n: i32, slopeAtZero: f32): void {
  map<Relu>(x, y, n, slopeAtZero);
}

export function reluGrad(x: usize, dy: usize, dx: usize, n: i32, slopeAtZero: f32): void {
  mapGradient<Relu>(x, dy, dx, n, slopeAtZero);
}

/** x for x > 0, else p · x; gradient dy, else p · dy. With p >= 0, y serves for x. */
@unmanaged
class LeakyRelu {

  @inline
  value(x: v128, p: v128): v128 {
    return select(f32x4.gt(x, splat(0)), x, f32x4.mul(p, x));
  }


  @inline
  gradient(x: v128, dy: v128, p: v128): v128 {
    return select(f32x4.gt(x, splat(0)), dy, f32x4.mul(p, dy));
  }
}

export function leakyRelu(x: usize, y: usize, n: i32, slope: f32): void {
  map<LeakyRelu>(x, y, n, slope);
}

export function leakyReluGrad(x: usize, dy: usize, dx: usize, n: i32, slope: f32): void {
  mapGradient<LeakyRelu>(x, dy, dx, n, slope);
}

/** 6 · fl(1/6) rounds to 1. */
@inline
function hardSigmoidOf(x: v128): v128 {
  const shifted = f32x4.pmax(f32x4.add(x, splat(3)), splat(0));
  return f32x4.mul(f32x4.pmin(shifted, splat(6)), splat(1.0 / 6.0));
}

/** max(0, min(6, x + 3)) / 6; the slope is 1/6 where 0 < y < 1, so y is all that it needs. */
@unmanaged
class HardSigmoid {

  @inline
  value(x: v128, _p: v128): v128 {
    return hardSigmoidOf(x);
  }


  @inline
  gradient(y: v128, dy: v128, _p: v128): v128 {
    const flat = v128.or(f32x4.le(y, splat(0)), f32x4.ge(y, splat(1)));
    return v128.andnot(f32x4.mul(dy, splat(1.0 / 6.0)), flat);
  }
}

export function hardSigmoid(x: usize, y: usize, n: i32, p: f32): void {
  map<HardSigmoid>(x, y, n, p);
}

export function hardSigmoidGrad(y: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<HardSigmoid>(y, dy, dx, n, p);
}

/**
 * x · hardSigmoid(x), -0 from -3 down; slope (x + 3/2) / 3 between -3 and 3, 0 below, 1 above. The sum
 * is exact around -3/2, where the slope changes its sign.
 */
@unmanaged
class HardSwish {

  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.mul(f32x4.pmax(x, splat(-f32.MAX_VALUE)), hardSigmoidOf(x));
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    const slope = f32x4.mul(f32x4.add(x, splat(1.5)), splat(1.0 / 3.0));
    const above = select(f32x4.ge(x, splat(3)), dy, f32x4.mul(dy, slope));
    return v128.andnot(above, f32x4.le(x, splat(-3)));
  }
}

export function hardSwish(x: usize, y: usize, n: i32, p: f32): void {
  map<HardSwish>(x, y, n, p);
}

export function hardSwishGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<HardSwish>(x, dy, dx, n, p);
}
