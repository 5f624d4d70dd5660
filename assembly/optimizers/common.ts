import { madd, splat } from "../simd";

/**
 * What the optimizers share. Each goes once over flat blocks of n parameters p, gradients g and
 * moments. Rates come as f64 and are rounded once in the kernel: 1 - 0.999 taken in f32 would be
 * wrong in the fifth digit.
 */

/** Subnormal lanes become 0: a moment that decays into them would slow every step that follows. */
@inline
export function flush(v: v128): v128 {
  const subnormal = f32x4.lt(f32x4.abs(v), splat(1.17549435e-38));
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

/** A moving average of x². */
@inline
export function averageSquare(old: v128, x: v128, b: v128, a: v128): v128 {
  return flush(madd(f32x4.mul(a, x), x, f32x4.mul(b, old)));
}
