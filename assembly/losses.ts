import { zip, zipGradient } from "./elementwise";
import { log, sigmoid, softplus } from "./math";
import { select, splat } from "./simd";

/**
 * Losses, element by element: value(x, t) for a prediction x and a target t, and gradient(x, t, dy),
 * the derivative by x times dy. What is made of the elements (sum, mean) is a reduction after it.
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
    const offT = f32x4.pmax(log(f32x4.sub(one, x)), floor);
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
 * Binary cross-entropy on a logit z: max(z, 0) - z t + log(1 + e^-|z|), which is softplus(z) - z t;
 * written as softplus(±z) where t is 1 or 0, so that no digits cancel. Gradient (sigmoid(z) - t) dy.
 */
@unmanaged
class BinaryCrossEntropyLogits {

  @inline
  value(z: v128, t: v128): v128 {
    const certain = f32x4.eq(t, splat(1));
    const signed = select(certain, f32x4.neg(z), z);
    const plus = softplus(signed);
    return select(certain, plus, f32x4.sub(plus, f32x4.mul(z, t)));
  }


  @inline
  gradient(z: v128, t: v128, dy: v128): v128 {
    return f32x4.mul(f32x4.sub(sigmoid(z), t), dy);
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
