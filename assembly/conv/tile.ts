import { bytes, madd, splat } from "../simd";

/**
 * The register tile of convolutions: four rows of eight or sixteen sums. What row r multiplies at step k
 * is at p_r + offsets[k], so one loop serves every kernel size, stride, dilation and padding. Each sum is
 * taken in the order of k.
 *
 * A step loads one offset, and stays one step: with four in a turn of the loop V8 spilled sums, which
 * took 1.4 times as long. The addresses of the results come from memory, after the loop, for the same
 * reason. A call computes the panels of a run, each of whose rows is a step further than the same row of
 * the panel before.
 */

/** Width of a strip of eight columns; every row's floats are multiplied by all of the strip's. */
@inline
export const NARROW: i32 = 8;

/** Width of a strip of sixteen columns. */
@inline
export const WIDE: i32 = 16;

/** Kind of a strip of eight columns each of which has a float of its own in the rows. */
@inline
export const DEPTHWISE: i32 = 0;

/** Addresses of the rows that a call multiplies, and of the results. */
@unmanaged
export class Rows {
  /** Bytes from a row of a panel to that of the next panel of a run. */
  next: usize;
  /** Bytes from its results to those of the next panel. */
  nextTarget: usize;
  source0: usize;
  source1: usize;
  source2: usize;
  source3: usize;
  target0: usize;
  target1: usize;
  target2: usize;
  target3: usize;

  /** Sets the source and the target of row r. */
  @inline
  setRow(r: i32, source: usize, target: usize): void {
    store<usize>(changetype<usize>(this) + bytes(r), source, offsetof<Rows>("source0"));
    store<usize>(changetype<usize>(this) + bytes(r), target, offsetof<Rows>("target0"));
  }

  /** Returns the target of row r. */
  @inline
  target(r: i32): usize {
    return load<usize>(changetype<usize>(this) + bytes(r), offsetof<Rows>("target0"));
  }
}


@inline
function storeRow(
  vectors: i32,
  c: usize,
  s0: v128,
  s1: v128,
  s2: v128,
  s3: v128,
  adds: bool,
): void {
  if (adds) {
    s0 = f32x4.add(v128.load(c), s0);
    s1 = f32x4.add(v128.load(c, 16), s1);
    if (vectors > 2) s2 = f32x4.add(v128.load(c, 32), s2);
    if (vectors > 2) s3 = f32x4.add(v128.load(c, 48), s3);
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
  if (vectors > 2) v128.store(c, s2, 32);
  if (vectors > 2) v128.store(c, s3, 48);
}

/** Four rows by `vectors` (2 or 4) vectors, which is a constant where this is inlined. */
@inline
function products(
  vectors: i32,
  rows: Rows,
  panels: i32,
  count: i32,
  offsets: usize,
  shift: usize,
  b: usize,
  targets: usize,
  at: usize,
  adds: bool,
): void {
  const zero = splat(0);
  let p0 = rows.source0 + shift;
  let p1 = rows.source1 + shift;
  let p2 = rows.source2 + shift;
  let p3 = rows.source3 + shift;
  const next = rows.next;
  const end = offsets + bytes(count);
  for (; panels > 0; panels--) {
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
      c33 = zero;
    let strip = b;
    for (let k = offsets; k < end; k += 4, strip += (<usize>vectors) << 4) {
      const o = load<usize>(k);
      const b0 = v128.load(strip);
      const b1 = v128.load(strip, 16);
      const b2 = vectors > 2 ? v128.load(strip, 32) : zero;
      const b3 = vectors > 2 ? v128.load(strip, 48) : zero;
      let a = v128.load_splat<f32>(p0 + o);
      c00 = madd(a, b0, c00);
      c01 = madd(a, b1, c01);
      if (vectors > 2) c02 = madd(a, b2, c02);
      if (vectors > 2) c03 = madd(a, b3, c03);
      a = v128.load_splat<f32>(p1 + o);
      c10 = madd(a, b0, c10);
      c11 = madd(a, b1, c11);
      if (vectors > 2) c12 = madd(a, b2, c12);
      if (vectors > 2) c13 = madd(a, b3, c13);
      a = v128.load_splat<f32>(p2 + o);
      c20 = madd(a, b0, c20);
      c21 = madd(a, b1, c21);
      if (vectors > 2) c22 = madd(a, b2, c22);
      if (vectors > 2) c23 = madd(a, b3, c23);
      a = v128.load_splat<f32>(p3 + o);
      c30 = madd(a, b0, c30);
      c31 = madd(a, b1, c31);
      if (vectors > 2) c32 = madd(a, b2, c32);
      if (vectors > 2) c33 = madd(a, b3, c33);
    }
    storeRow(vectors, load<usize>(targets) + at, c00, c01, c02, c03, adds);
    storeRow(vectors, load<usize>(targets, 4) + at, c10, c11, c12, c13, adds);
    storeRow(vectors, load<usize>(targets, 8) + at, c20, c21, c22, c23, adds);
    storeRow(vectors, load<usize>(targets, 12) + at, c30, c31, c32, c33, adds);
    p0 += next;
    p1 += next;
    p2 += next;
    p3 += next;
    at += rows.nextTarget;
  }
}

export function narrow(
  rows: Rows,
  panels: i32,
  count: i32,
  offsets: usize,
  shift: usize,
  b: usize,
  targets: usize,
  at: usize,
  adds: bool,
): void {
  products(2, rows, panels, count, offsets, shift, b, targets, at, adds);
}

export function wide(
  rows: Rows,
  panels: i32,
  count: i32,
  offsets: usize,
  shift: usize,
  b: usize,
  targets: usize,
  at: usize,
  adds: bool,
): void {
  products(4, rows, panels, count, offsets, shift, b, targets, at, adds);
}

/** Rows (3 or 4, a constant where this is inlined) by eight columns, column by column. */
@inline
function pairs(
  height: i32,
  rows: Rows,
  panels: i32,
  count: i32,
  offsets: usize,
  shift: usize,
  b: usize,
  targets: usize,
  at: usize,
  adds: bool,
): void {
  const zero = splat(0);
  let p0 = rows.source0 + shift;
  let p1 = rows.source1 + shift;
  let p2 = rows.source2 + shift;
  let p3 = rows.source3 + shift;
  const next = rows.next;
  const end = offsets + bytes(count);
  for (; panels > 0; panels--) {
    let c00 = zero,
      c01 = zero,
      c10 = zero,
      c11 = zero,
      c20 = zero,
      c21 = zero,
      c30 = zero,
      c31 = zero;
    let strip = b;
    for (let k = offsets; k < end; k += 4, strip += 32) {
      const o = load<usize>(k);
      const b0 = v128.load(strip);
      const b1 = v128.load(strip, 16);
      let a = p0 + o;
      c00 = madd(v128.load(a), b0, c00);
      c01 = madd(v128.load(a, 16), b1, c01);
      a = p1 + o;
      c10 = madd(v128.load(a), b0, c10);
      c11 = madd(v128.load(a, 16), b1, c11);
      a = p2 + o;
      c20 = madd(v128.load(a), b0, c20);
      c21 = madd(v128.load(a, 16), b1, c21);
      if (height > 3) {
        a = p3 + o;
        c30 = madd(v128.load(a), b0, c30);
        c31 = madd(v128.load(a, 16), b1, c31);
      }
    }
    storeRow(2, load<usize>(targets) + at, c00, c01, zero, zero, adds);
    storeRow(2, load<usize>(targets, 4) + at, c10, c11, zero, zero, adds);
    storeRow(2, load<usize>(targets, 8) + at, c20, c21, zero, zero, adds);
    if (height > 3) storeRow(2, load<usize>(targets, 12) + at, c30, c31, zero, zero, adds);
    p0 += next;
    p1 += next;
    p2 += next;
    p3 += next;
    at += rows.nextTarget;
  }
}

/** Four rows by eight columns, column by column. */
export function depthwise(
  rows: Rows,
  panels: i32,
  count: i32,
  offsets: usize,
  shift: usize,
  b: usize,
  targets: usize,
  at: usize,
  adds: bool,
): void {
  pairs(4, rows, panels, count, offsets, shift, b, targets, at, adds);
}

/** Three, for gradients of nine taps: four would compute three rows needlessly. */
export function depthwise3(
  rows: Rows,
  panels: i32,
  count: i32,
  offsets: usize,
  shift: usize,
  b: usize,
  targets: usize,
  at: usize,
  adds: bool,
): void {
  pairs(3, rows, panels, count, offsets, shift, b, targets, at, adds);
}
