import { map, mapGradient } from "../loops/elementwise";
import {
  expMinusAbs,
  oneMinusExp,
  sigmoid as sigmoidOf,
  softplusMinusAbs,
  tanh as tanhOf,
} from "../math";
import { select, splat } from "../simd";

/**
 * Monotone activations y = f(x) made of exponentials, and their gradients dx = f'(x) · dy. Those of
 * sigmoid, tanh and softplus are taken from y alone, those of elu and selu from x alone.
 *
 * softplus loses nothing by it. The slopes of sigmoid and tanh lose their digits where y comes close
 * to 1 or -1: they are 0 from x = 17 and |x| = 9 on. That is the choice of PyTorch and Keras too, as
 * x need not be kept.
 * @section Activations: exponentials
 * @instruction map(x, y, n, parameter) cut along n by 16
 * @instruction mapGrad(v, dy, dx, n, parameter) cut along n by 16
 * @param x reads f32[n]
 * @param y writes f32[n]; may be x
 * @gradient y reads f32[n]
 * @param dy reads f32[n]
 * @param dx writes f32[n]; may be dy
 * @param n elements
 * @param p not used
 * @param alpha p, minus what elu comes to at -∞: 0 or more
 * @param beta p, how sharply softplus bends: above 0
 */

/** 1 / (1 + e^-x); gradient y · (1 - y) · dy. */
@unmanaged
class Sigmoid {

  @inline
  value(x: v128, _p: v128): v128 {
    return sigmoidOf(x);
  }


  @inline
  gradient(y: v128, dy: v128, _p: v128): v128 {
    return f32x4.mul(dy, f32x4.mul(y, f32x4.sub(splat(1), y)));
  }
}

export function sigmoid(x: usize, y: usize, n: i32, p: f32): void {
  map<Sigmoid>(x, y, n, p);
}

export function sigmoidGrad(y: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Sigmoid>(y, dy, dx, n, p);
}

/** Hyperbolic tangent; gradient (1 - y²) · dy, as (1 - y)(1 + y) to keep digits near |y| = 1. */
@unmanaged
class Tanh {

  @inline
  value(x: v128, _p: v128): v128 {
    return tanhOf(x);
  }


  @inline
  gradient(y: v128, dy: v128, _p: v128): v128 {
    const one = splat(1);
    return f32x4.mul(dy, f32x4.mul(f32x4.sub(one, y), f32x4.add(one, y)));
  }
}

export function tanh(x: usize, y: usize, n: i32, p: f32): void {
  map<Tanh>(x, y, n, p);
}

export function tanhGrad(y: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Tanh>(y, dy, dx, n, p);
}

/**
 * x for x > 0, else p · (e^x - 1); the slope up to 0 is p · e^x. y + p is that too, but has no digits
 * left from x = -17 down, where the slope is 4.1e-8.
 */
@unmanaged
class Elu {

  @inline
  value(x: v128, p: v128): v128 {
    const below = f32x4.neg(f32x4.mul(p, oneMinusExp(x)));
    return select(f32x4.ge(x, splat(0)), x, below);
  }


  @inline
  gradient(x: v128, dy: v128, p: v128): v128 {
    const below = f32x4.mul(dy, f32x4.mul(p, expMinusAbs(x)));
    return select(f32x4.gt(x, splat(0)), dy, below);
  }
}

export function elu(x: usize, y: usize, n: i32, alpha: f32): void {
  map<Elu>(x, y, n, alpha);
}

export function eluGrad(x: usize, dy: usize, dx: usize, n: i32, alpha: f32): void {
  mapGradient<Elu>(x, dy, dx, n, alpha);
}

/** λ and λ · α of Klambauer and others, "Self-normalizing neural networks", 2017. */
@inline
const SELU_SCALE: f32 = 1.0507009873554805;


@inline
const SELU_SCALED_ALPHA: f32 = 1.7580993408473766;

/** λ · x for x > 0, else λ · α · (e^x - 1); the slope up to 0 is λ · α · e^x; λ 1.0507, λ · α 1.7581. */
@unmanaged
class Selu {

  @inline
  value(x: v128, _p: v128): v128 {
    const below = f32x4.neg(f32x4.mul(splat(SELU_SCALED_ALPHA), oneMinusExp(x)));
    return select(f32x4.ge(x, splat(0)), f32x4.mul(splat(SELU_SCALE), x), below);
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    const below = f32x4.mul(splat(SELU_SCALED_ALPHA), expMinusAbs(x));
    return f32x4.mul(dy, select(f32x4.gt(x, splat(0)), splat(SELU_SCALE), below));
  }
}

export function selu(x: usize, y: usize, n: i32, p: f32): void {
  map<Selu>(x, y, n, p);
}

export function seluGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Selu>(x, dy, dx, n, p);
}

/** log(1 + e^(p · x)) / p; the slope is the sigmoid of p · x, 1 - e^(-p · y). */
@unmanaged
class Softplus {

  @inline
  value(x: v128, p: v128): v128 {
    const curve = f32x4.div(softplusMinusAbs(f32x4.mul(p, x)), p);
    return f32x4.add(f32x4.pmax(x, splat(0)), curve);
  }


  @inline
  gradient(y: v128, dy: v128, p: v128): v128 {
    return f32x4.mul(dy, oneMinusExp(f32x4.neg(f32x4.mul(p, y))));
  }
}

export function softplus(x: usize, y: usize, n: i32, beta: f32): void {
  map<Softplus>(x, y, n, beta);
}

export function softplusGrad(y: usize, dy: usize, dx: usize, n: i32, beta: f32): void {
  mapGradient<Softplus>(y, dy, dx, n, beta);
}
