import { LANES, VECTOR_BYTES, loadLanes, madd, splat, storeLanes, wholeBytes } from "./simd";

/**
 * Optimizers, one pass over flat blocks of n parameters p, gradients g and moments. Rates come as
 * f64 and are rounded once here: 1 - 0.999 taken in f32 would be wrong in the fifth digit.
 */

/** Subnormal lanes become 0: a moment that decays into them would slow every step that follows. */
@inline
function flush(v: v128): v128 {
  const subnormal = f32x4.lt(f32x4.abs(v), splat(1.17549435e-38));
  return v128.andnot(v, subnormal);
}


@inline
function sgdLanes(p: usize, g: usize, rate: v128, count: i32): void {
  const step = f32x4.mul(rate, loadLanes(g, count));
  storeLanes(p, f32x4.sub(loadLanes(p, count), step), count);
}

/** p -= lr · g. */
export function sgd(p: usize, g: usize, n: i32, lr: f64): void {
  const rate = splat(<f32>lr);
  const end = p + wholeBytes(n);
  for (; p < end; p += VECTOR_BYTES, g += VECTOR_BYTES) sgdLanes(p, g, rate, LANES);
  const rest = n & (LANES - 1);
  if (rest) sgdLanes(p, g, rate, rest);
}


@inline
function momentumLanes(p: usize, g: usize, v: usize, rate: v128, mu: v128, count: i32): void {
  const velocity = flush(madd(mu, loadLanes(v, count), loadLanes(g, count)));
  storeLanes(v, velocity, count);
  storeLanes(p, f32x4.sub(loadLanes(p, count), f32x4.mul(rate, velocity)), count);
}

/** Classical momentum (Polyak 1964) as PyTorch writes it: v = decay · v + g; p -= lr · v. */
export function momentum(p: usize, g: usize, v: usize, n: i32, lr: f64, decay: f64): void {
  const rate = splat(<f32>lr);
  const mu = splat(<f32>decay);
  const end = p + wholeBytes(n);
  for (; p < end; p += VECTOR_BYTES, g += VECTOR_BYTES, v += VECTOR_BYTES) {
    momentumLanes(p, g, v, rate, mu, LANES);
  }
  const rest = n & (LANES - 1);
  if (rest) momentumLanes(p, g, v, rate, mu, rest);
}


@inline
function adamLanes(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  b1: v128,
  a1: v128,
  b2: v128,
  a2: v128,
  rate: v128,
  root: v128,
  epsilon: v128,
  count: i32,
): void {
  const gi = loadLanes(g, count);
  const mi = flush(madd(a1, gi, f32x4.mul(b1, loadLanes(m, count))));
  const vi = flush(madd(f32x4.mul(a2, gi), gi, f32x4.mul(b2, loadLanes(v, count))));
  const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(vi), root), epsilon);
  storeLanes(m, mi, count);
  storeLanes(v, vi, count);
  storeLanes(p, f32x4.sub(loadLanes(p, count), f32x4.div(f32x4.mul(rate, mi), divisor)), count);
}

/**
 * Adam (Kingma and Ba 2015, algorithm 1, epsilon outside the root):
 * m = b1·m + (1 - b1)·g; v = b2·v + (1 - b2)·g²; p -= lr·m̂ / (√v̂ + epsilon).
 * @param correction1 1 - b1^t, the bias of m after step t, counted from 1
 * @param correction2 1 - b2^t, the bias of v
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
  const b1 = splat(<f32>beta1);
  const a1 = splat(<f32>(1 - beta1));
  const b2 = splat(<f32>beta2);
  const a2 = splat(<f32>(1 - beta2));
  const rate = splat(<f32>(lr / correction1));
  const root = splat(<f32>(1 / sqrt<f64>(correction2)));
  const eps = splat(<f32>epsilon);
  const end = p + wholeBytes(n);
  while (p < end) {
    adamLanes(p, g, m, v, b1, a1, b2, a2, rate, root, eps, LANES);
    p += VECTOR_BYTES;
    g += VECTOR_BYTES;
    m += VECTOR_BYTES;
    v += VECTOR_BYTES;
  }
  const rest = n & (LANES - 1);
  if (rest) adamLanes(p, g, m, v, b1, a1, b2, a2, rate, root, eps, rest);
}
