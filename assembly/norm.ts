import { blockSquares, blockSum } from "./moments";
import {
  LANES,
  VECTOR_BYTES,
  bytes,
  keepLanes,
  loadSome,
  splat,
  storeSome,
  wholeBytes,
} from "./simd";
import { addSlopes, hatLanes, storeSums } from "./slopes";
import { addPairs, hsumPair } from "./wide";

/**
 * Normalisation of groups of channels: x is [batch, space, channels], and each group of each example,
 * space x (channels / groups) elements, gets mean 0 and variance 1, then a weight and a bias for each
 * channel. Layer normalisation has space 1 and one group.
 * @param x reads f32[batch, space, channels]
 * @param weight reads f32[channels]; none if 0
 * @param bias reads f32[channels]; none if 0
 * @param y writes f32[batch, space, channels]; may be x
 * @param stats reads f32[2, batch, groups]; what groupNorm left there
 * @param dy reads f32[batch, space, channels]
 * @param dx writes f32[batch, space, channels]; may be dy
 * @param along writes f32[channels]
 * @param plain writes f32[channels]
 * @param batch examples
 * @param space places of an example, at least 1
 * @param channels channels of a place, at least 1, a multiple of groups
 * @param groups groups of channels, at least 1
 * @param epsilon what keeps the deviation from 0
 * @param centred whether the mean comes off
 * @param from first group of all examples', at most to
 * @param to end of the groups, at most batch * groups
 * @param scratch scratch f64[2, to - from]
 */

/** v times the channels' weights, if there are any. */
@inline
function weighted(v: v128, weight: usize, at: usize, count: i32): v128 {
  return weight ? f32x4.mul(v, loadSome(weight + at, count)) : v;
}


@inline
function applyLanes(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  at: usize,
  mean: v128,
  scale: v128,
  count: i32,
): void {
  const v = weighted(hatLanes(x + at, mean, scale, count), weight, at, count);
  storeSome(y + at, bias ? f32x4.add(v, loadSome(bias + at, count)) : v, count);
}

/** y = (x - mean) · scale · weight + bias for n neighbours. */
function applyRow(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  n: i32,
  mean: v128,
  scale: v128,
): void {
  const whole = wholeBytes(n);
  const rest = n & (LANES - 1);
  for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
    applyLanes(x, weight, bias, y, at, mean, scale, LANES);
  }
  if (rest) applyLanes(x, weight, bias, y, whole, mean, scale, rest);
}

/**
 * Normalises groups `from` to `to`, counted over all examples: y = (x - mean) / √(variance + epsilon)
 * · weight + bias, with the biased variance. stats gets the mean of each group of each example, and
 * after all of them 1 / √(variance + epsilon). Without `centred` the mean stays 0: root mean square
 * normalisation (Zhang and Sennrich 2019).
 * @param stats writes f32[2, batch, groups]
 */
export function groupNorm(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  stats: usize,
  batch: i32,
  space: i32,
  channels: i32,
  groups: i32,
  epsilon: f32,
  centred: bool,
  from: i32,
  to: i32,
): void {
  const cols = channels / groups;
  const stride = bytes(channels);
  const count = <f64>space * <f64>cols;
  const scales = stats + bytes(batch * groups);
  for (let i = from; i < to; i++) {
    const channel = bytes((i % groups) * cols);
    const at = <usize>((i / groups) * space) * stride + channel;
    const mean = centred ? blockSum(x + at, stride, space, cols) / count : 0;
    const variance = blockSquares(x + at, stride, space, cols, mean) / count;
    const scale = <f32>(1 / sqrt<f64>(variance + <f64>epsilon));
    store<f32>(stats + bytes(i), <f32>mean);
    store<f32>(scales + bytes(i), scale);
    const w = weight ? weight + channel : 0;
    const b = bias ? bias + channel : 0;
    const end = at + <usize>space * stride;
    for (let row = at; row < end; row += stride) {
      applyRow(x + row, w, b, y + row, cols, splat(<f32>mean), splat(scale));
    }
  }
}

/** scale · (dy · weight - offset - x̂ · slope). */
@inline
function gradientLanes(
  x: usize,
  dy: usize,
  weight: usize,
  dx: usize,
  at: usize,
  mean: v128,
  scale: v128,
  offset: v128,
  slope: v128,
  count: i32,
): void {
  const g = f32x4.sub(weighted(loadSome(dy + at, count), weight, at, count), offset);
  const hat = hatLanes(x + at, mean, scale, count);
  storeSome(dx + at, f32x4.mul(scale, f32x4.sub(g, f32x4.mul(hat, slope))), count);
}

/** The gradient of one group: rows of cols, `stride` bytes apart; weight points at its channels'. */
function groupGrad(
  x: usize,
  dy: usize,
  weight: usize,
  dx: usize,
  stride: usize,
  rows: i32,
  cols: i32,
  mean: v128,
  scale: v128,
  centred: bool,
): void {
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  const end = <usize>rows * stride;
  let plain = f64x2.splat(0);
  let along = f64x2.splat(0);
  for (let row: usize = 0; row < end; row += stride) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      const g = weighted(v128.load(dy + row + at), weight, at, LANES);
      plain = addPairs(plain, g);
      along = addPairs(along, f32x4.mul(g, hatLanes(x + row + at, mean, scale, LANES)));
    }
    if (!rest) continue;
    const g = weighted(loadSome(dy + row + whole, rest), weight, whole, rest);
    const product = f32x4.mul(g, hatLanes(x + row + whole, mean, scale, rest));
    plain = addPairs(plain, g);
    along = addPairs(along, keepLanes(product, rest));
  }
  const count = <f64>rows * <f64>cols;
  const offset = splat(centred ? <f32>(hsumPair(plain) / count) : 0);
  const slope = splat(<f32>(hsumPair(along) / count));
  for (let row: usize = 0; row < end; row += stride) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      gradientLanes(x + row, dy + row, weight, dx + row, at, mean, scale, offset, slope, LANES);
    }
    if (!rest) continue;
    gradientLanes(x + row, dy + row, weight, dx + row, whole, mean, scale, offset, slope, rest);
  }
}

/**
 * dx of groups `from` to `to` of groupNorm, with g = dy · weight and x̂ = (x - mean) · scale:
 * scale · (g - mean(g) - x̂ · mean(g · x̂)), without mean(g) where it was not centred.
 */
export function groupNormGrad(
  x: usize,
  dy: usize,
  weight: usize,
  stats: usize,
  dx: usize,
  batch: i32,
  space: i32,
  channels: i32,
  groups: i32,
  centred: bool,
  from: i32,
  to: i32,
): void {
  const cols = channels / groups;
  const stride = bytes(channels);
  const scales = stats + bytes(batch * groups);
  for (let i = from; i < to; i++) {
    const channel = bytes((i % groups) * cols);
    const at = <usize>((i / groups) * space) * stride + channel;
    const w = weight ? weight + channel : 0;
    const mean = v128.load_splat<f32>(stats + bytes(i));
    const scale = v128.load_splat<f32>(scales + bytes(i));
    groupGrad(x + at, dy + at, w, dx + at, stride, space, cols, mean, scale, centred);
  }
}

/** Adds dy · x̂ and dy of n neighbouring channels in one group to their sums. */
function addRowSlopes(
  x: usize,
  dy: usize,
  mean: v128,
  scale: v128,
  along: usize,
  plain: usize,
  n: i32,
): void {
  const whole = wholeBytes(n);
  const rest = n & (LANES - 1);
  for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
    addSlopes(x + at, dy + at, mean, scale, along + 2 * at, plain + 2 * at, LANES);
  }
  if (!rest) return;
  addSlopes(x + whole, dy + whole, mean, scale, along + 2 * whole, plain + 2 * whole, rest);
}

/**
 * The gradients of groupNorm's weight and bias for channels `from` to `to`: along[c] = Σ dy · x̂,
 * plain[c] = Σ dy, over all examples and places in order.
 * @param from first channel, at most to
 * @param to end of the channels, at most channels
 */
export function groupNormSums(
  x: usize,
  dy: usize,
  stats: usize,
  along: usize,
  plain: usize,
  batch: i32,
  space: i32,
  channels: i32,
  groups: i32,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const cols = channels / groups;
  const scales = stats + bytes(batch * groups);
  const plainSums = scratch + ((<usize>(to - from)) << 3);
  memory.fill(scratch, 0, (<usize>(to - from)) << 4);
  for (let row = 0; row < batch * space; row++) {
    const first = (row / space) * groups;
    for (let c = from; c < to;) {
      const g = c / cols;
      const n = min(to, (g + 1) * cols) - c;
      const at = bytes(row * channels + c);
      const sums = (<usize>(c - from)) << 3;
      const mean = v128.load_splat<f32>(stats + bytes(first + g));
      const scale = v128.load_splat<f32>(scales + bytes(first + g));
      addRowSlopes(x + at, dy + at, mean, scale, scratch + sums, plainSums + sums, n);
      c += n;
    }
  }
  storeSums(scratch, along + bytes(from), to - from);
  storeSums(plainSums, plain + bytes(from), to - from);
}
