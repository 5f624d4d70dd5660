import { bytes } from "./simd";

/**
 * Counts of right answers over a batch, as one float.
 * @param x reads f32[rows, cols]
 * @param labels reads i32[rows]
 * @param t reads f32[rows, cols]
 * @param out writes f32[1]
 * @param rows examples
 * @param cols classes, at least 1
 * @param n elements
 * @param threshold what an x for 1 is above
 */

/** The place of the first largest of a row. */
function argmax(x: usize, cols: i32): i32 {
  let best = 0;
  let most = load<f32>(x);
  for (let j = 1; j < cols; j++) {
    const value = load<f32>(x + bytes(j));
    if (value > most) {
      most = value;
      best = j;
    }
  }
  return best;
}

/** Rows whose (first) largest of x is at labels[i]. */
export function countLabels(x: usize, labels: usize, out: usize, rows: i32, cols: i32): void {
  let count = 0;
  for (let i = 0; i < rows; i++, x += bytes(cols)) {
    count += i32(argmax(x, cols) == load<i32>(labels + bytes(i)));
  }
  store<f32>(out, <f32>count);
}

/** Rows whose largest of x is where the largest of t is. */
export function countArgmax(x: usize, t: usize, out: usize, rows: i32, cols: i32): void {
  let count = 0;
  const stride = bytes(cols);
  for (let i = 0; i < rows; i++, x += stride, t += stride) {
    count += i32(argmax(x, cols) == argmax(t, cols));
  }
  store<f32>(out, <f32>count);
}

/**
 * Elements with x above the threshold just where t is above one half.
 * @param x reads f32[n]
 * @param t reads f32[n]
 */
export function countBinary(x: usize, t: usize, out: usize, n: i32, threshold: f32): void {
  let count = 0;
  for (let i: usize = 0; i < bytes(n); i += 4) {
    count += i32(load<f32>(x + i) > threshold == load<f32>(t + i) > 0.5);
  }
  store<f32>(out, <f32>count);
}
