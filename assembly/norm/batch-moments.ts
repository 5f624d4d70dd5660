import { LANES, VECTOR_BYTES, bytes, loadSome, wholeBytes } from "../simd";
import { addSums, addToSums, doubles, highPair, loadPair, lowPair } from "../float64";

/**
 * @section Normalisation over a batch
 * @instruction cut along cols by 16
 */

@inline
function squareLanes(x: usize, means: usize, sums: usize, at: usize, count: i32): void {
  const v = loadSome(x + at, count);
  const mean = means + 2 * at;
  const low = f64x2.sub(lowPair(v), loadPair(mean, count));
  const high = count > 2 ? f64x2.sub(highPair(v), loadPair(mean + 16, count - 2)) : low;
  addToSums(sums + 2 * at, f64x2.mul(low, low), f64x2.mul(high, high), count);
}

/** sums[j] += (x[j] - means[j])². */
function addSquares(x: usize, means: usize, sums: usize, cols: i32): void {
  const whole = wholeBytes(cols);
  for (let at: usize = 0; at < whole; at += VECTOR_BYTES) squareLanes(x, means, sums, at, LANES);
  const rest = cols & (LANES - 1);
  if (rest) squareLanes(x, means, sums, whole, rest);
}

/**
 * Mean and biased variance of each channel, in two passes: mean[j] = Σ x[i, j] / rows, variance[j] =
 * Σ (x[i, j] - mean[j])² / rows. They are left in float64, as the normalisation by them needs them,
 * and in float32, where a variance of more than 3.4e38 counts as that.
 * @param mean writes f32[cols]
 * @param variance writes f32[cols]
 * @param wideMean writes f64[cols]
 * @param wideVariance writes f64[cols]
 */
export function channelMoments(
  x: usize,
  mean: usize,
  variance: usize,
  wideMean: usize,
  wideVariance: usize,
  rows: i32,
  cols: i32,
  stride: i32,
): void {
  const step = bytes(stride);
  const end = x + <usize>rows * step;
  memory.fill(wideMean, 0, doubles(cols));
  memory.fill(wideVariance, 0, doubles(cols));
  for (let row = x; row < end; row += step) addSums(row, wideMean, cols);
  for (let j = 0; j < cols; j++) {
    const m = load<f64>(wideMean + doubles(j)) / <f64>rows;
    store<f64>(wideMean + doubles(j), m);
    store<f32>(mean + bytes(j), <f32>m);
  }
  for (let row = x; row < end; row += step) addSquares(row, wideMean, wideVariance, cols);
  for (let j = 0; j < cols; j++) {
    const v = load<f64>(wideVariance + doubles(j)) / <f64>rows;
    store<f64>(wideVariance + doubles(j), v);
    store<f32>(variance + bytes(j), <f32>min<f64>(v, f32.MAX_VALUE));
  }
}

/**
 * y = kept · old + taken · x. The largest float32 stands for what is larger, so that one batch does not
 * make it infinite for good.
 * @instruction movingAverage
 */
@unmanaged
export class MovingAverage {
  old: usize;
  x: usize;
  y: usize;
  /** Elements. */
  n: i32;
  kept: f32;
  taken: f32;

  /** Computes all of it, by the first thread that comes. */
  run(chunk: i32, _chunks: i32): void {
    if (chunk) return;
    for (let at: usize = 0; at < bytes(this.n); at += 4) {
      const average = this.kept * load<f32>(this.old + at) + this.taken * load<f32>(this.x + at);
      store<f32>(this.y + at, min<f32>(average, f32.MAX_VALUE));
    }
  }
}
