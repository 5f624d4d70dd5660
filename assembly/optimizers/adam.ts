import { LANES, VECTOR_BYTES, loadSome, madd, splat, storeSome, wholeBytes } from "../simd";
import { Hyperparameters, average, averageSquare, decayed, flushTiny } from "./common";

/**
 * @section Optimizers
 * @instruction cut along n by 16
 */

/** Numbers of Adam, and of what keeps its moments. */
@unmanaged
export class AdamMoments extends Hyperparameters {
  beta1: f64;
  beta2: f64;
  epsilon: f64;
  correction1: f64;
  correction2: f64;
  /** beta1^t, 1 at the start. */
  power1: f64;
  /** beta2^t. */
  power2: f64;

  /** Counts a step by the powers. */
  countPowers(): void {
    this.power1 = flushTiny(this.power1 * this.beta1);
    this.power2 = flushTiny(this.power2 * this.beta2);
    this.correction1 = 1 - this.power1;
    this.correction2 = 1 - this.power2;
  }
}

/** Numbers of Adam alone. */
@unmanaged
export class AdamHyperparameters extends AdamMoments {
  /** Counts a step. */
  advance(): void {
    this.countPowers();
  }
}


@inline
function adamLanes(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  maximum: usize,
  b1: v128,
  a1: v128,
  b2: v128,
  a2: v128,
  rate: v128,
  root: v128,
  epsilon: v128,
  inside: bool,
  decay: v128,
  decays: bool,
  kept: v128,
  count: i32,
): void {
  const pi = loadSome(p, count);
  const gi = decayed(loadSome(g, count), pi, decay, decays);
  const mi = average(loadSome(m, count), gi, b1, a1);
  let vi = averageSquare(loadSome(v, count), gi, b2, a2);
  storeSome(m, mi, count);
  storeSome(v, vi, count);
  if (maximum) {
    // A NaN in v stays in v, and pmax gives its first operand where one is NaN.
    vi = f32x4.pmax(vi, loadSome(maximum, count));
    storeSome(maximum, vi, count);
  }
  const divisor = inside
    ? f32x4.sqrt(madd(root, vi, epsilon))
    : f32x4.add(f32x4.mul(f32x4.sqrt(vi), root), epsilon);
  const step = f32x4.div(f32x4.mul(rate, mi), divisor);
  storeSome(p, f32x4.sub(f32x4.mul(kept, pi), step), count);
}

/** Inlined, so that what a caller gives as a constant costs nothing in the loop. */
@inline
function adamLoop(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  maximum: usize,
  n: i32,
  lr: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  correction1: f64,
  correction2: f64,
  weightDecay: f64,
  keep: f64,
  inside: bool,
): void {
  const b1 = splat(<f32>beta1);
  const a1 = splat(<f32>(1 - beta1));
  const b2 = splat(<f32>beta2);
  const a2 = splat(<f32>(1 - beta2));
  const rate = splat(<f32>(lr / correction1));
  const root = splat(<f32>(1 / (inside ? correction2 : sqrt<f64>(correction2))));
  const eps = splat(<f32>epsilon);
  const l2 = splat(<f32>weightDecay);
  const decays = weightDecay != 0;
  const kept = splat(<f32>keep);
  const end = p + wholeBytes(n);
  const step = maximum ? VECTOR_BYTES : 0;
  while (p < end) {
    const count = LANES;
    adamLanes(
      p,
      g,
      m,
      v,
      maximum,
      b1,
      a1,
      b2,
      a2,
      rate,
      root,
      eps,
      inside,
      l2,
      decays,
      kept,
      count,
    );
    p += VECTOR_BYTES;
    g += VECTOR_BYTES;
    m += VECTOR_BYTES;
    v += VECTOR_BYTES;
    maximum += step;
  }
  const count = n & (LANES - 1);
  if (!count) return;
  adamLanes(p, g, m, v, maximum, b1, a1, b2, a2, rate, root, eps, inside, l2, decays, kept, count);
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1, epsilon outside the root):
 * m = b1·m + (1 - b1)·g; v = b2·v + (1 - b2)·g²; p -= lr·m̂ / (√v̂ + epsilon).
 * @state hyperparameters: AdamHyperparameters
 */
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  n: i32,
  lr: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  correction1: f64,
  correction2: f64,
): void {
  // prettier-ignore
  adamVariant(p, g, m, v, 0, n, lr, beta1, beta2, epsilon, correction1, correction2, 0, false, false);
}

/**
 * Adam's other forms, alone or together; each is off where its argument is 0, or the one in brackets.
 * AdamW's is as fast as Adam, which shares its loop; the others ask in theirs. With m and v as Adam's:
 * p -= lr·m̂ / (√v̂ + epsilon).
 * @state hyperparameters: AdamHyperparameters
 * @param maximum updates f32[n]; none if 0; the largest v so far, which then stands for v:
 *   AMSGrad (Reddi, Kale and Kumar 2018), as PyTorch writes it, the maximum taken before the bias is
 *   corrected
 * @param weightDecay (0) an L2 penalty: the gradient is g + weightDecay · p
 * @param decoupled (false) whether p decays apart from the gradient, by lr · weightDecay of it before the
 *   step: AdamW (Loshchilov and Hutter 2019)
 * @param epsilonInside (false) whether the divisor is √(v̂ + epsilon)
 */
export function adamVariant(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  maximum: usize,
  n: i32,
  lr: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  correction1: f64,
  correction2: f64,
  weightDecay: f64,
  decoupled: bool,
  epsilonInside: bool,
): void {
  const decay: f64 = decoupled ? 0 : weightDecay;
  const keep: f64 = decoupled ? 1 - lr * weightDecay : 1;
  if (maximum == 0 && decay == 0 && !epsilonInside) {
    // prettier-ignore
    adamLoop(p, g, m, v, 0, n, lr, beta1, beta2, epsilon, correction1, correction2, 0, keep, false);
    return;
  }
  adamLoop(
    p,
    g,
    m,
    v,
    maximum,
    n,
    lr,
    beta1,
    beta2,
    epsilon,
    correction1,
    correction2,
    decay,
    keep,
    epsilonInside,
  );
}
