import { bytes } from "../simd";
import { microkernel, roundUp } from "./kernel";

/**
 * The register tiles, MR x NR elements of C each. Which is fastest depends on the engine's register
 * allocator, by a factor of two, so there are several; all give the same bits.
 */

/** @section Matrix product */

/** Rows of the tallest tile. */
@inline
export const MR_MAX: i32 = 6;

/** Columns of the widest tile. */
@inline
export const NR_MAX: i32 = 16;

/** Bytes of the largest tile, 4 x 16: where an edge tile is computed in full. */
@inline
export const TILE_BYTES: usize = 256;

/** A tile's name as one number. */
@inline
export function tileOf(rows: i32, columns: i32): i32 {
  return (rows << 8) | columns;
}


@inline
export function tileRows(tile: i32): i32 {
  return tile >> 8;
}


@inline
export function tileColumns(tile: i32): i32 {
  return tile & 255;
}

/** Bytes of a tile's elements. */
@inline
export function tileBytes(tile: i32): usize {
  return bytes(tileRows(tile) * tileColumns(tile));
}

/** 4 x 8 does well in every engine. */
@inline
const DEFAULT: i32 = (4 << 8) | 8;

/** The tile of this instance. */
let current: i32 = DEFAULT;

/**
 * Makes rows x columns the register tile of this instance's products, if there is such a tile, and
 * tells whether. No bit of C depends on it, only the time, by a factor of two, and which is fastest
 * depends on the engine. It is the only state that kernels have.
 * @kernel
 * @param rows 2 to 6
 * @param columns 8, 12 or 16: 3x8, 4x8 (at first), 5x8, 6x8, 3x12, 2x16 or 4x16
 */
export function setTile(rows: i32, columns: i32): bool {
  switch (tileOf(rows, columns)) {
    case tileOf(4, 8):
    case tileOf(3, 8):
    case tileOf(5, 8):
    case tileOf(6, 8):
    case tileOf(3, 12):
    case tileOf(2, 16):
    case tileOf(4, 16):
      current = tileOf(rows, columns);
      return true;
    default:
      return false;
  }
}

/** Columns of the tile of this instance. */
export function tileWidth(): i32 {
  return tileColumns(current);
}

function kernel3x8(kc: i32, a: usize, b: usize, c: usize, ldc: usize, alpha: f32, beta: f32): void {
  microkernel(3, 2, true, kc, a, 4, 12, b, 32, c, ldc, alpha, beta);
}

function kernel4x8(kc: i32, a: usize, b: usize, c: usize, ldc: usize, alpha: f32, beta: f32): void {
  microkernel(4, 2, true, kc, a, 4, 16, b, 32, c, ldc, alpha, beta);
}

function kernel5x8(kc: i32, a: usize, b: usize, c: usize, ldc: usize, alpha: f32, beta: f32): void {
  microkernel(5, 2, true, kc, a, 4, 20, b, 32, c, ldc, alpha, beta);
}

function kernel6x8(kc: i32, a: usize, b: usize, c: usize, ldc: usize, alpha: f32, beta: f32): void {
  microkernel(6, 2, true, kc, a, 4, 24, b, 32, c, ldc, alpha, beta);
}

function kernel3x12(
  kc: i32,
  a: usize,
  b: usize,
  c: usize,
  ldc: usize,
  alpha: f32,
  beta: f32,
): void {
  microkernel(3, 3, true, kc, a, 4, 12, b, 48, c, ldc, alpha, beta);
}

function kernel2x16(
  kc: i32,
  a: usize,
  b: usize,
  c: usize,
  ldc: usize,
  alpha: f32,
  beta: f32,
): void {
  microkernel(2, 4, true, kc, a, 4, 8, b, 64, c, ldc, alpha, beta);
}

function kernel4x16(
  kc: i32,
  a: usize,
  b: usize,
  c: usize,
  ldc: usize,
  alpha: f32,
  beta: f32,
): void {
  microkernel(4, 4, true, kc, a, 4, 16, b, 64, c, ldc, alpha, beta);
}

/** Elements that are computed for an m x n product, edge tiles included. */
@inline
function padded(tile: i32, m: i32, n: i32): i64 {
  return <i64>roundUp(m, tileRows(tile)) * roundUp(n, tileColumns(tile));
}

/** The tile for an m x n product: the default where it computes an eighth less at the edges. */
export function tileFor(m: i32, n: i32): i32 {
  const most = padded(current, m, n);
  return padded(DEFAULT, m, n) * 8 < most * 7 ? DEFAULT : current;
}

/** One tile of packed strips, C = alpha · A·B + beta · C. */
@inline
export function runTile(
  tile: i32,
  kc: i32,
  a: usize,
  b: usize,
  c: usize,
  ldc: usize,
  alpha: f32,
  beta: f32,
): void {
  switch (tile) {
    case tileOf(3, 8):
      kernel3x8(kc, a, b, c, ldc, alpha, beta);
      break;
    case tileOf(5, 8):
      kernel5x8(kc, a, b, c, ldc, alpha, beta);
      break;
    case tileOf(6, 8):
      kernel6x8(kc, a, b, c, ldc, alpha, beta);
      break;
    case tileOf(3, 12):
      kernel3x12(kc, a, b, c, ldc, alpha, beta);
      break;
    case tileOf(2, 16):
      kernel2x16(kc, a, b, c, ldc, alpha, beta);
      break;
    case tileOf(4, 16):
      kernel4x16(kc, a, b, c, ldc, alpha, beta);
      break;
    default:
      kernel4x8(kc, a, b, c, ldc, alpha, beta);
  }
}
