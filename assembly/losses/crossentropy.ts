import { saxpy } from "../accumulate";
import { log } from "../math";
import { fillRow, rowMax } from "../loops/rows";
import {
  LANES,
  VECTOR_BYTES,
  bytes,
  keepLanes,
  loadLanes,
  splat,
  storeLanes,
  wholeBytes,
} from "../simd";
import { softmaxRow } from "../softmax";
import { foldRow, sumRow } from "../sums";

/**
 * Softmax and cross-entropy in one, a loss for each row of logits x (rows x cols, cols >= 1). The
 * forward pass leaves softmax(x) in `probabilities`, which is all that the gradient needs.
 * @section Cross-entropy
 * @instruction cut along rows
 * @param x reads f32[rows, cols]
 * @param labels reads i32[rows], each below cols; one that is no class gives NaN
 * @param weights reads f32[cols], those of the classes; none if 0
 * @param t reads f32[rows, cols]
 * @param probabilities writes f32[rows, cols]
 * @gradient probabilities reads f32[rows, cols]
 * @param loss writes f32[rows]
 * @param dloss reads f32[rows]
 * @param dx writes f32[rows, cols]; may be probabilities
 * @param rows examples
 * @param cols classes, at least 1
 * @param smoothing in [0, 1], 0 for none
 * @param ignore label of the rows that do not count, which may be a class or none
 */

/** Label of the rows that do not count unless the caller chooses another, as in PyTorch. */
@inline
const IGNORE: i32 = -100;

/** ln of one number, by the vector code. */
@inline
function logOf(x: f32): f32 {
  return f32x4.extract_lane(log(splat(x)), 0);
}

/** x[j] - max. */
@unmanaged
class Excess {

  @inline
  add(sum: v128, x: usize, _y: usize, max: v128, count: i32): v128 {
    return f32x4.add(sum, keepLanes(f32x4.sub(loadLanes(x, count), max), count));
  }
}

/** Σ_j (x[j] - max) of a row. */
@inline
function rowExcess(x: usize, cols: i32, max: f32): f32 {
  return foldRow<Excess>(x, x, cols, splat(max), 1);
}

/** The class index of row i, or -1 if there is no such class: it must not lead out of the row. */
@inline
function labelAt(labels: usize, i: i32, cols: i32): i32 {
  const label = load<i32>(labels + bytes(i));
  return <u32>label < <u32>cols ? label : -1;
}

/** Σ_j t[j] (ln Σ_l e^x[l] - x[j]) of a row; where t is 0 nothing is added. */
@inline
function rowCrossEntropy(x: usize, t: usize, cols: i32, max: f32, logSum: f32): f64 {
  let total: f64 = 0;
  for (let j: usize = 0; j < bytes(cols); j += 4) {
    const weight = load<f32>(t + j);
    if (weight != 0) total += <f64>(weight * (logSum - (load<f32>(x + j) - max)));
  }
  return total;
}

/**
 * Against class indices. Class j has the target t[i, j] = weights[j] ((1 - smoothing) [j = labels[i]]
 * + smoothing / cols), and loss[i] = Σ_j t[i, j] (ln Σ_l e^x[i, l] - x[i, j]), as in PyTorch. Of rows
 * that do not count, loss and probabilities are 0. The loss of a label outside of [0, cols), and its
 * gradient in the first column, are NaN.
 */
export function crossEntropySmoothed(
  x: usize,
  labels: usize,
  weights: usize,
  probabilities: usize,
  loss: usize,
  rows: i32,
  cols: i32,
  smoothing: f32,
  ignore: i32,
): void {
  const stride = bytes(cols);
  const share = smoothing / <f32>cols;
  for (let i = 0; i < rows; i++, x += stride, probabilities += stride) {
    if (load<i32>(labels + bytes(i)) == ignore) {
      fillRow(probabilities, cols, 0);
      store<f32>(loss + bytes(i), 0);
      continue;
    }
    const max = rowMax(x, cols);
    const logSum = logOf(softmaxRow(x, probabilities, cols, max));
    const label = labelAt(labels, i, cols);
    let target: f32 = label < 0 ? NaN : load<f32>(x + bytes(label)) - max;
    let value = logSum - target;
    if (weights) {
      value *= (1 - smoothing) * load<f32>(weights + bytes(label < 0 ? 0 : label));
      if (smoothing != 0) {
        value += <f32>(<f64>share * rowCrossEntropy(x, weights, cols, max, logSum));
      }
    } else if (smoothing != 0) {
      // Not where it is 0: 0 · -∞ of a masked class would be NaN.
      target = (1 - smoothing) * target + share * rowExcess(x, cols, max);
      value = logSum - target;
    }
    store<f32>(loss + bytes(i), value);
  }
}


@inline
function smoothedLanes(p: usize, dx: usize, share: v128, g: v128, count: i32): void {
  storeLanes(dx, f32x4.mul(f32x4.sub(loadLanes(p, count), share), g), count);
}

/**
 * dx[i, j] = (probabilities[i, j] · Σ_l t[i, l] - t[i, j]) · dloss[i] for the targets t of
 * crossEntropySmoothed; 0 in rows that do not count.
 */
export function crossEntropySmoothedGrad(
  probabilities: usize,
  labels: usize,
  weights: usize,
  dloss: usize,
  dx: usize,
  rows: i32,
  cols: i32,
  smoothing: f32,
  ignore: i32,
): void {
  const rest = cols & (LANES - 1);
  const skip = bytes(rest);
  const even = smoothing / <f32>cols;
  // With weights each class takes off another share, which follows.
  const common: f32 = weights ? 0 : even;
  const all: f32 = weights ? even * sumRow(weights, cols, 1) : 0;
  const first = dx;
  for (let i = 0; i < rows; i++, probabilities += skip, dx += skip) {
    const counts = load<i32>(labels + bytes(i)) != ignore;
    const slope: f32 = counts ? load<f32>(dloss + bytes(i)) : 0;
    const share: f32 = counts ? common : 0;
    const label = labelAt(labels, i, cols);
    const own = bytes(max(label, 0));
    let hit: f32 = 1 - smoothing;
    let g = slope;
    let mass: f32 = 1;
    if (weights) {
      hit *= load<f32>(weights + own);
      mass = hit + all;
      g *= mass;
    }
    const target = (load<f32>(probabilities + own) * mass - share - hit) * slope;
    const at = dx + own;
    const end = probabilities + wholeBytes(cols);
    for (; probabilities < end; probabilities += VECTOR_BYTES, dx += VECTOR_BYTES) {
      smoothedLanes(probabilities, dx, splat(share), splat(g), LANES);
    }
    if (rest) smoothedLanes(probabilities, dx, splat(share), splat(g), rest);
    if (counts) store<f32>(at, label < 0 ? NaN : target);
  }
  if (!weights || smoothing == 0) return;
  dx = first;
  for (let i = 0; i < rows; i++, dx += bytes(cols)) {
    const counts = load<i32>(labels + bytes(i)) != ignore;
    if (counts) saxpy(cols, -even * load<f32>(dloss + bytes(i)), weights, dx);
  }
}

/**
 * Against class indices: loss[i] = ln Σ_j e^x[i, j] - x[i, labels[i]], and 0 where the label is -100.
 * @kernel
 */
export function crossEntropy(
  x: usize,
  labels: usize,
  probabilities: usize,
  loss: usize,
  rows: i32,
  cols: i32,
): void {
  crossEntropySmoothed(x, labels, 0, probabilities, loss, rows, cols, 0, IGNORE);
}

/**
 * dx[i, j] = (probabilities[i, j] - [j = labels[i]]) · dloss[i], and 0 where the label is -100.
 * @kernel
 */
export function crossEntropyGrad(
  probabilities: usize,
  labels: usize,
  dloss: usize,
  dx: usize,
  rows: i32,
  cols: i32,
): void {
  crossEntropySmoothedGrad(probabilities, labels, 0, dloss, dx, rows, cols, 0, IGNORE);
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
  const stride = bytes(cols);
  for (let i = 0; i < rows; i++, x += stride, t += stride, probabilities += stride) {
    const max = rowMax(x, cols);
    const logSum = logOf(softmaxRow(x, probabilities, cols, max));
    store<f32>(loss + bytes(i), <f32>rowCrossEntropy(x, t, cols, max, logSum));
  }
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
  const skip = bytes(rest);
  for (let i = 0; i < rows; i++, probabilities += skip, t += skip, dx += skip) {
    const g = splat(load<f32>(dloss + bytes(i)));
    const mass = splat(sumRow(t, cols, 1));
    const end = t + wholeBytes(cols);
    for (; t < end; t += VECTOR_BYTES, probabilities += VECTOR_BYTES, dx += VECTOR_BYTES) {
      gradientLanes(probabilities, t, dx, mass, g, LANES);
    }
    if (rest) gradientLanes(probabilities, t, dx, mass, g, rest);
  }
}

/**
 * Negative log-likelihood of class indices under log-probabilities x: loss[i] = -x[i, labels[i]].
 */
export function nll(x: usize, labels: usize, loss: usize, rows: i32, cols: i32): void {
  for (let i = 0; i < rows; i++, x += (<usize>cols) << 2) {
    const label = labelAt(labels, i, cols);
    const value: f32 = label < 0 ? NaN : -load<f32>(x + ((<usize>label) << 2));
    store<f32>(loss + ((<usize>i) << 2), value);
  }
}

/** dx[i, j] = -[j = labels[i]] · dloss[i]. */
export function nllGrad(labels: usize, dloss: usize, dx: usize, rows: i32, cols: i32): void {
  fillRow(dx, rows * cols, 0);
  for (let i = 0; i < rows; i++, dx += bytes(cols)) {
    const label = labelAt(labels, i, cols);
    const value: f32 = label < 0 ? NaN : -load<f32>(dloss + bytes(i));
    store<f32>(dx + bytes(max(label, 0)), value);
  }
}
