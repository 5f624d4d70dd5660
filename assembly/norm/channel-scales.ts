import { LANES, VECTOR_BYTES, bytes, loadSome, storeSome, wholeBytes } from "../simd";
import { doubles } from "../float64";
import { hatLanes } from "./weight-gradients";

/** Normalisation of channels by their means and variances, which kernel and instruction share. */

/** Element j of the mean or the variance. */
@inline
export function momentAt(moments: usize, j: i32, wide: bool): f64 {
  return wide ? load<f64>(moments + doubles(j)) : <f64>load<f32>(moments + bytes(j));
}

/** 1 / √(variance[j] + epsilon). */
@inline
export function channelScale(variance: usize, j: i32, wide: bool, epsilon: f32): f64 {
  return 1 / sqrt<f64>(momentAt(variance, j, wide) + <f64>epsilon);
}

/**
 * Writes what makes y of x: rows of cols rounded means, scales = weight / √(variance + epsilon), and
 * shifts that add the bias and what the rounding took off the mean. Weight, bias and mean may be 0 for none.
 */
export function channelScales(
  mean: usize,
  variance: usize,
  wide: bool,
  weight: usize,
  bias: usize,
  scales: usize,
  cols: i32,
  epsilon: f32,
): void {
  for (let j = 0; j < cols; j++) {
    const at = scales + bytes(j);
    const w = weight ? <f64>load<f32>(weight + bytes(j)) : 1;
    const b = bias ? <f64>load<f32>(bias + bytes(j)) : 0;
    const m = mean ? momentAt(mean, j, wide) : 0;
    const scale = w * channelScale(variance, j, wide, epsilon);
    store<f32>(at, <f32>m);
    store<f32>(at + bytes(cols), <f32>scale);
    store<f32>(at + 2 * bytes(cols), <f32>((<f64>(<f32>m) - m) * scale + b));
  }
}


@inline
function normLanes(x: usize, scales: usize, size: usize, y: usize, count: i32): void {
  const scale = loadSome(scales + size, count);
  const shift = loadSome(scales + 2 * size, count);
  storeSome(y, hatLanes(x, loadSome(scales, count), scale, shift, count), count);
}

/** Writes y of rows that are `step` bytes apart, with what channelScales has written. */
export function normRows(
  x: usize,
  scales: usize,
  y: usize,
  rows: i32,
  cols: i32,
  step: usize,
): void {
  const size = bytes(cols);
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  for (let i = 0; i < rows; i++, x += step, y += step) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      normLanes(x + at, scales + at, size, y + at, LANES);
    }
    if (rest) normLanes(x + whole, scales + whole, size, y + whole, rest);
  }
}
