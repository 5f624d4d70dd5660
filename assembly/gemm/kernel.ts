import { LANES, VECTOR_BYTES, loadLanes, madd, splat, storeLanes } from "../simd";

/** C[0..8] = alpha · acc + beta · C, C not read for beta = 0. */
@inline
function storeRow(c: usize, acc0: v128, acc1: v128, alpha: v128, beta: f32): void {
  let v0 = f32x4.mul(alpha, acc0);
  let v1 = f32x4.mul(alpha, acc1);
  if (beta != 0) {
    const b = splat(beta);
    v0 = madd(b, v128.load(c), v0);
    v1 = madd(b, v128.load(c, 16), v1);
  }
  v128.store(c, v0);
  v128.store(c, v1, 16);
}

/**
 * One 4 x 8 tile: C = alpha · A·B + beta · C from a packed strip of A (4 floats for each p) and
 * one of B (8 floats for each p). Every element is summed over p in order, from 0.
 */
export function kernel4x8(
  kc: i32,
  a: usize,
  b: usize,
  c: usize,
  ldc: usize,
  alpha: f32,
  beta: f32,
): void {
  let c00 = splat(0),
    c01 = splat(0),
    c10 = splat(0),
    c11 = splat(0),
    c20 = splat(0),
    c21 = splat(0),
    c30 = splat(0),
    c31 = splat(0);
  const end = b + ((<usize>kc) << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let ai = v128.load_splat<f32>(a);
    c00 = madd(ai, b0, c00);
    c01 = madd(ai, b1, c01);
    ai = v128.load_splat<f32>(a, 4);
    c10 = madd(ai, b0, c10);
    c11 = madd(ai, b1, c11);
    ai = v128.load_splat<f32>(a, 8);
    c20 = madd(ai, b0, c20);
    c21 = madd(ai, b1, c21);
    ai = v128.load_splat<f32>(a, 12);
    c30 = madd(ai, b0, c30);
    c31 = madd(ai, b1, c31);
    a += 16;
    b += 32;
  }
  const scale = splat(alpha);
  storeRow(c, c00, c01, scale, beta);
  storeRow(c + ldc, c10, c11, scale, beta);
  storeRow(c + 2 * ldc, c20, c21, scale, beta);
  storeRow(c + 3 * ldc, c30, c31, scale, beta);
}

/** C[0..count] = tile + beta · C for a row of an edge tile; count is 1 to 8. */
@inline
function mergeRow(tile: usize, c: usize, count: i32, beta: f32): void {
  for (let j = 0; j < count; j += LANES, tile += VECTOR_BYTES, c += VECTOR_BYTES) {
    const width = min(LANES, count - j);
    let v = v128.load(tile);
    if (beta != 0) v = madd(splat(beta), loadLanes(c, width), v);
    storeLanes(c, v, width);
  }
}

/** Copies the rows x cols corner of a full tile (row stride 32 bytes) into C, C = tile + beta · C. */
export function mergeTile(
  tile: usize,
  c: usize,
  ldc: usize,
  rows: i32,
  cols: i32,
  beta: f32,
): void {
  for (let i = 0; i < rows; i++, tile += 32, c += ldc) mergeRow(tile, c, cols, beta);
}
