import {
  LANES,
  VECTOR_BYTES,
  hmax,
  isNaNLanes,
  loadLanes,
  splat,
  storeLanes,
  wholeBytes,
} from "../simd";

/** Small loops over one row that several kernels share. */
/** y[i] += x[i] of the first `count` (1 to 4). */
@inline
export function addLanes(x: usize, y: usize, count: i32): void {
  storeLanes(y, f32x4.add(loadLanes(y, count), loadLanes(x, count)), count);
}

/** y[i] += x[i]. */
export function addRow(x: usize, y: usize, n: i32): void {
  const end = x + wholeBytes(n);
  // Four at a time: V8 looks at its stack in every turn, which takes as long as an addition.
  for (; x + 4 * VECTOR_BYTES <= end; x += 4 * VECTOR_BYTES, y += 4 * VECTOR_BYTES) {
    v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
    v128.store(y, f32x4.add(v128.load(y, 16), v128.load(x, 16)), 16);
    v128.store(y, f32x4.add(v128.load(y, 32), v128.load(x, 32)), 32);
    v128.store(y, f32x4.add(v128.load(y, 48), v128.load(x, 48)), 48);
  }
  for (; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES) addLanes(x, y, LANES);
  const rest = n & (LANES - 1);
  if (rest) addLanes(x, y, rest);
}


@inline
function scaleLanes(x: usize, y: usize, factor: v128, count: i32): void {
  storeLanes(y, f32x4.mul(factor, loadLanes(x, count)), count);
}

/** y[i] = factor · x[i]; y may be x. */
export function scaleRow(x: usize, y: usize, n: i32, factor: f32): void {
  const f = splat(factor);
  const end = x + wholeBytes(n);
  for (; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES) scaleLanes(x, y, f, LANES);
  const rest = n & (LANES - 1);
  if (rest) scaleLanes(x, y, f, rest);
}

/** x[i] = value. */
export function fillRow(x: usize, n: i32, value: f32): void {
  const v = splat(value);
  const end = x + wholeBytes(n);
  for (; x < end; x += VECTOR_BYTES) v128.store(x, v);
  const rest = n & (LANES - 1);
  if (rest) storeLanes(x, v, rest);
}

/**
 * The largest of n neighbours, n >= 1; NaN if one is. NaN has the largest of all magnitudes as
 * integers, two instructions a vector: f32x4.max, which carries it, doubled the time of softmax.
 */
export function rowMax(x: usize, n: i32): f32 {
  const magnitude = i32x4.splat(0x7fffffff);
  let most = v128.load_splat<f32>(x);
  let size = v128.and(most, magnitude);
  const end = x + wholeBytes(n);
  for (; x < end; x += VECTOR_BYTES) {
    const v = v128.load(x);
    most = f32x4.pmax(most, v);
    size = i32x4.max_s(size, v128.and(v, magnitude));
  }
  for (let i = n & (LANES - 1); i > 0; i--, x += 4) {
    const v = v128.load_splat<f32>(x);
    most = f32x4.pmax(most, v);
    size = i32x4.max_s(size, v128.and(v, magnitude));
  }
  return v128.any_true(isNaNLanes(size)) ? NaN : hmax(most);
}
