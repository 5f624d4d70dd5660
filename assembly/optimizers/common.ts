import { madd, splat } from "../simd";

/**
 * Optimizers: one pass over flat blocks of parameters, gradients and moments, each of n floats. A
 * moment starts as 0. Hyperparameters come as f64 and are rounded once: 1 - 0.999 taken in f32 would be
 * wrong in the fifth digit.
 * @section Optimizers
 * @param p updates f32[n]; the parameters
 * @param g reads f32[n]; their gradients
 * @param m updates f32[n]; the first moment
 * @param v updates f32[n]; the second moment
 * @param s updates f32[n]; the sum or average of squares
 * @param d updates f32[n]; the average of squared steps
 * @param u updates f32[n]; the largest gradient so far, which decays
 * @param n parameters
 * @param lr learning rate
 * @param weightDecay factor of an L2 penalty: g + weightDecay · p stands for g; 0 for none
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second, in [0, 1)
 * @param correction1 1 - beta1^t, the bias of m after step t, counted from 1
 * @param correction2 1 - beta2^t, the bias of v
 * @param epsilon what keeps the divisor from 0
 */

/**
 * The numbers of an optimizer, one block of f64; those of each extend them. What changes from step to step
 * is advanced by an instruction of its own before the step's, so that all chunks read the same.
 */
@unmanaged
export class Hyperparameters {
  /** Learning rate. */
  lr: f64;
  weightDecay: f64;
}


@inline
const SMALLEST_NORMAL: f32 = 1.17549435e-38;

/** Subnormal lanes become 0: a moment that decays into them would slow every step that follows. */
@inline
export function flush(v: v128): v128 {
  const subnormal = f32x4.lt(f32x4.abs(v), splat(SMALLEST_NORMAL));
  return v128.andnot(v, subnormal);
}

/** g + decay · p, the gradient of a penalty decay / 2 · p²; g itself where nothing decays. */
@inline
export function decayed(g: v128, p: v128, decay: v128, decays: bool): v128 {
  return decays ? madd(decay, p, g) : g;
}

/** A moving average of x: b · old + a · x, with a = 1 - b. */
@inline
export function average(old: v128, x: v128, b: v128, a: v128): v128 {
  return flush(madd(a, x, f32x4.mul(b, old)));
}

/** A moving average of x², which is not below 0: so flush needs no magnitude. */
@inline
export function averageSquare(old: v128, x: v128, b: v128, a: v128): v128 {
  const v = madd(f32x4.mul(a, x), x, f32x4.mul(b, old));
  return v128.andnot(v, f32x4.lt(v, splat(SMALLEST_NORMAL)));
}

/**
 * Replaces a shrinking power below 1e-300 by 0: 1 minus the power has long been 1 by then, and subnormal
 * numbers would cost 50 ns per step, a twentieth of a tiny one.
 */
@inline
export function flushTiny(power: f64): f64 {
  return power < 1e-300 ? 0 : power;
}
