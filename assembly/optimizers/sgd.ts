import { LANES, VECTOR_BYTES, loadSome, madd, splat, storeSome, wholeBytes } from "../simd";
import { Hyperparameters, decayed, flush, flushTiny } from "./common";

/**
 * @section Optimizers
 * @instruction cut along n by 16
 */

@inline
function sgdLanes(p: usize, g: usize, rate: v128, decay: v128, decays: bool, count: i32): void {
  const pi = loadSome(p, count);
  const gi = decayed(loadSome(g, count), pi, decay, decays);
  storeSome(p, f32x4.sub(pi, f32x4.mul(rate, gi)), count);
}

/** Inlined twice, so that a loop without decay does not ask for it. */
@inline
function sgdLoop(p: usize, g: usize, n: i32, rate: v128, decay: v128, decays: bool): void {
  const end = p + wholeBytes(n);
  for (; p < end; p += VECTOR_BYTES, g += VECTOR_BYTES) {
    sgdLanes(p, g, rate, decay, decays, LANES);
  }
  const rest = n & (LANES - 1);
  if (rest) sgdLanes(p, g, rate, decay, decays, rest);
}

/**
 * p -= lr · (g + weightDecay · p).
 * @state hyperparameters: Hyperparameters
 */
export function sgd(p: usize, g: usize, n: i32, lr: f64, weightDecay: f64): void {
  const rate = splat(<f32>lr);
  const decay = splat(<f32>weightDecay);
  if (weightDecay != 0) sgdLoop(p, g, n, rate, decay, true);
  else sgdLoop(p, g, n, rate, decay, false);
}

/** Numbers of momentum. */
@unmanaged
export class MomentumHyperparameters extends Hyperparameters {
  mu: f64;
  /** Gain of this step. */
  gain: f64;
  /** 1 - the bias that is left after this step, which divides the learning rate. */
  correction: f64;
  /** Gain of the next step. */
  nextGain: f64;
  /** Gain of those after it. */
  lastGain: f64;
  /** Rest of the velocity's bias, 1 at the start. */
  bias: f64;
  /** Factor of the bias in a step. */
  shrink: f64;

  /** Learning rate of the step. */
  get rate(): f64 {
    return this.lr / this.correction;
  }

  /** Goes on to the next gain and the next bias. */
  advance(): void {
    this.gain = this.nextGain;
    this.nextGain = this.lastGain;
    const bias = flushTiny(this.bias * this.shrink);
    this.correction = 1 - bias;
    this.bias = bias;
  }
}


@inline
function momentumLanes(
  p: usize,
  g: usize,
  v: usize,
  rate: v128,
  decay: v128,
  decays: bool,
  mu: v128,
  gain: v128,
  nesterov: bool,
  count: i32,
): void {
  const pi = loadSome(p, count);
  const gi = decayed(loadSome(g, count), pi, decay, decays);
  const velocity = flush(madd(mu, loadSome(v, count), f32x4.mul(gain, gi)));
  const step = nesterov ? madd(mu, velocity, gi) : velocity;
  storeSome(v, velocity, count);
  storeSome(p, f32x4.sub(pi, f32x4.mul(rate, step)), count);
}

/** Inlined for each form, so that its loop asks for nothing. */
@inline
function momentumLoop(
  p: usize,
  g: usize,
  v: usize,
  n: i32,
  rate: v128,
  decay: v128,
  decays: bool,
  mu: v128,
  gain: v128,
  nesterov: bool,
): void {
  const end = p + wholeBytes(n);
  for (; p < end; p += VECTOR_BYTES, g += VECTOR_BYTES, v += VECTOR_BYTES) {
    momentumLanes(p, g, v, rate, decay, decays, mu, gain, nesterov, LANES);
  }
  const rest = n & (LANES - 1);
  if (rest) momentumLanes(p, g, v, rate, decay, decays, mu, gain, nesterov, rest);
}

/**
 * Momentum as PyTorch writes it: d = g + weightDecay · p; v = mu · v + gain · d; p -= lr · v, or
 * with Nesterov's lookahead p -= lr · (d + mu · v).
 * @state hyperparameters: MomentumHyperparameters
 * @param rate learning rate of this step
 * @param v updates f32[n]; the velocity
 * @param mu what is kept of the velocity
 * @param gain 1 for the classical form (Polyak 1964), 1 - mu for a moving average
 * @param nesterov whether to look ahead
 */
export function momentum(
  p: usize,
  g: usize,
  v: usize,
  n: i32,
  rate: f64,
  weightDecay: f64,
  mu: f64,
  gain: f64,
  nesterov: bool,
): void {
  const r = splat(<f32>rate);
  const decay = splat(<f32>weightDecay);
  const b = splat(<f32>mu);
  const a = splat(<f32>gain);
  if (weightDecay == 0 && !nesterov) {
    momentumLoop(p, g, v, n, r, decay, false, b, a, false);
  } else {
    momentumLoop(p, g, v, n, r, decay, weightDecay != 0, b, a, nesterov);
  }
}
