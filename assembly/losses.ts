import { zip, zipGradient } from "./elementwise";
import { log, sigmoid, softplus } from "./math";
import { select, splat } from "./simd";
import { zip3, zip3Gradient } from "./ternary";

/**
 * Losses, element by element: value(x, t) for a prediction x and a target t, and gradient(x, t, dy),
 * the derivative by x times dy. What is made of the elements (sum, mean) is a reduction after it.
 */

/** factor · x; 0 where the factor is 0 and x infinite. NaN is carried. */
@inline
function weigh(factor: v128, x: v128): v128 {
  const infinite = f32x4.eq(f32x4.abs(x), splat(Infinity));
  const excluded = v128.and(infinite, f32x4.eq(factor, splat(0)));
  return v128.andnot(f32x4.mul(factor, x), excluded);
}

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

export function squaredErrorGrad(
  x: usize,
  t: usize,
  dy: usize,
  dyStep: i32,
  dx: usize,
  n: i32,
): void {
  zipGradient<SquaredError>(x, t, dy, dyStep, dx, n);
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

export function absoluteErrorGrad(
  x: usize,
  t: usize,
  dy: usize,
  dyStep: i32,
  dx: usize,
  n: i32,
): void {
  zipGradient<AbsoluteError>(x, t, dy, dyStep, dx, n);
}

/**
 * Huber's loss of d = x - t: d² / 2 up to |d| = delta, delta (|d| - delta / 2) from there on. With
 * m = min(|d|, delta) both are m (|d| - m / 2). Gradient: d between -delta and delta, times dy.
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

/** delta > 0 is one number for all elements if its step is 0. */
export function huber(x: usize, t: usize, delta: usize, deltaStep: i32, y: usize, n: i32): void {
  zip3<Huber>(x, t, delta, deltaStep, y, n);
}

export function huberGrad(
  x: usize,
  t: usize,
  delta: usize,
  deltaStep: i32,
  dy: usize,
  dyStep: i32,
  dx: usize,
  n: i32,
): void {
  zip3Gradient<Huber>(x, t, delta, deltaStep, dy, dyStep, dx, n);
}

/**
 * Binary cross-entropy on a probability: -t log x - (1 - t) log(1 - x), where each log is at least
 * -100, and gradient (x - t) / (x (1 - x)) with the divisor at least 1e-12: both as in PyTorch's
 * binary_cross_entropy, so that x = 0 and x = 1 stay finite.
 */
@unmanaged
class BinaryCrossEntropy {

  @inline
  value(x: v128, t: v128): v128 {
    const floor = splat(-100);
    const one = splat(1);
    const onT = f32x4.pmax(log(x), floor);
    // 1 - x is rounded; what that took off comes back to first order, so that a small x counts.
    const rest = f32x4.sub(one, x);
    const lost = f32x4.div(f32x4.sub(f32x4.sub(one, rest), x), rest);
    const back = v128.andnot(lost, f32x4.eq(rest, splat(0)));
    const offT = f32x4.pmax(f32x4.add(log(rest), back), floor);
    const off = f32x4.mul(f32x4.sub(t, one), offT);
    return f32x4.sub(off, f32x4.mul(t, onT));
  }


  @inline
  gradient(x: v128, t: v128, dy: v128): v128 {
    const divisor = f32x4.mul(x, f32x4.sub(splat(1), x));
    const safe = f32x4.pmax(divisor, splat(1e-12));
    return f32x4.div(f32x4.mul(f32x4.sub(x, t), dy), safe);
  }
}

export function binaryCrossEntropy(x: usize, t: usize, y: usize, n: i32): void {
  zip<BinaryCrossEntropy>(x, 1, t, 1, y, n);
}

export function binaryCrossEntropyGrad(
  x: usize,
  t: usize,
  dy: usize,
  dyStep: i32,
  dx: usize,
  n: i32,
): void {
  zipGradient<BinaryCrossEntropy>(x, t, dy, dyStep, dx, n);
}

/**
 * Binary cross-entropy on a logit z, weight w for what is positive:
 * w t softplus(-z) + (1 - t) softplus(z), two terms that are never negative, so that no digits
 * cancel; softplus(±z) is max(±z, 0) + log(1 + e^-|z|). A term whose factor is 0 is left out, as z may
 * be infinite. Gradient ((1 - t) sigmoid(z) - w t sigmoid(-z)) dy.
 */
@unmanaged
class WeightedBinaryCrossEntropyLogits {

  @inline
  value(z: v128, t: v128, w: v128): v128 {
    const zero = splat(0);
    const rest = softplus(v128.or(z, splat(-0.0)));
    const onT = f32x4.add(f32x4.pmax(f32x4.neg(z), zero), rest);
    const offT = f32x4.add(f32x4.pmax(z, zero), rest);
    return f32x4.add(weigh(f32x4.mul(w, t), onT), weigh(f32x4.sub(splat(1), t), offT));
  }


  @inline
  gradient(z: v128, t: v128, w: v128, dy: v128): v128 {
    const onT = f32x4.mul(f32x4.mul(w, t), sigmoid(f32x4.neg(z)));
    const offT = f32x4.mul(f32x4.sub(splat(1), t), sigmoid(z));
    return f32x4.mul(f32x4.sub(offT, onT), dy);
  }
}

/** The weight w is one number for all elements if its step is 0. */
export function weightedBinaryCrossEntropyLogits(
  x: usize,
  t: usize,
  w: usize,
  wStep: i32,
  y: usize,
  n: i32,
): void {
  zip3<WeightedBinaryCrossEntropyLogits>(x, t, w, wStep, y, n);
}

export function weightedBinaryCrossEntropyLogitsGrad(
  x: usize,
  t: usize,
  w: usize,
  wStep: i32,
  dy: usize,
  dyStep: i32,
  dx: usize,
  n: i32,
): void {
  zip3Gradient<WeightedBinaryCrossEntropyLogits>(x, t, w, wStep, dy, dyStep, dx, n);
}

/** The same with weight 1. */
@unmanaged
class BinaryCrossEntropyLogits {

  @inline
  value(z: v128, t: v128): v128 {
    return changetype<WeightedBinaryCrossEntropyLogits>(0).value(z, t, splat(1));
  }


  @inline
  gradient(z: v128, t: v128, dy: v128): v128 {
    return changetype<WeightedBinaryCrossEntropyLogits>(0).gradient(z, t, splat(1), dy);
  }
}

export function binaryCrossEntropyLogits(x: usize, t: usize, y: usize, n: i32): void {
  zip<BinaryCrossEntropyLogits>(x, 1, t, 1, y, n);
}

export function binaryCrossEntropyLogitsGrad(
  x: usize,
  t: usize,
  dy: usize,
  dyStep: i32,
  dx: usize,
  n: i32,
): void {
  zipGradient<BinaryCrossEntropyLogits>(x, t, dy, dyStep, dx, n);
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

export function kullbackLeiblerGrad(
  x: usize,
  t: usize,
  dy: usize,
  dyStep: i32,
  dx: usize,
  n: i32,
): void {
  zipGradient<KullbackLeibler>(x, t, dy, dyStep, dx, n);
}
