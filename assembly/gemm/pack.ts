import { LANES, loadLanes } from "../simd";

/**
 * Packing: operands are copied into strips that the tile reads from end to end. A strip of `width`
 * rows of A (or columns of B) holds, for each p, its `width` floats next to each other; rows past
 * the edge are 0. Operand element (i, p) is at src + i·ld + p·4 ("along") or src + p·ld + i·4
 * ("across"), which is all that a transpose is.
 */

/** Transposes four vectors and stores them at dst, stride bytes apart. */
@inline
function storeTransposed(dst: usize, stride: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const t0 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const t1 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const t2 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const t3 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(dst, i64x2.shuffle(t0, t1, 0, 2));
  v128.store(dst + stride, i64x2.shuffle(t0, t1, 1, 3));
  v128.store(dst + 2 * stride, i64x2.shuffle(t2, t3, 0, 2));
  v128.store(dst + 3 * stride, i64x2.shuffle(t2, t3, 1, 3));
}

/** Four rows that run along p, into floats `at` of a strip `stride` bytes wide. */
function packRows4(src: usize, ld: usize, kc: i32, dst: usize, stride: usize): void {
  let p = 0;
  for (; p + 4 <= kc; p += 4, src += 16, dst += 4 * stride) {
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

/** One to three rows that run along p; the missing ones become 0. */
function packRowsPart(src: usize, ld: usize, rows: i32, kc: i32, dst: usize, stride: usize): void {
  for (let p = 0; p < kc; p++, src += 4, dst += stride) {
    v128.store(dst, f32x4.splat(0));
    for (let i = 0; i < rows; i++)
      store<f32>(dst + ((<usize>i) << 2), load<f32>(src + <usize>i * ld));
  }
}

/** One strip whose operand runs along p: four rows at a time. */
@inline
function packAlong(src: usize, ld: usize, rows: i32, kc: i32, dst: usize, stride: usize): void {
  const end = dst + stride;
  for (; dst < end; dst += 16, rows -= 4, src += 4 * ld) {
    if (rows >= 4) packRows4(src, ld, kc, dst, stride);
    else packRowsPart(src, ld, rows, kc, dst, stride);
  }
}

/** One strip whose operand runs across p: every p is `rows` neighbours. */
@inline
function packAcross(src: usize, ld: usize, rows: i32, kc: i32, dst: usize, stride: usize): void {
  if (rows << 2 == <i32>stride) {
    for (let p = 0; p < kc; p++, src += ld, dst += stride) {
      for (let i: usize = 0; i < stride; i += 16) v128.store(dst + i, v128.load(src + i));
    }
    return;
  }
  for (let p = 0; p < kc; p++, src += ld, dst += stride) {
    memory.fill(dst, 0, stride);
    for (let i = 0; i < rows; i += LANES) {
      const at = (<usize>i) << 2;
      v128.store(dst + at, loadLanes(src + at, min(LANES, rows - i)));
    }
  }
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
  const stride = (<usize>width) << 2;
  for (let i = 0; i < count; i += width) {
    const rows = min(width, count - i);
    if (along) packAlong(src + <usize>i * ld, ld, rows, kc, dst, stride);
    else packAcross(src + ((<usize>i) << 2), ld, rows, kc, dst, stride);
    dst += <usize>kc * stride;
  }
}
