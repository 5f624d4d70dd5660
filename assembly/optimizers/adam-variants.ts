import { LANES, VECTOR_BYTES, loadSome, madd, splat, storeSome, wholeBytes } from "../simd";
import { AdamHyperparameters, AdamMoments } from "./adam";
import { Hyperparameters, average, averageSquare, decayed, flush, flushTiny } from "./common";

/**
 * @section Optimizers
 * @instruction cut along n by 16
 */

/** Optimizers that follow from Adam: they keep its moments and step otherwise. */

@inline
function adamaxLanes(
  p: usize,
  g: usize,
  m: usize,
  u: usize,
  rate: v128,
  decay: v128,
  decays: bool,
  b1: v128,
  a1: v128,
  b2: v128,
  epsilon: v128,
  count: i32,
): void {
  const pi = loadSome(p, count);
  const gi = decayed(loadSome(g, count), pi, decay, decays);
  const mi = average(loadSome(m, count), gi, b1, a1);
  const size = f32x4.add(f32x4.abs(gi), epsilon);
  const ui = flush(f32x4.pmax(size, f32x4.mul(b2, loadSome(u, count))));
  storeSome(m, mi, count);
  storeSome(u, ui, count);
  storeSome(p, f32x4.sub(pi, f32x4.div(f32x4.mul(rate, mi), ui)), count);
}

/**
 * Adamax (Kingma and Ba 2015, algorithm 2), with PyTorch's epsilon: m as Adam's;
 * u = max(b2·u, |g| + epsilon); p -= lr·m̂ / u.
 * @state hyperparameters: AdamHyperparameters
 */
export function adamax(
  p: usize,
  g: usize,
  m: usize,
  u: usize,
  n: i32,
  lr: f64,
  weightDecay: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  correction1: f64,
): void {
  const rate = splat(<f32>(lr / correction1));
  const decay = splat(<f32>weightDecay);
  const decays = weightDecay != 0;
  const b1 = splat(<f32>beta1);
  const a1 = splat(<f32>(1 - beta1));
  const b2 = splat(<f32>beta2);
  const eps = splat(<f32>epsilon);
  const end = wholeBytes(n);
  for (let at: usize = 0; at < end; at += VECTOR_BYTES) {
    adamaxLanes(p + at, g + at, m + at, u + at, rate, decay, decays, b1, a1, b2, eps, LANES);
  }
  const rest = n & (LANES - 1);
  if (rest) {
    adamaxLanes(p + end, g + end, m + end, u + end, rate, decay, decays, b1, a1, b2, eps, rest);
  }
}

/** Numbers of NAdam. */
@unmanaged
export class NadamHyperparameters extends Hyperparameters {
  beta1: f64;
  beta2: f64;
  epsilon: f64;
  ofM: f64;
  ofG: f64;
  correction2: f64;
  /** beta2^t, 1 at the start. */
  power2: f64;
  /** decay^t, 1 at the start. */
  decayPower: f64;
  /** Product of mu over the steps so far, 1 at the start. */
  product: f64;
  decay: f64;
  /** 1 where this step's mu counts twice in m's weight, or 0. */
  repeats: f64;

  /** Goes on to the next mu_t = beta1 · (1 - decay^t / 2), and to the weights that follow from it. */
  advance(): void {
    const beta1 = this.beta1;
    const power = flushTiny(this.decayPower * this.decay);
    const mu = beta1 * (1 - 0.5 * power);
    const next = beta1 * (1 - 0.5 * power * this.decay);
    const product = flushTiny(this.product * mu);
    const again = this.repeats != 0 ? mu : 1;
    this.ofM = next / (1 - product * again * next);
    this.ofG = (1 - mu) / (1 - product);
    this.power2 = flushTiny(this.power2 * this.beta2);
    this.correction2 = 1 - this.power2;
    this.decayPower = power;
    this.product = product;
  }
}


@inline
function nadamLanes(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  decay: v128,
  decays: bool,
  b1: v128,
  a1: v128,
  b2: v128,
  a2: v128,
  ofM: v128,
  ofG: v128,
  root: v128,
  epsilon: v128,
  count: i32,
): void {
  const pi = loadSome(p, count);
  const gi = decayed(loadSome(g, count), pi, decay, decays);
  const mi = average(loadSome(m, count), gi, b1, a1);
  const vi = averageSquare(loadSome(v, count), gi, b2, a2);
  const ahead = madd(ofM, mi, f32x4.mul(ofG, gi));
  const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(vi), root), epsilon);
  storeSome(m, mi, count);
  storeSome(v, vi, count);
  storeSome(p, f32x4.sub(pi, f32x4.div(ahead, divisor)), count);
}

/**
 * NAdam (Dozat 2016), with m and v as Adam's: p -= lr·(ofM·m + ofG·g) / (√v̂ + epsilon).
 * @state hyperparameters: NadamHyperparameters
 * @param ofM mu_(t+1) / (1 - mu_1·…·mu_(t+1)), for Nesterov's look at the next step's momentum
 * @param ofG (1 - mu_t) / (1 - mu_1·…·mu_t)
 */
export function nadam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  n: i32,
  lr: f64,
  weightDecay: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  ofM: f64,
  ofG: f64,
  correction2: f64,
): void {
  const l2 = splat(<f32>weightDecay);
  const decays = weightDecay != 0;
  const b1 = splat(<f32>beta1);
  const a1 = splat(<f32>(1 - beta1));
  const b2 = splat(<f32>beta2);
  const a2 = splat(<f32>(1 - beta2));
  const rm = splat(<f32>(lr * ofM));
  const rg = splat(<f32>(lr * ofG));
  const root = splat(<f32>(1 / sqrt<f64>(correction2)));
  const eps = splat(<f32>epsilon);
  const end = p + wholeBytes(n);
  while (p < end) {
    nadamLanes(p, g, m, v, l2, decays, b1, a1, b2, a2, rm, rg, root, eps, LANES);
    p += VECTOR_BYTES;
    g += VECTOR_BYTES;
    m += VECTOR_BYTES;
    v += VECTOR_BYTES;
  }
  const rest = n & (LANES - 1);
  if (rest) nadamLanes(p, g, m, v, l2, decays, b1, a1, b2, a2, rm, rg, root, eps, rest);
}

/** Numbers of RAdam. */
@unmanaged
export class RadamHyperparameters extends AdamMoments {
  /** Steps done. */
  steps: f64;
  rectification: f64;

  /** Counts a step, and rectifies the variance. */
  advance(): void {
    this.countPowers();
    const t = this.steps + 1;
    // The longest that the moving average of squares can be, and how long it is after t steps.
    const longest = 2 / (1 - this.beta2) - 1;
    const length = longest - (2 * t * this.power2) / this.correction2;
    const over = (length - 4) * (length - 2) * longest;
    const ratio = over / ((longest - 4) * (longest - 2) * length);
    this.steps = t;
    this.rectification = length > 5 ? sqrt<f64>(ratio) : 0;
  }
}


@inline
function radamLanes(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  rate: v128,
  rectified: bool,
  decay: v128,
  decays: bool,
  b1: v128,
  a1: v128,
  b2: v128,
  a2: v128,
  epsilon: v128,
  count: i32,
): void {
  const pi = loadSome(p, count);
  const gi = decayed(loadSome(g, count), pi, decay, decays);
  const mi = average(loadSome(m, count), gi, b1, a1);
  const vi = averageSquare(loadSome(v, count), gi, b2, a2);
  let step = f32x4.mul(rate, mi);
  if (rectified) step = f32x4.div(step, f32x4.add(f32x4.sqrt(vi), epsilon));
  storeSome(m, mi, count);
  storeSome(v, vi, count);
  storeSome(p, f32x4.sub(pi, step), count);
}

/**
 * RAdam (Liu et al. 2020), with m and v as Adam's: p -= lr·m̂·r·√correction2 / (√v + epsilon), or
 * p -= lr·m̂ where r is 0, as long as v comes from too few steps.
 * @state hyperparameters: RadamHyperparameters
 * @param rectification the rectification r of the variance
 */
export function radam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  n: i32,
  lr: f64,
  weightDecay: f64,
  beta1: f64,
  beta2: f64,
  epsilon: f64,
  correction1: f64,
  correction2: f64,
  rectification: f64,
): void {
  const rectified = rectification > 0;
  const factor = rectified ? rectification * sqrt<f64>(correction2) : 1;
  const rate = splat(<f32>((lr / correction1) * factor));
  const l2 = splat(<f32>weightDecay);
  const decays = weightDecay != 0;
  const b1 = splat(<f32>beta1);
  const a1 = splat(<f32>(1 - beta1));
  const b2 = splat(<f32>beta2);
  const a2 = splat(<f32>(1 - beta2));
  const eps = splat(<f32>epsilon);
  const end = p + wholeBytes(n);
  while (p < end) {
    radamLanes(p, g, m, v, rate, rectified, l2, decays, b1, a1, b2, a2, eps, LANES);
    p += VECTOR_BYTES;
    g += VECTOR_BYTES;
    m += VECTOR_BYTES;
    v += VECTOR_BYTES;
  }
  const rest = n & (LANES - 1);
  if (rest) radamLanes(p, g, m, v, rate, rectified, l2, decays, b1, a1, b2, a2, eps, rest);
}
