import { PC } from "../config";
import { LANES, VECTOR_BYTES, bytes, joinHigh, joinLow, zipHigh, zipLow } from "../simd";

/**
 * Packing: operands are copied into strips that the tile reads from end to end. A strip of `width`
 * rows of A (or columns of B) holds, for each p, its `width` floats next to each other; rows past
 * the edge are 0. Operand element (i, p) is at src + i·ld + p·4 ("along") or src + p·ld + i·4
 * ("across"), which is all that a transpose is.
 */

/** Transposes four vectors and stores them at dst, stride bytes apart. */
@inline
function storeTransposed(dst: usize, stride: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const low01 = zipLow(r0, r1);
  const low23 = zipLow(r2, r3);
  const high01 = zipHigh(r0, r1);
  const high23 = zipHigh(r2, r3);
  v128.store(dst, joinLow(low01, low23));
  v128.store(dst + stride, joinHigh(low01, low23));
  v128.store(dst + 2 * stride, joinLow(high01, high23));
  v128.store(dst + 3 * stride, joinHigh(high01, high23));
}

/** Four rows that run along p, into four floats of every `stride` bytes. */
function packRows4(src: usize, ld: usize, kc: i32, dst: usize, stride: usize): void {
  let p = 0;
  for (; p + 4 <= kc; p += 4, src += VECTOR_BYTES, dst += 4 * stride) {
    const r0 = v128.load(src);
    const r1 = v128.load(src + ld);
    const r2 = v128.load(src + 2 * ld);
    const r3 = v128.load(src + 3 * ld);
    storeTransposed(dst, stride, r0, r1, r2, r3);
  }
  for (; p < kc; p++, src += 4, dst += stride) {
    store<f32>(dst, load<f32>(src));
    store<f32>(dst, load<f32>(src + ld), 4);
    store<f32>(dst, load<f32>(src + 2 * ld), 8);
    store<f32>(dst, load<f32>(src + 3 * ld), 12);
  }
}

/** kc floats, `step` bytes apart, to every `stride` bytes. */
@inline
function copyColumn(src: usize, step: usize, kc: i32, dst: usize, stride: usize): void {
  const end = dst + <usize>kc * stride;
  for (; dst < end; dst += stride, src += step) store<f32>(dst, load<f32>(src));
}

/** Does copyColumn for four neighbours at a time. */
@inline
function copyVectors(src: usize, step: usize, kc: i32, dst: usize, stride: usize): void {
  const end = dst + <usize>kc * stride;
  for (; dst < end; dst += stride, src += step) v128.store(dst, v128.load(src));
}

/** Zeros for the rows that the last strip does not have. */
@inline
function fillMissing(from: i32, width: i32, kc: i32, dst: usize): void {
  const stride = bytes(width);
  for (let i = from; i < width; i++) {
    const end = dst + <usize>kc * stride;
    for (let at = dst + bytes(i); at < end + bytes(i); at += stride) store<f32>(at, 0);
  }
}

/** One strip whose operand runs along p: four rows at a time where there are four. */
@inline
function packAlong(src: usize, ld: usize, rows: i32, kc: i32, dst: usize, width: i32): void {
  const stride = bytes(width);
  let i = 0;
  for (; i + LANES <= rows; i += LANES)
    packRows4(src + <usize>i * ld, ld, kc, dst + bytes(i), stride);
  for (; i < rows; i++) copyColumn(src + <usize>i * ld, 4, kc, dst + bytes(i), stride);
  fillMissing(rows, width, kc, dst);
}

/** One strip whose operand runs across p: every p is `rows` neighbours. */
@inline
function packAcross(src: usize, ld: usize, rows: i32, kc: i32, dst: usize, width: i32): void {
  const stride = bytes(width);
  let i = 0;
  for (; i + LANES <= rows; i += LANES) copyVectors(src + bytes(i), ld, kc, dst + bytes(i), stride);
  for (; i < rows; i++) copyColumn(src + bytes(i), ld, kc, dst + bytes(i), stride);
  fillMissing(rows, width, kc, dst);
}

/**
 * Packs `count` rows of A (or columns of B) by kc into strips of `width`.
 * @param along element (i, p) at src + i·ld + p·4, otherwise at src + p·ld + i·4
 * @param ld bytes
 */
export function pack(
  along: bool,
  src: usize,
  ld: usize,
  count: i32,
  kc: i32,
  dst: usize,
  width: i32,
): void {
  const strip = bytes(kc * width);
  if (along) {
    for (let i = 0; i < count; i += width, dst += strip) {
      packAlong(src + <usize>i * ld, ld, min(width, count - i), kc, dst, width);
    }
    return;
  }
  // Strips are narrower than cache lines: a few rows at a time, each line is fetched only once.
  for (let p = 0; p < kc; p += PC, src += <usize>PC * ld) {
    const depth = min(PC, kc - p);
    let to = dst + bytes(p * width);
    for (let i = 0; i < count; i += width, to += strip) {
      packAcross(src + bytes(i), ld, min(width, count - i), depth, to, width);
    }
  }
}
