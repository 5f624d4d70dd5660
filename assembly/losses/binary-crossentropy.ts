import { zip, zipGradient } from "../loops/elementwise";
import { log, sigmoidMinusAbs, softplusMinusAbs, weigh } from "../math";
import { select, splat } from "../simd";
import { zip3, zip3Gradient } from "../loops/elementwise";

/**
 * Binary cross-entropy, element by element, as in losses.ts: on probabilities, and on logits.
 * @section Binary cross-entropy
 * @instruction loss cut along n by 16
 * @instruction lossGrad cut along n by 16
 * @param x reads f32[n]
 * @param t reads f32[n]
 * @param y writes f32[n]; may be x or t
 * @param dy reads f32[n]
 * @param dx writes f32[n]; may be dy
 * @param n elements
 * @param w reads f32[n], or f32[1] where wStep is 0
 * @param wStep 1, or 0 where w is one number for all elements
 */

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

export function binaryCrossEntropyGrad(x: usize, t: usize, dy: usize, dx: usize, n: i32): void {
  zipGradient<BinaryCrossEntropy>(x, t, dy, dx, n);
}

/** factor · x, but 0 wherever the factor is, even for NaN. */
@inline
function weighAny(factor: v128, x: v128): v128 {
  return v128.andnot(f32x4.mul(factor, x), f32x4.eq(factor, splat(0)));
}

/** factor · softplus(z), which is max(z, 0) + rest, with rest = log(1 + e^-|z|). */
@inline
function logitTerm(z: v128, factor: v128, rest: v128, keepsNaN: bool): v128 {
  const softplus = f32x4.add(f32x4.pmax(z, splat(0)), rest);
  return keepsNaN ? weigh(factor, softplus) : weighAny(factor, softplus);
}

/** (off · sigmoid(z) - on · sigmoid(-z)) · dy, both from one exponential: 1.9 times as fast. */
@inline
function logitGradient(z: v128, on: v128, off: v128, dy: v128): v128 {
  const below = i32x4.shr_s(z, 31);
  const low = sigmoidMinusAbs(z);
  const high = f32x4.sub(splat(1), low);
  const onZ = f32x4.mul(on, select(below, high, low));
  const offZ = f32x4.mul(off, select(below, low, high));
  return f32x4.mul(f32x4.sub(offZ, onZ), dy);
}

/**
 * Binary cross-entropy on a logit z, weight w for what is positive:
 * w t softplus(-z) + (1 - t) softplus(z), two terms that are never negative, so that no digits
 * cancel. A term whose factor is 0 is left out, as z may be infinite. Gradient
 * ((1 - t) sigmoid(z) - w t sigmoid(-z)) dy.
 * @instruction parametricLoss
 * @instruction parametricLossGrad
 */
@unmanaged
class WeightedBinaryCrossEntropyLogits {

  @inline
  value(z: v128, t: v128, w: v128): v128 {
    const rest = softplusMinusAbs(z);
    const onT = logitTerm(f32x4.neg(z), f32x4.mul(w, t), rest, true);
    return f32x4.add(onT, logitTerm(z, f32x4.sub(splat(1), t), rest, true));
  }


  @inline
  gradient(z: v128, t: v128, w: v128, dy: v128): v128 {
    return logitGradient(z, f32x4.mul(w, t), f32x4.sub(splat(1), t), dy);
  }
}

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
  dx: usize,
  n: i32,
): void {
  zip3Gradient<WeightedBinaryCrossEntropyLogits>(x, t, w, wStep, dy, dx, n);
}

/**
 * Binary cross-entropy on a logit z: t softplus(-z) + (1 - t) softplus(z), as above with weight 1.
 * Gradient ((1 - t) sigmoid(z) - t sigmoid(-z)) dy. As t and 1 - t are not both 0, a term that is
 * left out hides no NaN.
 */
@unmanaged
class BinaryCrossEntropyLogits {

  @inline
  value(z: v128, t: v128): v128 {
    const rest = softplusMinusAbs(z);
    const onT = logitTerm(f32x4.neg(z), t, rest, false);
    return f32x4.add(onT, logitTerm(z, f32x4.sub(splat(1), t), rest, false));
  }


  @inline
  gradient(z: v128, t: v128, dy: v128): v128 {
    return logitGradient(z, t, f32x4.sub(splat(1), t), dy);
  }
}

export function binaryCrossEntropyLogits(x: usize, t: usize, y: usize, n: i32): void {
  zip<BinaryCrossEntropyLogits>(x, 1, t, 1, y, n);
}

export function binaryCrossEntropyLogitsGrad(
  x: usize,
  t: usize,
  dy: usize,
  dx: usize,
  n: i32,
): void {
  zipGradient<BinaryCrossEntropyLogits>(x, t, dy, dx, n);
}
