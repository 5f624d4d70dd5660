import { madd, splat } from "../simd";

/**
 * What the optimizers share. Each goes once over flat blocks of n parameters p, gradients g and
 * moments. Rates come as f64 and are rounded once in the kernel: 1 - 0.999 taken in f32 would be
 * wrong in the fifth digit.
 */

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
 * A power that goes on shrinking, or 0 from 1e-300 on, where 1 less it has long been 1: subnormal
 * numbers would cost 50 ns a step, a twentieth of a tiny one.
 */
@inline
export function settled(power: f64): f64 {
  return power < 1e-300 ? 0 : power;
}
