import { log } from "./math";
import { scaleRow } from "./rows";
import { LANES, VECTOR_BYTES, hsum, loadLanes, splat, storeLanes, wholeBytes } from "./simd";
import { rowMax, softmaxRow } from "./softmax";

/**
 * Softmax and cross-entropy in one, a loss for each row of logits x (rows x cols, cols >= 1). The
 * forward pass leaves softmax(x) in `probabilities`, which is all that the gradient needs.
 */

/** ln of one number, by the vector code. */
@inline
function logOf(x: f32): f32 {
  return f32x4.extract_lane(log(splat(x)), 0);
}

/**
 * Against class indices: loss[i] = ln Σ_j e^x[i, j] - x[i, labels[i]].
 * labels are int32 in [0, cols); the caller has checked them.
 */
export function crossEntropy(
  x: usize,
  labels: usize,
  probabilities: usize,
  loss: usize,
  rows: i32,
  cols: i32,
): void {
  const stride = (<usize>cols) << 2;
  for (let i = 0; i < rows; i++, x += stride, probabilities += stride) {
    const max = rowMax(x, cols);
    const sum = softmaxRow(x, probabilities, cols, max);
    const label = load<u32>(labels + ((<usize>i) << 2));
    const shifted = load<f32>(x + ((<usize>label) << 2)) - max;
    store<f32>(loss + ((<usize>i) << 2), logOf(sum) - shifted);
  }
}

/** dx[i, j] = (probabilities[i, j] - [j = labels[i]]) · dloss[i]. */
export function crossEntropyGrad(
  probabilities: usize,
  labels: usize,
  dloss: usize,
  dx: usize,
  rows: i32,
  cols: i32,
): void {
  const stride = (<usize>cols) << 2;
  for (let i = 0; i < rows; i++, probabilities += stride, dx += stride) {
    const g = load<f32>(dloss + ((<usize>i) << 2));
    const label = (<usize>load<u32>(labels + ((<usize>i) << 2))) << 2;
    const target = (load<f32>(probabilities + label) - 1) * g;
    scaleRow(probabilities, dx, cols, g);
    store<f32>(dx + label, target);
  }
}

/**
 * Against target probabilities t (rows x cols, one-hot rows among them):
 * loss[i] = Σ_j t[i, j] (ln Σ_l e^x[i, l] - x[i, j]); where t is 0 nothing is added.
 */
export function crossEntropyProbabilities(
  x: usize,
  t: usize,
  probabilities: usize,
  loss: usize,
  rows: i32,
  cols: i32,
): void {
  const stride = (<usize>cols) << 2;
  for (let i = 0; i < rows; i++, x += stride, t += stride, probabilities += stride) {
    const max = rowMax(x, cols);
    const logSum = logOf(softmaxRow(x, probabilities, cols, max));
    let total: f32 = 0;
    for (let j: usize = 0; j < stride; j += 4) {
      const weight = load<f32>(t + j);
      if (weight != 0) total += weight * (logSum - (load<f32>(x + j) - max));
    }
    store<f32>(loss + ((<usize>i) << 2), total);
  }
}

/** Σ_j t[j] of a row. */
function rowSum(t: usize, cols: i32): f32 {
  let sum = splat(0);
  const end = t + wholeBytes(cols);
  for (; t < end; t += VECTOR_BYTES) sum = f32x4.add(sum, v128.load(t));
  const rest = cols & (LANES - 1);
  if (rest) sum = f32x4.add(sum, loadLanes(t, rest));
  return hsum(sum);
}


@inline
function gradientLanes(p: usize, t: usize, dx: usize, mass: v128, g: v128, count: i32): void {
  const v = f32x4.sub(f32x4.mul(loadLanes(p, count), mass), loadLanes(t, count));
  storeLanes(dx, f32x4.mul(v, g), count);
}

/** dx[i, j] = (probabilities[i, j] · Σ_l t[i, l] - t[i, j]) · dloss[i]. */
export function crossEntropyProbabilitiesGrad(
  probabilities: usize,
  t: usize,
  dloss: usize,
  dx: usize,
  rows: i32,
  cols: i32,
): void {
  const rest = cols & (LANES - 1);
  const skip = (<usize>rest) << 2;
  for (let i = 0; i < rows; i++, probabilities += skip, t += skip, dx += skip) {
    const g = splat(load<f32>(dloss + ((<usize>i) << 2)));
    const mass = splat(rowSum(t, cols));
    const end = t + wholeBytes(cols);
    for (; t < end; t += VECTOR_BYTES, probabilities += VECTOR_BYTES, dx += VECTOR_BYTES) {
      gradientLanes(probabilities, t, dx, mass, g, LANES);
    }
    if (rest) gradientLanes(probabilities, t, dx, mass, g, rest);
  }
}
