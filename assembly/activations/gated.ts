import { map, mapGradient } from "../loops/elementwise";
import { expMinusAbs, normalDensity, normalDistance, normalTail, sigmoid } from "../math";
import { sigmoidMinusAbs } from "../math";
import { select, splat } from "../simd";

/**
 * Activations y = x · gate(x), whose gate rises from 0 to 1, and their gradients
 * dx = (gate(x) + x · gate'(x)) · dy. They fall and rise again, so x cannot be told from y: the
 * gradients read x and leave y alone.
 *
 * A gate and its slope come from one exponential of a negative number, e, so that nothing overflows
 * and neither loses digits: where e is 0 the gate is 0 or 1 and flat.
 * @section Activations: gates
 * @instruction map(x, y, n, parameter) cut along n by 16
 * @instruction mapGrad(v, dy, dx, n, parameter) cut along n by 16
 * @param x reads f32[n]
 * @param y writes f32[n]; may be x
 * @param dy reads f32[n]
 * @param dx writes f32[n]; may be dy
 * @param n elements
 * @param p not used
 */

/** x, but finite from below: the gate is 0 there, and 0 · -∞ would be NaN where the limit is 0. */
@inline
function aboveMinusInfinity(x: v128): v128 {
  return f32x4.pmax(x, splat(-f32.MAX_VALUE));
}

/** The sign bits of x. */
@inline
function signOf(x: v128): v128 {
  return v128.and(x, splat(-0.0));
}

/** `low` where x is below 0, else 1 - low: a gate from its tail. */
@inline
function rising(x: v128, low: v128): v128 {
  return select(i32x4.shr_s(x, 31), low, f32x4.sub(splat(1), low));
}

/**
 * x · Φ(x), Φ the standard normal distribution: (1 + erf(x / √2)) / 2. Gradient
 * (Φ(x) + x · e^(-x²/2) / √(2π)) · dy.
 */
@unmanaged
class Gelu {

  @inline
  value(x: v128, _p: v128): v128 {
    const a = normalDistance(x);
    const gate = rising(x, normalTail(a, normalDensity(a)));
    return f32x4.mul(aboveMinusInfinity(x), gate);
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    const a = normalDistance(x);
    const density = normalDensity(a);
    const gate = rising(x, normalTail(a, density));
    const near = f32x4.mul(v128.or(a, signOf(x)), splat(0.3989422804014327));
    return f32x4.mul(dy, f32x4.add(gate, f32x4.mul(near, density)));
  }
}

export function gelu(x: usize, y: usize, n: i32, p: f32): void {
  map<Gelu>(x, y, n, p);
}

export function geluGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Gelu>(x, dy, dx, n, p);
}

/** Twice √(2/π), and that times 0.044715. */
@inline
const GELU_LINEAR: f32 = 1.5957691216057308;


@inline
const GELU_CUBIC: f32 = 0.07135481627159;

/** x, but not past ±16, where the gate below has long been flat. */
@inline
function within16(x: v128): v128 {
  return v128.or(f32x4.pmin(f32x4.abs(x), splat(16)), signOf(x));
}

/**
 * x/2 · (1 + tanh u) with u = √(2/π) · (x + 0.044715 x³), which is x · sigmoid(2u). Gradient
 * (s + x · s (1 - s) · 2u') · dy with s = sigmoid(2u), u' = √(2/π) · (1 + 0.134145 x²).
 */
@unmanaged
class GeluTanh {

  @inline
  twiceU(x: v128, square: v128): v128 {
    const slope = f32x4.add(splat(GELU_LINEAR), f32x4.mul(splat(GELU_CUBIC), square));
    return f32x4.mul(x, slope);
  }


  @inline
  value(x: v128, _p: v128): v128 {
    const near = within16(x);
    const gate = sigmoid(this.twiceU(near, f32x4.mul(near, near)));
    return f32x4.mul(aboveMinusInfinity(x), gate);
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    const near = within16(x);
    const square = f32x4.mul(near, near);
    const twiceU = this.twiceU(near, square);
    const slope = f32x4.add(splat(GELU_LINEAR), f32x4.mul(splat(3 * GELU_CUBIC), square));
    return f32x4.mul(dy, sigmoidGateSlope(near, twiceU, slope));
  }
}

export function geluTanh(x: usize, y: usize, n: i32, p: f32): void {
  map<GeluTanh>(x, y, n, p);
}

export function geluTanhGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<GeluTanh>(x, dy, dx, n, p);
}

/** The slope of x · sigmoid(v), for v of the sign of x, with v' at hand. */
@inline
function sigmoidGateSlope(x: v128, v: v128, slope: v128): v128 {
  const low = sigmoidMinusAbs(v);
  const bend = f32x4.mul(low, f32x4.sub(splat(1), low));
  return f32x4.add(rising(v, low), f32x4.mul(f32x4.mul(x, slope), bend));
}

/** x, but not past ±105, where e^-|x| has become 0. */
@inline
function within105(x: v128): v128 {
  return v128.or(f32x4.pmin(f32x4.abs(x), splat(105)), signOf(x));
}

/** x · sigmoid(x); gradient (s + x · s (1 - s)) · dy with s = sigmoid(x). */
@unmanaged
class Silu {

  @inline
  value(x: v128, _p: v128): v128 {
    return f32x4.mul(aboveMinusInfinity(x), sigmoid(x));
  }


  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    return f32x4.mul(dy, sigmoidGateSlope(within105(x), x, splat(1)));
  }
}

export function silu(x: usize, y: usize, n: i32, p: f32): void {
  map<Silu>(x, y, n, p);
}

export function siluGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Silu>(x, dy, dx, n, p);
}

/**
 * x · tanh(log(1 + e^x)); gradient (t + x · (1 - t²) · sigmoid(x)) · dy, t the hyperbolic tangent.
 *
 * The logarithm cancels: with m = e^x · (e^x + 2), tanh log(1 + e^x) = m / (m + 2). In e = e^-|x|
 * that is e(e + 2) / (e(e + 2) + 2) below 0, and (1 + 2e) / (1 + 2e + 2e²) above.
 */
@unmanaged
class Mish {
  /** The quotient's upper part. */
  @inline
  upper(below: v128, e: v128): v128 {
    const two = splat(2);
    const above = f32x4.add(splat(1), f32x4.mul(two, e));
    return select(below, f32x4.mul(e, f32x4.add(e, two)), above);
  }


  @inline
  value(x: v128, _p: v128): v128 {
    const below = i32x4.shr_s(x, 31);
    const e = expMinusAbs(x);
    const upper = this.upper(below, e);
    const rest = f32x4.mul(splat(2), select(below, splat(1), f32x4.mul(e, e)));
    return f32x4.mul(aboveMinusInfinity(x), f32x4.div(upper, f32x4.add(upper, rest)));
  }

  /** The gate's slope is 4 · (e or, above 0, e²) · (1 + e) over the lower part squared. */
  @inline
  gradient(x: v128, dy: v128, _p: v128): v128 {
    const below = i32x4.shr_s(x, 31);
    const e = expMinusAbs(x);
    const square = f32x4.mul(e, e);
    const upper = this.upper(below, e);
    const rest = f32x4.mul(splat(2), select(below, splat(1), square));
    const inverse = f32x4.div(splat(1), f32x4.add(upper, rest));
    const bend = f32x4.mul(f32x4.mul(splat(4), select(below, e, square)), f32x4.add(splat(1), e));
    const moved = f32x4.mul(f32x4.mul(within105(x), bend), inverse);
    return f32x4.mul(dy, f32x4.mul(f32x4.add(upper, moved), inverse));
  }
}

export function mish(x: usize, y: usize, n: i32, p: f32): void {
  map<Mish>(x, y, n, p);
}

export function mishGrad(x: usize, dy: usize, dx: usize, n: i32, p: f32): void {
  mapGradient<Mish>(x, dy, dx, n, p);
}
