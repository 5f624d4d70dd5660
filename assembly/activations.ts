import { map, mapGradient } from "./elementwise";
import { sigmoid as sigmoidOf, tanh as tanhOf } from "./math";
import { select, splat } from "./simd";

/**
 * Activations y = f(x) and their gradients dx = f'(x) · dy, one class and two exports each.
 *
 * value(x, p) and gradient(x, y, dy, p) work on four lanes; p is the activation's parameter. Here
 * every gradient can be had from y alone, so that x need not be kept: callers may pass y for x.
 * n counts elements; y may be x, dx may be dy.
 */

/** max(0, x); the slope at exactly 0 is p, 0 or 1. NaN is carried. */
@unmanaged
class Relu {

  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.pmax(x, splat(0));
  }


  @inline
  gradient(x: v128, _y: v128, dy: v128, p: v128): v128 {
    const zero = splat(0);
    const passesAtZero = v128.and(f32x4.eq(x, zero), f32x4.ne(p, zero));
    return v128.andnot(dy, v128.andnot(f32x4.le(x, zero), passesAtZero));
  }
}

export function relu(x: usize, y: usize, n: i32, slopeAtZero: f32): void {
  map<Relu>(x, y, n, slopeAtZero);
}

export function reluGrad(x: usize, y: usize, dy: usize, dx: usize, n: i32, slopeAtZero: f32): void {
  mapGradient<Relu>(x, y, dy, dx, n, slopeAtZero);
}

/** x for x > 0, else p · x, with p >= 0. */
@unmanaged
class LeakyRelu {

  @inline
  value(x: v128, p: v128): v128 {
    return select(f32x4.gt(x, splat(0)), x, f32x4.mul(p, x));
  }


  @inline
  gradient(_x: v128, y: v128, dy: v128, p: v128): v128 {
    return select(f32x4.gt(y, splat(0)), dy, f32x4.mul(p, dy));
  }
}

export function leakyRelu(x: usize, y: usize, n: i32, slope: f32): void {
  map<LeakyRelu>(x, y, n, slope);
}

export function leakyReluGrad(x: usize, y: usize, dy: usize, dx: usize, n: i32, slope: f32): void {
  mapGradient<LeakyRelu>(x, y, dy, dx, n, slope);
}

/** 1 / (1 + e^-x); gradient y · (1 - y) · dy. */
@unmanaged
class Sigmoid {

  @inline
  value(x: v128, _p: v128): v128 {
    return sigmoidOf(x);
  }


  @inline
  gradient(_x: v128, y: v128, dy: v128, _p: v128): v128 {
    return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(splat(1), y)));
  }
}

export function sigmoid(x: usize, y: usize, n: i32, p: f32): void {
  map<Sigmoid>(x, y, n, p);
}

export function sigmoidGrad(x: usize, y: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Sigmoid>(x, y, dy, dx, n, p);
}

/** Hyperbolic tangent; gradient (1 - y²) · dy, as (1 - y)(1 + y) to keep digits near |y| = 1. */
@unmanaged
class Tanh {

  @inline
  value(x: v128, _p: v128): v128 {
    return tanhOf(x);
  }


  @inline
  gradient(_x: v128, y: v128, dy: v128, _p: v128): v128 {
    const one = splat(1);
    return f32x4.mul(dy, f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
  }
}

export function tanh(x: usize, y: usize, n: i32, p: f32): void {
  map<Tanh>(x, y, n, p);
}

export function tanhGrad(x: usize, y: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Tanh>(x, y, dy, dx, n, p);
}
