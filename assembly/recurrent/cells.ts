import { sigmoid, tanh, tanhGrad } from "../activations/exponential";
import { mul } from "../binary";
import { LINEAR } from "../gemm/epilogue";
import { addRow } from "../loops/rows";
import { LANES, VECTOR_BYTES, bytes, loadSome, madd, splat, storeSome, wholeBytes } from "../simd";

/**
 * Cells of recurrent layers, a step of one row each, and their gradients. A row of gates has them next to
 * each other, `units` floats each.
 */

/** Gates i, f, g, o: c = f · c + i · g; h = o · tanh(c). @shared */
@inline
export const LSTM: i32 = 0;

/** Gates z, r, h̃, where r acts on the recurrent product: h = z · h + (1 - z) · h̃. @shared */
@inline
export const GRU: i32 = 1;

/** One gate: h = f(z). @shared */
@inline
export const SIMPLE: i32 = 2;

/** Stands for tanh or its gradient where the caller may have no function table. */
@inline
export const TANH: i32 = -2;

/** A step of SIMPLE, from sums to h. */
export function simpleStep(gates: usize, units: i32, activation: i32, parameter: f32): void {
  if (activation == TANH) tanh(gates, gates, units, 0);
  else if (activation != LINEAR) {
    call_indirect<void>(activation, gates, gates, units, parameter);
  }
}

/** Gradient of a step of SIMPLE: dz of its sums. dh becomes 0. */
export function simpleStepGrad(
  gates: usize,
  units: i32,
  slope: i32,
  parameter: f32,
  dh: usize,
  dz: usize,
): void {
  if (slope == TANH) tanhGrad(gates, dh, dz, units, 0);
  else if (slope == LINEAR) memory.copy(dz, dh, bytes(units));
  else call_indirect<void>(slope, gates, dh, dz, units, parameter);
  memory.fill(dh, 0, bytes(units));
}

/** Blocks of `units` floats that a product with h adds to. */
@inline
export function productsOf(cell: i32): i32 {
  return cell == LSTM ? 4 : cell == GRU ? 3 : 1;
}

/** Blocks of `units` floats that a step keeps for its gradient: GRU's r · product needs the product. */
@inline
export function keptOf(cell: i32): i32 {
  return cell == SIMPLE ? 1 : 4;
}


@inline
function lstmLanes(gates: usize, width: usize, c: usize, count: i32): void {
  const forgotten = f32x4.mul(loadSome(gates + width, count), loadSome(c, count));
  storeSome(c, madd(loadSome(gates, count), loadSome(gates + 2 * width, count), forgotten), count);
}

/** A step of an LSTM (Hochreiter and Schmidhuber 1997, Gers and others 2000), from sums to gates. */
export function lstmStep(gates: usize, units: i32, h: usize, c: usize): void {
  const width = bytes(units);
  sigmoid(gates, gates, 2 * units, 0);
  tanh(gates + 2 * width, gates + 2 * width, units, 0);
  sigmoid(gates + 3 * width, gates + 3 * width, units, 0);
  const end = wholeBytes(units);
  for (let at: usize = 0; at < end; at += VECTOR_BYTES) {
    lstmLanes(gates + at, width, c + at, LANES);
  }
  const rest = units & (LANES - 1);
  if (rest) lstmLanes(gates + end, width, c + end, rest);
  tanh(c, h, units, 0);
  mul(h, 1, gates + 3 * width, 1, h, units);
}


@inline
function lstmGradLanes(
  gates: usize,
  width: usize,
  before: usize,
  activated: usize,
  dh: usize,
  dc: usize,
  dz: usize,
  count: i32,
): void {
  const one = splat(1);
  const i = loadSome(gates, count);
  const f = loadSome(gates + width, count);
  const g = loadSome(gates + 2 * width, count);
  const o = loadSome(gates + 3 * width, count);
  const t = loadSome(activated, count);
  const dhi = loadSome(dh, count);
  const slope = f32x4.mul(f32x4.sub(one, t), f32x4.add(one, t));
  const dci = f32x4.add(loadSome(dc, count), f32x4.mul(f32x4.mul(dhi, o), slope));
  const di = f32x4.mul(f32x4.mul(dci, g), f32x4.mul(i, f32x4.sub(one, i)));
  const old = loadSome(before, count);
  const df = f32x4.mul(f32x4.mul(dci, old), f32x4.mul(f, f32x4.sub(one, f)));
  const slopeG = f32x4.mul(f32x4.sub(one, g), f32x4.add(one, g));
  storeSome(dz, di, count);
  storeSome(dz + width, df, count);
  storeSome(dz + 2 * width, f32x4.mul(f32x4.mul(dci, i), slopeG), count);
  const dout = f32x4.mul(f32x4.mul(dhi, t), f32x4.mul(o, f32x4.sub(one, o)));
  storeSome(dz + 3 * width, dout, count);
  storeSome(dc, f32x4.mul(dci, f), count);
  storeSome(dh, splat(0), count);
}

/**
 * Gradient of a step of an LSTM: dz of its sums, and dc of the step before. dh becomes 0, to which the
 * product with the weight is added.
 * @param c the cells of the step
 * @param before those of the step before it
 * @param activated room for a row
 */
export function lstmStepGrad(
  gates: usize,
  units: i32,
  c: usize,
  before: usize,
  activated: usize,
  dh: usize,
  dc: usize,
  dz: usize,
): void {
  const width = bytes(units);
  tanh(c, activated, units, 0);
  const end = wholeBytes(units);
  for (let at: usize = 0; at < end; at += VECTOR_BYTES) {
    const a = activated + at;
    lstmGradLanes(gates + at, width, before + at, a, dh + at, dc + at, dz + at, LANES);
  }
  const rest = units & (LANES - 1);
  if (!rest) return;
  const a = activated + end;
  lstmGradLanes(gates + end, width, before + end, a, dh + end, dc + end, dz + end, rest);
}


@inline
function candidateLanes(z: usize, gates: usize, width: usize, count: i32): void {
  const r = loadSome(gates + width, count);
  const sum = madd(r, loadSome(gates + 2 * width, count), loadSome(z + 2 * width, count));
  storeSome(gates + 3 * width, sum, count);
}


@inline
function mixLanes(gates: usize, width: usize, h: usize, count: i32): void {
  const z = loadSome(gates, count);
  const kept = f32x4.mul(z, loadSome(h, count));
  const rest = f32x4.sub(splat(1), z);
  storeSome(h, madd(rest, loadSome(gates + 3 * width, count), kept), count);
}

/**
 * A step of a GRU with its reset gate after the product (Cho and others 2014, in the form of cuDNN): gates
 * hold the products with h, which stay for h̃, and get z, r and h̃; `z` holds the products with x.
 */
export function gruStep(z: usize, gates: usize, units: i32, h: usize): void {
  const width = bytes(units);
  addRow(z, gates, 2 * units);
  sigmoid(gates, gates, 2 * units, 0);
  const end = wholeBytes(units);
  const rest = units & (LANES - 1);
  for (let at: usize = 0; at < end; at += VECTOR_BYTES) {
    candidateLanes(z + at, gates + at, width, LANES);
  }
  if (rest) candidateLanes(z + end, gates + end, width, rest);
  tanh(gates + 3 * width, gates + 3 * width, units, 0);
  for (let at: usize = 0; at < end; at += VECTOR_BYTES) mixLanes(gates + at, width, h + at, LANES);
  if (rest) mixLanes(gates + end, width, h + end, rest);
}


@inline
function gruGradLanes(
  gates: usize,
  width: usize,
  before: usize,
  dh: usize,
  dz: usize,
  dr: usize,
  count: i32,
): void {
  const one = splat(1);
  const z = loadSome(gates, count);
  const r = loadSome(gates + width, count);
  const product = loadSome(gates + 2 * width, count);
  const candidate = loadSome(gates + 3 * width, count);
  const dhi = loadSome(dh, count);
  const slope = f32x4.mul(f32x4.sub(one, candidate), f32x4.add(one, candidate));
  const dsum = f32x4.mul(f32x4.mul(dhi, f32x4.sub(one, z)), slope);
  const apart = f32x4.sub(loadSome(before, count), candidate);
  const dzi = f32x4.mul(f32x4.mul(dhi, apart), f32x4.mul(z, f32x4.sub(one, z)));
  const dri = f32x4.mul(f32x4.mul(dsum, product), f32x4.mul(r, f32x4.sub(one, r)));
  storeSome(dz, dzi, count);
  storeSome(dz + width, dri, count);
  storeSome(dz + 2 * width, dsum, count);
  storeSome(dr, dzi, count);
  storeSome(dr + width, dri, count);
  storeSome(dr + 2 * width, f32x4.mul(dsum, r), count);
  storeSome(dh, f32x4.mul(dhi, z), count);
}

/**
 * Gradient of a step of a GRU: dz of the products with x, dr of those with h; dh becomes what reaches the
 * step before without the weight.
 * @param before h of the step before it
 */
export function gruStepGrad(
  gates: usize,
  units: i32,
  before: usize,
  dh: usize,
  dz: usize,
  dr: usize,
): void {
  const width = bytes(units);
  const end = wholeBytes(units);
  for (let at: usize = 0; at < end; at += VECTOR_BYTES) {
    gruGradLanes(gates + at, width, before + at, dh + at, dz + at, dr + at, LANES);
  }
  const rest = units & (LANES - 1);
  if (rest) gruGradLanes(gates + end, width, before + end, dh + end, dz + end, dr + end, rest);
}
