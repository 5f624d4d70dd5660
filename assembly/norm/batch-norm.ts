import { LANES, VECTOR_BYTES, bytes, loadSome, storeSome, wholeBytes } from "../simd";
import { addSlopes, distanceLanes } from "./weight-gradients";
import { doubles, storeSums } from "../float64";
import { channelScale, channelScales, momentAt, normRows } from "./channel-scales";

/**
 * Sums over the rows of x [rows, channels], channel by channel: batch normalisation (Ioffe and
 * Szegedy 2015), and the gradients of weights and biases of every normalisation.
 *
 * Kernels work on `cols` neighbouring channels of rows that are `stride` elements long, so that lanes
 * can share channels. Sums are in float64, rows in order.
 * @section Normalisation over a batch
 * @instruction cut along cols by 16
 * @param x reads f32[rows, cols]; rows stride apart
 * @param mean reads f32[cols], or f64[cols] where wide
 * @param variance reads f32[cols], or f64[cols] where wide
 * @param wide whether mean and variance are float64, as channelMoments leaves them
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

/**
 * y = (x - mean) / √(variance + epsilon) · weight + bias, all one for each channel.
 * @instruction channelNorm
 * @param mean reads f32[cols], or f64[cols] where wide; none if 0
 */
export function channelNorm(
  x: usize,
  mean: usize,
  variance: usize,
  wide: bool,
  weight: usize,
  bias: usize,
  y: usize,
  rows: i32,
  cols: i32,
  stride: i32,
  epsilon: f32,
  scratch: usize,
): void {
  channelScales(mean, variance, wide, weight, bias, scratch, cols, epsilon);
  normRows(x, scratch, y, rows, cols, bytes(stride));
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
  const distance = distanceLanes(x + at, m, loadSome(scales + at, count), count);
  const along = scratch + 2 * at;
  addSlopes(distance, dy + at, along, along + doubles(cols), count);
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
  wide: bool,
  along: usize,
  plain: usize,
  rows: i32,
  cols: i32,
  stride: i32,
  epsilon: f32,
  scratch: usize,
): void {
  const plainSums = scratch + doubles(cols);
  // Rounded means and scales lie in `plain` and `along` until the sums come.
  for (let j = 0; j < cols; j++) {
    store<f32>(plain + bytes(j), <f32>momentAt(mean, j, wide));
    store<f32>(along + bytes(j), <f32>channelScale(variance, j, wide, epsilon));
  }
  memory.fill(scratch, 0, 2 * doubles(cols));
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  for (let i = 0; i < rows; i++, x += bytes(stride), dy += bytes(stride)) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      channelSlopes(x, dy, plain, along, scratch, cols, at, LANES);
    }
    if (rest) channelSlopes(x, dy, plain, along, scratch, cols, whole, rest);
  }
  // x̂ is short of what the rounding took off the mean, which is one number for a channel.
  for (let j = 0; j < cols; j++) {
    const lost = <f64>load<f32>(plain + bytes(j)) - momentAt(mean, j, wide);
    const shift = lost * <f64>load<f32>(along + bytes(j));
    const sum = scratch + doubles(j);
    store<f64>(sum, load<f64>(sum) + shift * load<f64>(plainSums + doubles(j)));
  }
  storeSums(scratch, along, cols);
  storeSums(plainSums, plain, cols);
}

/**
 * Writes what dx is made of, in rows of cols: rounded means; weight / √(variance + epsilon); what x̂ adds
 * for each unit of x; and the mean of dy, with what the rounding took off x's.
 */
function channelSlopeScales(
  mean: usize,
  variance: usize,
  wide: bool,
  weight: usize,
  along: usize,
  plain: usize,
  scratch: usize,
  rows: i32,
  cols: i32,
  epsilon: f32,
): void {
  for (let j = 0; j < cols; j++) {
    const at = scratch + bytes(j);
    const m = momentAt(mean, j, wide);
    const scale = channelScale(variance, j, wide, epsilon);
    const w = weight ? <f64>load<f32>(weight + bytes(j)) : 1;
    const steep = (<f64>load<f32>(along + bytes(j)) / <f64>rows) * scale;
    const offset = <f64>load<f32>(plain + bytes(j)) / <f64>rows + (<f64>(<f32>m) - m) * steep;
    store<f32>(at, <f32>m);
    store<f32>(at + bytes(cols), <f32>(w * scale));
    store<f32>(at + 2 * bytes(cols), <f32>steep);
    store<f32>(at + 3 * bytes(cols), <f32>offset);
  }
}


@inline
function gradientLanes(
  x: usize,
  dy: usize,
  scratch: usize,
  size: usize,
  dx: usize,
  count: i32,
): void {
  const mean = loadSome(scratch, count);
  const along = distanceLanes(x, mean, loadSome(scratch + 2 * size, count), count);
  const g = f32x4.sub(f32x4.sub(loadSome(dy, count), loadSome(scratch + 3 * size, count)), along);
  storeSome(dx, f32x4.mul(loadSome(scratch + size, count), g), count);
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
  wide: bool,
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
  channelSlopeScales(mean, variance, wide, weight, along, plain, scratch, rows, cols, epsilon);
  const size = bytes(cols);
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  const step = bytes(stride);
  for (let i = 0; i < rows; i++, x += step, dy += step, dx += step) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      gradientLanes(x + at, dy + at, scratch + at, size, dx + at, LANES);
    }
    if (rest) gradientLanes(x + whole, dy + whole, scratch + whole, size, dx + whole, rest);
  }
}
