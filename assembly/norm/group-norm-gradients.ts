import { STATS_BYTES, weighted } from "./group-norm";
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
import { addSlopes, distanceLanes, hatLanes } from "./weight-gradients";
import { addPairs, doubles, hsumPair, storeSums } from "../float64";

/** @section Normalisation of each example */

/** scale · ((dy · weight - offset) - ((x - mean) · slope + shift)). */
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
  shift: v128,
  count: i32,
): void {
  const g = f32x4.sub(weighted(loadSome(dy + at, count), weight, at, count), offset);
  const along = hatLanes(x + at, mean, slope, shift, count);
  storeSome(dx + at, f32x4.mul(scale, f32x4.sub(g, along)), count);
}

/** dx of rows of cols, `stride` bytes apart, from what gradientLanes takes. */
function gradientRows(
  x: usize,
  dy: usize,
  weight: usize,
  dx: usize,
  stride: usize,
  rows: i32,
  cols: i32,
  mean: v128,
  scale: v128,
  offset: v128,
  slope: v128,
  shift: v128,
): void {
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  for (let i = 0; i < rows; i++, x += stride, dy += stride, dx += stride) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      gradientLanes(x, dy, weight, dx, at, mean, scale, offset, slope, shift, LANES);
    }
    if (!rest) continue;
    gradientLanes(x, dy, weight, dx, whole, mean, scale, offset, slope, shift, rest);
  }
}

/**
 * The gradient of one group: rows of cols, `stride` bytes apart; weight points at its channels', own
 * at its stats.
 */
function groupGrad(
  x: usize,
  dy: usize,
  weight: usize,
  own: usize,
  dx: usize,
  stride: usize,
  rows: i32,
  cols: i32,
  centred: bool,
): void {
  const mean = v128.load_splat<f32>(own);
  const scale = v128.load_splat<f32>(own, 4);
  const shift = <f64>load<f32>(own, 8);
  const whole = wholeBytes(cols);
  const rest = cols & (LANES - 1);
  const end = <usize>rows * stride;
  let plain = f64x2.splat(0);
  let along = f64x2.splat(0);
  for (let row: usize = 0; row < end; row += stride) {
    for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
      const g = weighted(v128.load(dy + row + at), weight, at, LANES);
      plain = addPairs(plain, g);
      along = addPairs(along, f32x4.mul(g, distanceLanes(x + row + at, mean, scale, LANES)));
    }
    if (!rest) continue;
    const g = weighted(loadSome(dy + row + whole, rest), weight, whole, rest);
    const product = f32x4.mul(g, distanceLanes(x + row + whole, mean, scale, rest));
    plain = addPairs(plain, g);
    along = addPairs(along, keepLanes(product, rest));
  }
  const count = <f64>rows * <f64>cols;
  const meanG = hsumPair(plain) / count;
  // The sum has g · (x̂ - shift).
  const slope = hsumPair(along) / count + shift * meanG;
  const taken = centred ? meanG : 0;
  const offset = <f32>taken;
  const moved = splat(<f32>(taken - <f64>offset + shift * slope));
  const steep = splat(<f32>(slope * <f64>load<f32>(own, 4)));
  gradientRows(x, dy, weight, dx, stride, rows, cols, mean, scale, splat(offset), steep, moved);
}

/**
 * dx of groups `from` to `to` of groupNorm, with g = dy · weight and x̂ = (x - mean) · scale:
 * scale · (g - mean(g) - x̂ · mean(g · x̂)), without mean(g) where it was not centred.
 * @instruction cut along batch * groups
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
  for (let i = from; i < to; i++) {
    const channel = bytes((i % groups) * cols);
    const at = <usize>((i / groups) * space) * stride + channel;
    const w = weight ? weight + channel : 0;
    const own = stats + <usize>i * STATS_BYTES;
    groupGrad(x + at, dy + at, w, own, dx + at, stride, space, cols, centred);
  }
}

/** Adds dy · x̂ and dy of n neighbouring channels in one group to their sums. */
function addRowSlopes(
  x: usize,
  dy: usize,
  mean: v128,
  scale: v128,
  shift: v128,
  along: usize,
  plain: usize,
  n: i32,
): void {
  const whole = wholeBytes(n);
  const rest = n & (LANES - 1);
  for (let at: usize = 0; at < whole; at += VECTOR_BYTES) {
    const hat = hatLanes(x + at, mean, scale, shift, LANES);
    addSlopes(hat, dy + at, along + 2 * at, plain + 2 * at, LANES);
  }
  if (!rest) return;
  const hat = hatLanes(x + whole, mean, scale, shift, rest);
  addSlopes(hat, dy + whole, along + 2 * whole, plain + 2 * whole, rest);
}

/**
 * The gradients of groupNorm's weight and bias for channels `from` to `to`: along[c] = Σ dy · x̂,
 * plain[c] = Σ dy, over all examples and places in order.
 * @instruction cut along channels by 16
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
  const plainSums = scratch + doubles(to - from);
  memory.fill(scratch, 0, 2 * doubles(to - from));
  for (let row = 0; row < batch * space; row++) {
    const first = (row / space) * groups;
    for (let c = from; c < to;) {
      const g = c / cols;
      const n = min(to, (g + 1) * cols) - c;
      const at = bytes(row * channels + c);
      const sums = doubles(c - from);
      const own = stats + <usize>(first + g) * STATS_BYTES;
      const mean = v128.load_splat<f32>(own);
      const scale = v128.load_splat<f32>(own, 4);
      const shift = v128.load_splat<f32>(own, 8);
      addRowSlopes(x + at, dy + at, mean, scale, shift, scratch + sums, plainSums + sums, n);
      c += n;
    }
  }
  storeSums(scratch, along + bytes(from), to - from);
  storeSums(plainSums, plain + bytes(from), to - from);
}
