import { blockSquares, blockSum } from "./block-moments";
import {
  LANES,
  VECTOR_BYTES,
  bytes,
  keepLanes,
  loadSome,
  splat,
  storeSome,
  wholeBytes,
} from "../simd";
import { hatLanes } from "./weight-gradients";

/**
 * Normalisation of groups of channels: x is [batch, space, channels], and each group of each example,
 * space x (channels / groups) elements, gets mean 0 and variance 1, then a weight and a bias for each
 * channel. Layer normalisation has space 1 and one group.
 * @section Normalisation of each example
 * @param x reads f32[batch, space, channels]
 * @param weight reads f32[channels]; none if 0
 * @param bias reads f32[channels]; none if 0
 * @param y writes f32[batch, space, channels]; may be x
 * @param stats reads f32[batch, groups, 3]; what groupNorm left there
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

/** Bytes of what stats has of a group: the rounded mean, the scale, and the shift of slopes.ts. */
@inline
export const STATS_BYTES: usize = 12;

/** v times the channels' weights, if there are any. */
@inline
export function weighted(v: v128, weight: usize, at: usize, count: i32): v128 {
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
  shift: v128,
  count: i32,
): void {
  const v = weighted(hatLanes(x + at, mean, scale, shift, count), weight, at, count);
  storeSome(y + at, bias ? f32x4.add(v, loadSome(bias + at, count)) : v, count);
}

/** y = ((x - mean) · scale + shift) · weight + bias for n neighbours. */
function applyRow(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  n: i32,
  mean: v128,
  scale: v128,
  shift: v128,
): void {
  const whole = wholeBytes(n);
  const rest = n & (LANES - 1);
  for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
    applyLanes(x, weight, bias, y, at, mean, scale, shift, LANES);
  }
  if (rest) applyLanes(x, weight, bias, y, whole, mean, scale, shift, rest);
}

/**
 * Normalises groups `from` to `to`, counted over all examples: y = (x - mean) / √(variance + epsilon)
 * · weight + bias, with the biased variance. stats gets of each group of each example the mean,
 * rounded to m, then s = 1 / √(variance + epsilon), then (m - mean) · s: (x - m) · s and that make
 * x̂. Without `centred` the mean stays 0: root mean square normalisation (Zhang and Sennrich 2019).
 * @instruction cut along batch * groups
 * @param stats writes f32[batch, groups, 3]
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
  for (let i = from; i < to; i++) {
    const channel = bytes((i % groups) * cols);
    const at = <usize>((i / groups) * space) * stride + channel;
    const mean = centred ? blockSum(x + at, stride, space, cols) / count : 0;
    const variance = blockSquares(x + at, stride, space, cols, mean) / count;
    const scale = 1 / sqrt<f64>(variance + <f64>epsilon);
    const rounded = <f32>mean;
    const shift = <f32>((<f64>rounded - mean) * scale);
    const own = stats + <usize>i * STATS_BYTES;
    store<f32>(own, rounded);
    store<f32>(own, <f32>scale, 4);
    store<f32>(own, shift, 8);
    const w = weight ? weight + channel : 0;
    const b = bias ? bias + channel : 0;
    const end = at + <usize>space * stride;
    for (let row = at; row < end; row += stride) {
      applyRow(x + row, w, b, y + row, cols, splat(rounded), splat(<f32>scale), splat(shift));
    }
  }
}
