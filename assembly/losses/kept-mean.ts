import { fillRow } from "../loops/rows";
import { LANES, VECTOR_BYTES, bytes, wholeBytes } from "../simd";
import { sumRow } from "../sums";

/**
 * The mean of losses against class indices over the rows that count, weighted by their classes, as in
 * PyTorch: y = Σ loss / Σ weight, and 0 where the weights add up to 0. weight is weights[label], or 1, and 0
 * where a row does not count.
 * @section Means over labels
 * @instruction
 * @param loss reads f32[n]
 * @param labels reads i32[n], each below cols
 * @param weights reads f32[cols], those of the classes; none if 0
 * @param y writes f32[1]
 * @param scale writes f32[1], 1 / Σ weight
 * @gradient scale reads f32[1]
 * @param dy reads f32[1]
 * @param dloss writes f32[n]
 * @param n rows, at least 1
 * @param cols classes
 * @param ignore label of the rows that do not count
 */

/** The number of labels that count. */
@inline
function countKept(labels: usize, n: i32, ignore: i32): i32 {
  const end = labels + wholeBytes(n);
  let kept = n;
  for (; labels < end; labels += VECTOR_BYTES) {
    kept -= popcnt(i32x4.bitmask(i32x4.eq(v128.load(labels), i32x4.splat(ignore))));
  }
  for (let i = n & (LANES - 1); i > 0; i--, labels += 4) kept -= i32(load<i32>(labels) == ignore);
  return kept;
}

/** Σ weights[label] of the labels that count and are classes, in order, in float64. */
@inline
function sumWeights(labels: usize, weights: usize, n: i32, cols: i32, ignore: i32): f64 {
  let total: f64 = 0;
  for (let i = 0; i < n; i++) {
    const label = load<i32>(labels + bytes(i));
    if (label != ignore && <u32>label < <u32>cols) {
      total += <f64>load<f32>(weights + bytes(label));
    }
  }
  return total;
}

/** y = Σ loss / Σ weight, in the order of a sum (sums.ts). */
export function keptMean(
  loss: usize,
  labels: usize,
  weights: usize,
  y: usize,
  scale: usize,
  n: i32,
  cols: i32,
  ignore: i32,
): void {
  const total = weights
    ? sumWeights(labels, weights, n, cols, ignore)
    : <f64>countKept(labels, n, ignore);
  const factor: f32 = total == 0 && n > 0 ? 0 : <f32>(1 / total);
  store<f32>(scale, factor);
  store<f32>(y, sumRow(loss, n, factor));
}

/** dloss[i] = dy · scale. */
export function keptMeanGrad(dy: usize, scale: usize, dloss: usize, n: i32): void {
  fillRow(dloss, n, load<f32>(dy) * load<f32>(scale));
}
