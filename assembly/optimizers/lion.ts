import { LANES, VECTOR_BYTES, loadSome, madd, select, splat, storeSome, wholeBytes } from "../simd";
import { Hyperparameters, average } from "./common";

/**
 * @section Optimizers
 * @instruction cut along n by 16
 */

/** Numbers of Lion. */
@unmanaged
export class LionHyperparameters extends Hyperparameters {
  beta1: f64;
  beta2: f64;
}

/** rate with the sign of c: 0 for 0, and NaN for NaN. */
@inline
function signed(rate: v128, c: v128): v128 {
  const zero = splat(0);
  const below = select(f32x4.lt(c, zero), f32x4.neg(rate), f32x4.abs(c));
  return select(f32x4.gt(c, zero), rate, below);
}


@inline
function lionLanes(
  p: usize,
  g: usize,
  m: usize,
  rate: v128,
  kept: v128,
  b1: v128,
  a1: v128,
  b2: v128,
  a2: v128,
  count: i32,
): void {
  const gi = loadSome(g, count);
  const mi = loadSome(m, count);
  const step = signed(rate, madd(a1, gi, f32x4.mul(b1, mi)));
  storeSome(m, average(mi, gi, b2, a2), count);
  storeSome(p, f32x4.sub(f32x4.mul(kept, loadSome(p, count)), step), count);
}

/**
 * Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms"): c = b1·m + (1 - b1)·g;
 * p -= lr·(sign(c) + weightDecay·p), with sign(0) = 0; m = b2·m + (1 - b2)·g.
 * @state hyperparameters: LionHyperparameters
 * @param m updates f32[n]; the moving average of gradients
 * @param weightDecay what p decays by apart from the gradient, times lr; 0 for none
 * @param beta1 weight of m in the step, in [0, 1)
 * @param beta2 decay of m, in [0, 1)
 */
export function lion(
  p: usize,
  g: usize,
  m: usize,
  n: i32,
  lr: f64,
  weightDecay: f64,
  beta1: f64,
  beta2: f64,
): void {
  const rate = splat(<f32>lr);
  const kept = splat(<f32>(1 - lr * weightDecay));
  const b1 = splat(<f32>beta1);
  const a1 = splat(<f32>(1 - beta1));
  const b2 = splat(<f32>beta2);
  const a2 = splat(<f32>(1 - beta2));
  const end = p + wholeBytes(n);
  for (; p < end; p += VECTOR_BYTES, g += VECTOR_BYTES, m += VECTOR_BYTES) {
    lionLanes(p, g, m, rate, kept, b1, a1, b2, a2, LANES);
  }
  const rest = n & (LANES - 1);
  if (rest) lionLanes(p, g, m, rate, kept, b1, a1, b2, a2, rest);
}
