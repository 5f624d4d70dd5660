import { LANES, VECTOR_BYTES, bytes, loadSome, splat, storeSome, wholeBytes } from "./simd";
import { addSlopes, hatLanes, storeSums } from "./slopes";
import { addToSums, highPair, loadPair, lowPair } from "./wide";

/**
 * Sums over the rows of x [rows, channels], channel by channel: batch normalisation (Ioffe and
 * Szegedy 2015), and the gradients of weights and biases of every normalisation.
 *
 * Kernels work on `cols` neighbouring channels of rows that are `stride` elements long, so that lanes
 * can share channels. Sums are in float64, rows in order.
 * @param x reads f32[rows, cols]; rows stride apart
 * @param mean reads f32[cols]
 * @param variance reads f32[cols]
 * @param weight reads f32[cols]; none if 0
 * @param bias reads f32[cols]; none if 0
 * @param y writes f32[rows, cols]; rows stride apart; may be x
 * @param dy reads f32[rows, cols]; rows stride apart
 * @param along writes f32[cols]
 * @gradient along reads f32[cols]
 * @param plain writes f32[cols]
 * @gradient plain reads f32[cols]
 * @param dx writes f32[rows, cols]; rows stride apart; may be dy
 * @param rows rows, at least 1
 * @param cols channels
 * @param stride elements from row to row, at least cols
 * @param epsilon what keeps the deviation from 0
 * @param scratch scratch f64[2, cols]
 */

@inline
function doubles(count: i32): usize {
  return (<usize>count) << 3;
}


@inline
function sumLanes(x: usize, sums: usize, at: usize, count: i32): void {
  const v = loadSome(x + at, count);
  addToSums(sums + 2 * at, lowPair(v), highPair(v), count);
}

/** sums[j] += x[j]. */
function addSums(x: usize, sums: usize, cols: i32): void {
  const whole = wholeBytes(cols);
  for (let at: usize = 0; at < whole; at += VECTOR_BYTES) sumLanes(x, sums, at, LANES);
  const rest = cols & (LANES - 1);
  if (rest) sumLanes(x, sums, whole, rest);
}


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
 * Σ (x[i, j] - mean[j])² / rows.
 * @param mean writes f32[cols]
 * @param variance writes f32[cols]
 */
export function channelMoments(
  x: usize,
  mean: usize,
  variance: usize,
  rows: i32,
  cols: i32,
  stride: i32,
  scratch: usize,
): void {
  const step = bytes(stride);
  const end = x + <usize>rows * step;
  const squares = scratch + doubles(cols);
  memory.fill(scratch, 0, 2 * doubles(cols));
  for (let row = x; row < end; row += step) addSums(row, scratch, cols);
  for (let j = 0; j < cols; j++) {
    const m = load<f64>(scratch + doubles(j)) / <f64>rows;
    store<f64>(scratch + doubles(j), m);
    store<f32>(mean + bytes(j), <f32>m);
  }
  for (let row = x; row < end; row += step) addSquares(row, scratch, squares, cols);
  for (let j = 0; j < cols; j++) {
    store<f32>(variance + bytes(j), <f32>(load<f64>(squares + doubles(j)) / <f64>rows));
  }
}

/** scales[j] = weight[j] / √(variance[j] + epsilon); the weight may be 0 for none. */
function channelScales(
  variance: usize,
  weight: usize,
  scales: usize,
  cols: i32,
  epsilon: f32,
): void {
  for (let at: usize = 0; at < bytes(cols); at += 4) {
    const w = weight ? <f64>load<f32>(weight + at) : 1;
    const deviation = sqrt<f64>(<f64>load<f32>(variance + at) + <f64>epsilon);
    store<f32>(scales + at, <f32>(w / deviation));
  }
}


@inline
function normLanes(
  x: usize,
  mean: usize,
  scales: usize,
  bias: usize,
  y: usize,
  at: usize,
  count: i32,
): void {
  const m = mean ? loadSome(mean + at, count) : splat(0);
  const hat = hatLanes(x, m, loadSome(scales + at, count), count);
  storeSome(y, bias ? f32x4.add(hat, loadSome(bias + at, count)) : hat, count);
}

/**
 * y = (x - mean) / √(variance + epsilon) · weight + bias, all one for each channel.
 * @param mean reads f32[cols]; none if 0
 */
export function channelNorm(
  x: usize,
  mean: usize,
  variance: usize,
  weight: usize,
  bias: usize,
  y: usize,
  rows: i32,
  cols: i32,
  stride: i32,
  epsilon: f32,
  scratch: usize,
): void {
  channelScales(variance, weight, scratch, cols, epsilon);
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  for (let i = 0; i < rows; i++, x += bytes(stride), y += bytes(stride)) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      normLanes(x + at, mean, scratch, bias, y + at, at, LANES);
    }
    if (rest) normLanes(x + whole, mean, scratch, bias, y + whole, whole, rest);
  }
}


@inline
function channelSlopes(
  x: usize,
  dy: usize,
  mean: usize,
  scales: usize,
  scratch: usize,
  cols: i32,
  at: usize,
  count: i32,
): void {
  const m = loadSome(mean + at, count);
  const along = scratch + 2 * at;
  const plain = along + doubles(cols);
  addSlopes(x + at, dy + at, m, loadSome(scales + at, count), along, plain, count);
}

/**
 * The gradients of channelNorm's weight and bias: along[j] = Σ dy · x̂, plain[j] = Σ dy, with
 * x̂ = (x - mean) / √(variance + epsilon).
 */
export function channelNormSums(
  x: usize,
  dy: usize,
  mean: usize,
  variance: usize,
  along: usize,
  plain: usize,
  rows: i32,
  cols: i32,
  stride: i32,
  epsilon: f32,
  scratch: usize,
): void {
  // The scales lie in `along` until their sums come.
  channelScales(variance, 0, along, cols, epsilon);
  memory.fill(scratch, 0, 2 * doubles(cols));
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  for (let i = 0; i < rows; i++, x += bytes(stride), dy += bytes(stride)) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      channelSlopes(x, dy, mean, along, scratch, cols, at, LANES);
    }
    if (rest) channelSlopes(x, dy, mean, along, scratch, cols, whole, rest);
  }
  storeSums(scratch, along, cols);
  storeSums(scratch + doubles(cols), plain, cols);
}

/** What dx is made of, for each channel: scale, mean of dy, and 1 / n · Σ dy · x̂ / deviation. */
function channelSlopeScales(
  variance: usize,
  weight: usize,
  along: usize,
  plain: usize,
  scratch: usize,
  rows: i32,
  cols: i32,
  epsilon: f32,
): void {
  channelScales(variance, weight, scratch, cols, epsilon);
  const offsets = scratch + bytes(cols);
  const slopes = offsets + bytes(cols);
  channelScales(variance, 0, slopes, cols, epsilon);
  for (let at: usize = 0; at < bytes(cols); at += 4) {
    store<f32>(offsets + at, <f32>(<f64>load<f32>(plain + at) / <f64>rows));
    const slope = <f64>load<f32>(along + at) / <f64>rows;
    store<f32>(slopes + at, <f32>(slope * <f64>load<f32>(slopes + at)));
  }
}


@inline
function gradientLanes(
  x: usize,
  dy: usize,
  mean: usize,
  scratch: usize,
  size: usize,
  dx: usize,
  at: usize,
  count: i32,
): void {
  const offset = loadSome(scratch + size + at, count);
  const hat = hatLanes(
    x,
    loadSome(mean + at, count),
    loadSome(scratch + 2 * size + at, count),
    count,
  );
  const g = f32x4.sub(f32x4.sub(loadSome(dy, count), offset), hat);
  storeSome(dx, f32x4.mul(loadSome(scratch + at, count), g), count);
}

/**
 * dx of channelNorm where mean and variance are those of x: weight / √(variance + epsilon) ·
 * (dy - Σ dy / rows - x̂ · Σ (dy · x̂) / rows), with the sums of channelNormSums.
 */
export function channelNormGrad(
  x: usize,
  dy: usize,
  mean: usize,
  variance: usize,
  weight: usize,
  along: usize,
  plain: usize,
  dx: usize,
  rows: i32,
  cols: i32,
  stride: i32,
  epsilon: f32,
  scratch: usize,
): void {
  channelSlopeScales(variance, weight, along, plain, scratch, rows, cols, epsilon);
  const size = bytes(cols);
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  const step = bytes(stride);
  for (let i = 0; i < rows; i++, x += step, dy += step, dx += step) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      gradientLanes(x + at, dy + at, mean, scratch, size, dx + at, at, LANES);
    }
    if (rest) gradientLanes(x + whole, dy + whole, mean, scratch, size, dx + whole, whole, rest);
  }
}
