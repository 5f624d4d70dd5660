import { LANES, VECTOR_BYTES, loadSome, madd, splat, storeSome, wholeBytes } from "../simd";
import { Hyperparameters, average, averageSquare, decayed, flush } from "./common";

/**
 * @section Optimizers
 * @instruction cut along n by 16
 */

/** Numbers of adagrad. */
@unmanaged
export class AdagradHyperparameters extends Hyperparameters {
  epsilon: f64;
  initial: f64;
  /** Divisor of the learning rate. */
  divisor: f64;
  /** Step t, from 1 on, has lr / (1 + (t - 1) · decay). */
  decay: f64;
  /** Steps done. */
  steps: f64;

  /** Learning rate of the step. */
  get rate(): f64 {
    return this.lr / this.divisor;
  }

  /** Counts a step. */
  advance(): void {
    this.divisor = 1 + this.steps * this.decay;
    this.steps += 1;
  }
}


@inline
function adagradLanes(
  p: usize,
  g: usize,
  s: usize,
  rate: v128,
  decay: v128,
  decays: bool,
  epsilon: v128,
  initial: v128,
  count: i32,
): void {
  const pi = loadSome(p, count);
  const gi = decayed(loadSome(g, count), pi, decay, decays);
  const sum = flush(madd(gi, gi, loadSome(s, count)));
  const divisor = f32x4.add(f32x4.sqrt(f32x4.add(sum, initial)), epsilon);
  storeSome(s, sum, count);
  storeSome(p, f32x4.sub(pi, f32x4.div(f32x4.mul(rate, gi), divisor)), count);
}

/**
 * Adagrad (Duchi, Hazan and Singer 2011): s += g²; p -= lr · g / (√(initial + s) + epsilon).
 * @state hyperparameters: AdagradHyperparameters
 * @param rate learning rate of this step
 * @param initial what the sum starts from; s holds what has come on top of it
 */
export function adagrad(
  p: usize,
  g: usize,
  s: usize,
  n: i32,
  rate: f64,
  weightDecay: f64,
  epsilon: f64,
  initial: f64,
): void {
  const r = splat(<f32>rate);
  const decay = splat(<f32>weightDecay);
  const decays = weightDecay != 0;
  const eps = splat(<f32>epsilon);
  const start = splat(<f32>initial);
  const end = wholeBytes(n);
  for (let at: usize = 0; at < end; at += VECTOR_BYTES) {
    adagradLanes(p + at, g + at, s + at, r, decay, decays, eps, start, LANES);
  }
  const rest = n & (LANES - 1);
  if (rest) adagradLanes(p + end, g + end, s + end, r, decay, decays, eps, start, rest);
}

/** Numbers of adadelta. */
@unmanaged
export class AdadeltaHyperparameters extends Hyperparameters {
  rho: f64;
  epsilon: f64;
}


@inline
function adadeltaLanes(
  p: usize,
  g: usize,
  s: usize,
  d: usize,
  rate: v128,
  decay: v128,
  decays: bool,
  b: v128,
  a: v128,
  epsilon: v128,
  count: i32,
): void {
  const pi = loadSome(p, count);
  const gi = decayed(loadSome(g, count), pi, decay, decays);
  const di = loadSome(d, count);
  const si = averageSquare(loadSome(s, count), gi, b, a);
  const root = f32x4.sqrt(f32x4.add(di, epsilon));
  const divisor = f32x4.sqrt(f32x4.add(si, epsilon));
  const step = f32x4.mul(f32x4.div(root, divisor), gi);
  storeSome(s, si, count);
  storeSome(d, averageSquare(di, step, b, a), count);
  storeSome(p, f32x4.sub(pi, f32x4.mul(rate, step)), count);
}

/**
 * Adadelta (Zeiler 2012): s = rho · s + (1 - rho) · g²; step = g · √(d + epsilon) / √(s + epsilon);
 * d = rho · d + (1 - rho) · step²; p -= lr · step.
 * @state hyperparameters: AdadeltaHyperparameters
 * @param rho decay of both averages, in [0, 1)
 */
export function adadelta(
  p: usize,
  g: usize,
  s: usize,
  d: usize,
  n: i32,
  lr: f64,
  weightDecay: f64,
  rho: f64,
  epsilon: f64,
): void {
  const rate = splat(<f32>lr);
  const decay = splat(<f32>weightDecay);
  const decays = weightDecay != 0;
  const b = splat(<f32>rho);
  const a = splat(<f32>(1 - rho));
  const eps = splat(<f32>epsilon);
  const end = wholeBytes(n);
  for (let at: usize = 0; at < end; at += VECTOR_BYTES) {
    adadeltaLanes(p + at, g + at, s + at, d + at, rate, decay, decays, b, a, eps, LANES);
  }
  const rest = n & (LANES - 1);
  if (rest) {
    adadeltaLanes(p + end, g + end, s + end, d + end, rate, decay, decays, b, a, eps, rest);
  }
}

/** Numbers of rmsprop. */
@unmanaged
export class RmspropHyperparameters extends Hyperparameters {
  alpha: f64;
  epsilon: f64;
  mu: f64;
}

/**
 * The moving average of g², or of its distance from the average of g, which is kept at `mean`.
 *
 * The average of squares less the square of the average, s - mean², cancels, and in float32 may
 * come out below 0. This follows that difference itself, which is the same number: with
 * x = g - mean, (s - mean²)' = b · (s - mean²) + a · b · x².
 */
@inline
function spread(s: usize, mean: usize, g: v128, b: v128, a: v128, ab: v128, count: i32): v128 {
  const si = loadSome(s, count);
  if (!mean) return averageSquare(si, g, b, a);
  const mi = loadSome(mean, count);
  storeSome(mean, average(mi, g, b, a), count);
  return averageSquare(si, f32x4.sub(g, mi), b, ab);
}


@inline
function rmspropLanes(
  p: usize,
  g: usize,
  s: usize,
  mean: usize,
  v: usize,
  rate: v128,
  decay: v128,
  decays: bool,
  b: v128,
  a: v128,
  ab: v128,
  epsilon: v128,
  mu: v128,
  count: i32,
): void {
  const pi = loadSome(p, count);
  const gi = decayed(loadSome(g, count), pi, decay, decays);
  const si = spread(s, mean, gi, b, a, ab, count);
  const divisor = f32x4.add(f32x4.sqrt(si), epsilon);
  storeSome(s, si, count);
  if (!v) {
    storeSome(p, f32x4.sub(pi, f32x4.div(f32x4.mul(rate, gi), divisor)), count);
    return;
  }
  const velocity = flush(madd(mu, loadSome(v, count), f32x4.div(gi, divisor)));
  storeSome(v, velocity, count);
  storeSome(p, f32x4.sub(pi, f32x4.mul(rate, velocity)), count);
}

/**
 * RMSprop (Hinton 2012): s = alpha · s + (1 - alpha) · g²; step = g / (√s + epsilon);
 * p -= lr · step.
 * @state hyperparameters: RmspropHyperparameters
 * @param mean updates f32[n]; none if 0; the moving average of g where s is centred on it (Graves
 *   2013)
 * @param v updates f32[n]; none if 0; the velocity where there is momentum: v = mu · v + step and
 *   p -= lr · v
 * @param alpha decay of the averages, in [0, 1)
 * @param mu what is kept of the velocity
 */
export function rmsprop(
  p: usize,
  g: usize,
  s: usize,
  mean: usize,
  v: usize,
  n: i32,
  lr: f64,
  weightDecay: f64,
  alpha: f64,
  epsilon: f64,
  mu: f64,
): void {
  const rate = splat(<f32>lr);
  const decay = splat(<f32>weightDecay);
  const decays = weightDecay != 0;
  const b = splat(<f32>alpha);
  const a = splat(<f32>(1 - alpha));
  const ab = splat(<f32>(alpha * (1 - alpha)));
  const eps = splat(<f32>epsilon);
  const inertia = splat(<f32>mu);
  const whole = p + wholeBytes(n);
  const meanStep = mean ? VECTOR_BYTES : 0;
  const vStep = v ? VECTOR_BYTES : 0;
  for (; p < whole; p += VECTOR_BYTES, g += VECTOR_BYTES, s += VECTOR_BYTES) {
    rmspropLanes(p, g, s, mean, v, rate, decay, decays, b, a, ab, eps, inertia, LANES);
    mean += meanStep;
    v += vStep;
  }
  const rest = n & (LANES - 1);
  if (rest) rmspropLanes(p, g, s, mean, v, rate, decay, decays, b, a, ab, eps, inertia, rest);
}
