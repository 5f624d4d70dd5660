import { LANES, VECTOR_BYTES, loadLanes, madd, splat, storeLanes } from "../simd";

/**
 * One row of a tile: C = alpha · acc + beta · C; C is not read for beta = 0. Neighbours are stored at
 * constant offsets from one pointer: that is how V8 finds pairs that it can join to 256 bits.
 */
@inline
function storeRow(
  vectors: i32,
  c: usize,
  acc0: v128,
  acc1: v128,
  acc2: v128,
  acc3: v128,
  alpha: v128,
  beta: f32,
): void {
  let v0 = f32x4.mul(alpha, acc0);
  let v1 = f32x4.mul(alpha, acc1);
  let v2 = f32x4.mul(alpha, acc2);
  let v3 = f32x4.mul(alpha, acc3);
  if (beta != 0) {
    const factor = splat(beta);
    v0 = madd(factor, v128.load(c), v0);
    v1 = madd(factor, v128.load(c, 16), v1);
    if (vectors > 2) v2 = madd(factor, v128.load(c, 32), v2);
    if (vectors > 3) v3 = madd(factor, v128.load(c, 48), v3);
  }
  v128.store(c, v0);
  v128.store(c, v1, 16);
  if (vectors > 2) v128.store(c, v2, 32);
  if (vectors > 3) v128.store(c, v3, 48);
}

/**
 * A tile of `rows` x `vectors` · 4 elements: C = alpha · A·B + beta · C. Every element is summed over
 * p in order, from 0. Element (i, p) of A is at a + i · aRow + p · aStep, row p of B at
 * b + p · bStep.
 *
 * rows (2 to 6), vectors (2 to 4, up to 2 beyond four rows) and packed are constants where this is
 * inlined: what a tile has no use for folds away, and what is left is its own small kernel.
 * @param packed A is in strips, aRow is 4: its elements then have constant offsets
 */
@inline
export function microkernel(
  rows: i32,
  vectors: i32,
  packed: bool,
  kc: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  ldc: usize,
  alpha: f32,
  beta: f32,
): void {
  const zero = splat(0);
  let c00 = zero,
    c01 = zero,
    c02 = zero,
    c03 = zero,
    c10 = zero,
    c11 = zero,
    c12 = zero,
    c13 = zero,
    c20 = zero,
    c21 = zero,
    c22 = zero,
    c23 = zero,
    c30 = zero,
    c31 = zero,
    c32 = zero,
    c33 = zero,
    c40 = zero,
    c41 = zero,
    c50 = zero,
    c51 = zero;
  const end = a + <usize>kc * aStep;
  for (; a < end; a += aStep, b += bStep) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = vectors > 2 ? v128.load(b, 32) : zero;
    const b3 = vectors > 3 ? v128.load(b, 48) : zero;
    let ai = v128.load_splat<f32>(a);
    c00 = madd(ai, b0, c00);
    c01 = madd(ai, b1, c01);
    if (vectors > 2) c02 = madd(ai, b2, c02);
    if (vectors > 3) c03 = madd(ai, b3, c03);
    ai = packed ? v128.load_splat<f32>(a, 4) : v128.load_splat<f32>(a + aRow);
    c10 = madd(ai, b0, c10);
    c11 = madd(ai, b1, c11);
    if (vectors > 2) c12 = madd(ai, b2, c12);
    if (vectors > 3) c13 = madd(ai, b3, c13);
    if (rows > 2) {
      ai = packed ? v128.load_splat<f32>(a, 8) : v128.load_splat<f32>(a + 2 * aRow);
      c20 = madd(ai, b0, c20);
      c21 = madd(ai, b1, c21);
      if (vectors > 2) c22 = madd(ai, b2, c22);
      if (vectors > 3) c23 = madd(ai, b3, c23);
    }
    if (rows > 3) {
      ai = packed ? v128.load_splat<f32>(a, 12) : v128.load_splat<f32>(a + 3 * aRow);
      c30 = madd(ai, b0, c30);
      c31 = madd(ai, b1, c31);
      if (vectors > 2) c32 = madd(ai, b2, c32);
      if (vectors > 3) c33 = madd(ai, b3, c33);
    }
    if (rows > 4) {
      ai = v128.load_splat<f32>(a, 16);
      c40 = madd(ai, b0, c40);
      c41 = madd(ai, b1, c41);
    }
    if (rows > 5) {
      ai = v128.load_splat<f32>(a, 20);
      c50 = madd(ai, b0, c50);
      c51 = madd(ai, b1, c51);
    }
  }
  const scale = splat(alpha);
  storeRow(vectors, c, c00, c01, c02, c03, scale, beta);
  storeRow(vectors, c + ldc, c10, c11, c12, c13, scale, beta);
  if (rows > 2) storeRow(vectors, c + 2 * ldc, c20, c21, c22, c23, scale, beta);
  if (rows > 3) storeRow(vectors, c + 3 * ldc, c30, c31, c32, c33, scale, beta);
  if (rows > 4) storeRow(vectors, c + 4 * ldc, c40, c41, zero, zero, scale, beta);
  if (rows > 5) storeRow(vectors, c + 5 * ldc, c50, c51, zero, zero, scale, beta);
}


@inline
export function roundUp(x: i32, multiple: i32): i32 {
  return ((x + multiple - 1) / multiple) * multiple;
}

/** C[0..count] = alpha · tile + beta · C for a row. */
@inline
function mergeRow(tile: usize, c: usize, count: i32, alpha: v128, beta: f32): void {
  for (; count > 0; count -= LANES, tile += VECTOR_BYTES, c += VECTOR_BYTES) {
    const width = min(LANES, count);
    let v = f32x4.mul(alpha, v128.load(tile));
    if (beta != 0) v = madd(splat(beta), loadLanes(c, width), v);
    storeLanes(c, v, width);
  }
}

/**
 * C = alpha · tile + beta · C for rows x columns of a tile whose rows are `ld` apart and whole
 * vectors: an edge tile that was computed in full, or the sums of a few rows.
 */
export function mergeTile(
  tile: usize,
  ld: usize,
  c: usize,
  ldc: usize,
  rows: i32,
  columns: i32,
  alpha: f32,
  beta: f32,
): void {
  const scale = splat(alpha);
  for (let i = 0; i < rows; i++, tile += ld, c += ldc) mergeRow(tile, c, columns, scale, beta);
}
