import { log } from "../math";
import { philox } from "./philox";
import { bytes, splat } from "../simd";

/**
 * Random numbers of a stream: word i is a function of the seed, the stream and i alone.
 * @section Random numbers
 * @kernel
 * @param y writes f32[n]
 * @param n elements
 * @param low lower end
 * @param high upper end
 * @param mean mean
 * @param deviation standard deviation, at least 0
 * @param words scratch u32[n]
 * @param seedLow low half of the 64-bit seed
 * @param seedHigh high half
 * @param stream which of the seed's independent streams
 */

/**
 * The raw 32-bit words of a stream: y[i] is word i of Philox4x32-10 (see philox.ts).
 * @param y writes u32[n]
 */
export function randomWords(y: usize, n: i32, seedLow: u32, seedHigh: u32, stream: u32): void {
  let block = 0;
  for (; n >= 4; n -= 4, y += 16) v128.store(y, philox(seedLow, seedHigh, stream, block++));
  if (n <= 0) return;
  const words = philox(seedLow, seedHigh, stream, block);
  store<u32>(y, i32x4.extract_lane(words, 0));
  if (n > 1) store<u32>(y, i32x4.extract_lane(words, 1), 4);
  if (n > 2) store<u32>(y, i32x4.extract_lane(words, 2), 8);
}

/**
 * The upper 23 bits of a word as the middle of one of 2^23 equal parts of (0, 1). One bit more, and
 * the last part would be rounded to 1 in float32.
 */
@inline
function unit(word: u32): f64 {
  return (<f64>(word >> 9) + 0.5) * 1.1920928955078125e-7;
}

/**
 * y[i] uniform in (low, high): low + (high - low) · u[i] with u[i] = (⌊word i / 2^9⌋ + 1/2) / 2^23. An
 * end is reached only where float32 is too coarse in between.
 */
export function randomUniform(
  y: usize,
  n: i32,
  low: f64,
  high: f64,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
): void {
  randomWords(y, n, seedLow, seedHigh, stream);
  const end = y + bytes(n);
  for (; y < end; y += 4) store<f32>(y, <f32>(low + (high - low) * unit(load<u32>(y))));
}

/** √(-ln p), by the vector log. */
@inline
function rootOfLog(p: f64): f64 {
  return sqrt<f64>(-(<f64>f32x4.extract_lane(log(splat(<f32>p)), 0)));
}

/**
 * The number that a standard normal variable is below with probability p: PPND7 of Wichura,
 * "Algorithm AS 241: the percentage points of the normal distribution", 1988; about 7 digits.
 */
function normalQuantile(p: f64): f64 {
  const q = p - 0.5;
  if (abs<f64>(q) <= 0.425) {
    const r = 0.180625 - q * q;
    const top = ((59.10937472 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179;
    return (q * top) / (((67.1875636 * r + 78.757757664) * r + 17.895169469) * r + 1);
  }
  let r = rootOfLog(q < 0 ? p : 1 - p);
  let x: f64;
  if (r <= 5) {
    r -= 1.6;
    const top = ((0.17023821103 * r + 1.3067284816) * r + 2.75681539) * r + 1.4234372777;
    x = top / ((0.12021132975 * r + 0.7370016425) * r + 1);
  } else {
    r -= 5;
    const top = ((0.017337203997 * r + 0.42868294337) * r + 3.081226386) * r + 6.657905115;
    x = top / ((0.012258202635 * r + 0.24197894225) * r + 1);
  }
  return q < 0 ? -x : x;
}

/**
 * y[i] normal with the given mean and standard deviation, by inversion: mean + deviation · Φ⁻¹(u[i]),
 * with randomUniform's u, and Φ⁻¹ good to about 7 digits (Wichura's PPND7).
 */
export function randomNormal(
  y: usize,
  n: i32,
  mean: f64,
  deviation: f64,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
): void {
  randomWords(y, n, seedLow, seedHigh, stream);
  const end = y + bytes(n);
  for (; y < end; y += 4) {
    store<f32>(y, <f32>(mean + deviation * normalQuantile(unit(load<u32>(y)))));
  }
}

/** The chance that a standard normal variable is below -2. */
@inline
const BELOW_CUT: f64 = 0.022750131948179195;

/**
 * y[i] normal, but cut at two standard deviations: what is beyond is drawn from within, as in Keras.
 * mean + deviation · Φ⁻¹(c + (1 - 2c) · u[i]) with c = Φ(-2).
 */
export function randomTruncatedNormal(
  y: usize,
  n: i32,
  mean: f64,
  deviation: f64,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
): void {
  randomWords(y, n, seedLow, seedHigh, stream);
  const end = y + bytes(n);
  for (; y < end; y += 4) {
    const p = BELOW_CUT + (1 - 2 * BELOW_CUT) * unit(load<u32>(y));
    store<f32>(y, <f32>(mean + deviation * normalQuantile(p)));
  }
}

/**
 * y becomes a permutation of 0 to n - 1 (int32): Fisher and Yates's shuffle, Knuth volume 2,
 * algorithm P, where a 32-bit word times the count, shifted down, picks the place.
 * @param y writes i32[n]
 */
export function shuffle(
  y: usize,
  n: i32,
  words: usize,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
): void {
  randomWords(words, n, seedLow, seedHigh, stream);
  for (let i = 0; i < n; i++) store<i32>(y + bytes(i), i);
  for (let i = n - 1; i > 0; i--) {
    const word = <u64>load<u32>(words + bytes(i));
    const a = y + bytes(i);
    const b = y + bytes(<i32>((word * <u64>(i + 1)) >> 32));
    const kept = load<i32>(a);
    store<i32>(a, load<i32>(b));
    store<i32>(b, kept);
  }
}
