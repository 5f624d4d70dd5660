import { placeOfMax } from "./reduce";
import { bytes } from "./simd";

/**
 * Counts of right answers over a batch, as one float: exact up to 2^24, then the nearest there is.
 * @section Right answers
 * @instruction
 * @param x reads f32[rows, cols]
 * @param labels reads i32[rows]
 * @param t reads f32[rows, cols]
 * @param out writes f32[1]
 * @param rows examples
 * @param cols classes, at least 1
 * @param n elements
 * @param threshold what an x for 1 is above
 * @param ignore label of the rows that do not count
 */

/** Returns whether bits are those of a NaN: the compiler may take x == x for true. */
@inline
function isNaNBits(bits: u32): bool {
  return (bits & 0x7fffffff) > 0x7f800000;
}

/** Returns the place of the first largest of a row, or -1 if one of the row is NaN. */
function argmax(x: usize, cols: i32): i32 {
  const place = placeOfMax(x, cols);
  return isNaNBits(load<u32>(x + bytes(place))) ? -1 : place;
}

/** Counts the rows whose first largest of x is at labels[i]; a row with a NaN is wrong. */
export function countLabels(
  x: usize,
  labels: usize,
  out: usize,
  rows: i32,
  cols: i32,
  ignore: i32,
): void {
  let count = 0;
  for (let i = 0; i < rows; i++, x += bytes(cols)) {
    const label = load<i32>(labels + bytes(i));
    if (label == ignore) continue;
    const place = argmax(x, cols);
    count += i32(place >= 0 && place == label);
  }
  store<f32>(out, <f32>count);
}

/** Counts the rows whose first largest of x is where that of t is; a row with a NaN is wrong. */
export function countArgmax(x: usize, t: usize, out: usize, rows: i32, cols: i32): void {
  let count = 0;
  const stride = bytes(cols);
  for (let i = 0; i < rows; i++, x += stride, t += stride) {
    const place = argmax(x, cols);
    count += i32(place >= 0 && place == argmax(t, cols));
  }
  store<f32>(out, <f32>count);
}

/**
 * Counts the elements with x above the threshold just where t is above one half; an element with a
 * NaN in x or t is wrong.
 * @param x reads f32[n]
 * @param t reads f32[n]
 */
export function countBinary(x: usize, t: usize, out: usize, n: i32, threshold: f32): void {
  let count = 0;
  for (let i: usize = 0; i < bytes(n); i += 4) {
    const agree = load<f32>(x + i) > threshold == load<f32>(t + i) > 0.5;
    const hasNaN = isNaNBits(load<u32>(x + i)) || isNaNBits(load<u32>(t + i));
    count += i32(agree && !hasNaN);
  }
  store<f32>(out, <f32>count);
}
