import { zip, zipGradient } from "../loops/elementwise";
import { expMinusAbs, log, log1p, oneMinusExp, softplusMinusAbs, tanh, weigh } from "../math";
import { select, splat } from "../simd";
import { zip3, zip3Gradient } from "../loops/elementwise";

/**
 * Losses, element by element: value(x, t) for a prediction x and a target t, and gradient(x, t, dy),
 * the derivative by x times dy. What is made of the elements (sum, mean) is a reduction after it.
 * @section Other losses
 * @instruction loss cut along n by 16
 * @instruction lossGrad cut along n by 16
 * @param x reads f32[n]
 * @param t reads f32[n]
 * @param y writes f32[n]; may be x or t
 * @param dy reads f32[n]
 * @param dx writes f32[n]; may be dy
 * @param n elements
 * @param delta reads f32[n], or f32[1] where deltaStep is 0; above 0
 * @param deltaStep 1, or 0 where delta is one number for all elements
 */

/** (x - t)²; gradient 2 (x - t) dy. */
@unmanaged
class SquaredError {

  @inline
  value(x: v128, t: v128): v128 {
    const d = f32x4.sub(x, t);
    return f32x4.mul(d, d);
  }


  @inline
  gradient(x: v128, t: v128, dy: v128): v128 {
    const d = f32x4.sub(x, t);
    return f32x4.mul(f32x4.add(d, d), dy);
  }
}

export function squaredError(x: usize, t: usize, y: usize, n: i32): void {
  zip<SquaredError>(x, 1, t, 1, y, n);
}

export function squaredErrorGrad(x: usize, t: usize, dy: usize, dx: usize, n: i32): void {
  zipGradient<SquaredError>(x, t, dy, dx, n);
}

/** |x - t|; gradient sign(x - t) dy, which is 0 at x = t as in PyTorch. */
@unmanaged
class AbsoluteError {

  @inline
  value(x: v128, t: v128): v128 {
    return f32x4.abs(f32x4.sub(x, t));
  }


  @inline
  gradient(x: v128, t: v128, dy: v128): v128 {
    const d = f32x4.sub(x, t);
    const below = select(f32x4.lt(d, splat(0)), f32x4.neg(dy), f32x4.abs(d));
    return select(f32x4.gt(d, splat(0)), dy, below);
  }
}

export function absoluteError(x: usize, t: usize, y: usize, n: i32): void {
  zip<AbsoluteError>(x, 1, t, 1, y, n);
}

export function absoluteErrorGrad(x: usize, t: usize, dy: usize, dx: usize, n: i32): void {
  zipGradient<AbsoluteError>(x, t, dy, dx, n);
}

/**
 * Huber's loss of d = x - t: d² / 2 up to |d| = delta, delta (|d| - delta / 2) from there on. With
 * m = min(|d|, delta) both are m (|d| - m / 2). Gradient: d between -delta and delta, times dy.
 * @instruction parametricLoss
 * @instruction parametricLossGrad
 */
@unmanaged
class Huber {

  @inline
  value(x: v128, t: v128, delta: v128): v128 {
    const d = f32x4.abs(f32x4.sub(x, t));
    const m = f32x4.pmin(d, delta);
    return f32x4.mul(m, f32x4.sub(d, f32x4.mul(m, splat(0.5))));
  }


  @inline
  gradient(x: v128, t: v128, delta: v128, dy: v128): v128 {
    const d = f32x4.pmin(f32x4.sub(x, t), delta);
    return f32x4.mul(f32x4.pmax(d, f32x4.neg(delta)), dy);
  }
}

export function huber(x: usize, t: usize, delta: usize, deltaStep: i32, y: usize, n: i32): void {
  zip3<Huber>(x, t, delta, deltaStep, y, n);
}

export function huberGrad(
  x: usize,
  t: usize,
  delta: usize,
  deltaStep: i32,
  dy: usize,
  dx: usize,
  n: i32,
): void {
  zip3Gradient<Huber>(x, t, delta, deltaStep, dy, dx, n);
}


@inline
const LN2: f32 = 0.6931471805599453;

/**
 * log(cosh d) of d = x - t. From |d| = 1 on it is |d| + log(1 + e^(-2|d|)) - log 2, which overflows
 * nowhere; below that its digits would cancel, and it is log(1 + (cosh d - 1)) with
 * cosh d - 1 = (1 - e^-|d|)² / (2 e^-|d|). Gradient tanh(d) dy.
 */
@unmanaged
class LogCosh {

  @inline
  value(x: v128, t: v128): v128 {
    const d = f32x4.sub(x, t);
    const size = f32x4.abs(d);
    const bent = f32x4.sub(softplusMinusAbs(f32x4.add(d, d)), splat(LN2));
    const near = f32x4.pmin(size, splat(1));
    const rest = oneMinusExp(f32x4.neg(near));
    const left = expMinusAbs(near);
    const excess = f32x4.div(f32x4.mul(rest, rest), f32x4.add(left, left));
    return select(f32x4.lt(size, splat(1)), log1p(excess), f32x4.add(size, bent));
  }


  @inline
  gradient(x: v128, t: v128, dy: v128): v128 {
    return f32x4.mul(tanh(f32x4.sub(x, t)), dy);
  }
}

export function logCosh(x: usize, t: usize, y: usize, n: i32): void {
  zip<LogCosh>(x, 1, t, 1, y, n);
}

export function logCoshGrad(x: usize, t: usize, dy: usize, dx: usize, n: i32): void {
  zipGradient<LogCosh>(x, t, dy, dx, n);
}

/**
 * A term of the Kullback-Leibler divergence of t from log-probabilities x: t (log t - x), which is 0
 * for t = 0. Gradient -t dy.
 */
@unmanaged
class KullbackLeibler {

  @inline
  value(x: v128, t: v128): v128 {
    const logT = v128.andnot(log(t), f32x4.eq(t, splat(0)));
    return weigh(t, f32x4.sub(logT, x));
  }


  @inline
  gradient(_x: v128, t: v128, dy: v128): v128 {
    return f32x4.mul(f32x4.neg(t), dy);
  }
}

export function kullbackLeibler(x: usize, t: usize, y: usize, n: i32): void {
  zip<KullbackLeibler>(x, 1, t, 1, y, n);
}

export function kullbackLeiblerGrad(x: usize, t: usize, dy: usize, dx: usize, n: i32): void {
  zipGradient<KullbackLeibler>(x, t, dy, dx, n);
}
