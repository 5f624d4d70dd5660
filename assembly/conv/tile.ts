import { mergeTile } from "../gemm/kernel";
import { bytes, madd, splat } from "../simd";

/**
 * The register tile of convolutions: four rows of eight or sixteen sums. What row r multiplies at step k
 * is at p_r + offsets[k], so one loop serves every kernel size, stride, dilation and padding. Each sum is
 * taken in the order of k.
 *
 * A step loads one offset, and stays one step: with four in a turn of the loop V8 spilled sums, which
 * took 1.4 times as long. The addresses of the results come from memory, after the loop, for the same
 * reason. A call computes the panels of a run, whose rows are all `next` bytes further than those of
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
  panels: i32,
  count: i32,
  offsets: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  next: usize,
  b: usize,
  targets: usize,
  at: usize,
  nextTarget: usize,
  adds: bool,
): void {
  for (; panels > 0; panels--) {
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
      c33 = zero;
    const end = offsets + bytes(count);
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
    at += nextTarget;
  }
}

function narrow(
  panels: i32,
  count: i32,
  offsets: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  next: usize,
  b: usize,
  targets: usize,
  at: usize,
  nextTarget: usize,
  adds: bool,
): void {
  products(2, panels, count, offsets, p0, p1, p2, p3, next, b, targets, at, nextTarget, adds);
}

function wide(
  panels: i32,
  count: i32,
  offsets: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  next: usize,
  b: usize,
  targets: usize,
  at: usize,
  nextTarget: usize,
  adds: bool,
): void {
  products(4, panels, count, offsets, p0, p1, p2, p3, next, b, targets, at, nextTarget, adds);
}

/** Rows (3 or 4, a constant where this is inlined) by eight columns, column by column. */
@inline
function pairs(
  rows: i32,
  panels: i32,
  count: i32,
  offsets: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  next: usize,
  b: usize,
  targets: usize,
  at: usize,
  nextTarget: usize,
  adds: bool,
): void {
  for (; panels > 0; panels--) {
    const zero = splat(0);
    let c00 = zero,
      c01 = zero,
      c10 = zero,
      c11 = zero,
      c20 = zero,
      c21 = zero,
      c30 = zero,
      c31 = zero;
    const end = offsets + bytes(count);
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
      if (rows > 3) {
        a = p3 + o;
        c30 = madd(v128.load(a), b0, c30);
        c31 = madd(v128.load(a, 16), b1, c31);
      }
    }
    storeRow(2, load<usize>(targets) + at, c00, c01, zero, zero, adds);
    storeRow(2, load<usize>(targets, 4) + at, c10, c11, zero, zero, adds);
    storeRow(2, load<usize>(targets, 8) + at, c20, c21, zero, zero, adds);
    if (rows > 3) storeRow(2, load<usize>(targets, 12) + at, c30, c31, zero, zero, adds);
    p0 += next;
    p1 += next;
    p2 += next;
    p3 += next;
    at += nextTarget;
  }
}

/** Four rows by eight columns, column by column. */
function depthwise(
  panels: i32,
  count: i32,
  offsets: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  next: usize,
  b: usize,
  targets: usize,
  at: usize,
  nextTarget: usize,
  adds: bool,
): void {
  pairs(4, panels, count, offsets, p0, p1, p2, p3, next, b, targets, at, nextTarget, adds);
}

/** Three, for gradients of nine taps: four would compute three rows in vain. */
function depthwise3(
  panels: i32,
  count: i32,
  offsets: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  next: usize,
  b: usize,
  targets: usize,
  at: usize,
  nextTarget: usize,
  adds: bool,
): void {
  pairs(3, panels, count, offsets, p0, p1, p2, p3, next, b, targets, at, nextTarget, adds);
}

/** Four rows of sums by all strips of b. */
@unmanaged
export class Panel {
  /** NARROW, WIDE or DEPTHWISE. */
  kind: i32;
  /** Number of columns. */
  n: i32;
  /** Steps that the strips of b have. */
  depth: i32;
  /** Addresses of the four rows of results. */
  target0: usize;
  target1: usize;
  target2: usize;
  target3: usize;
  /** Those of the tile below, in which what goes beyond an edge is computed. */
  private edge0: usize;
  private edge1: usize;
  private edge2: usize;
  private edge3: usize;


  @inline
  private get tile(): usize {
    return changetype<usize>(this) + offsetof<Panel>();
  }

  /** Bytes that it takes, tile included. */
  static get bytes(): usize {
    return offsetof<Panel>() + 256;
  }

  set(kind: i32, n: i32): void {
    this.kind = kind;
    this.n = n;
    this.edge0 = this.tile;
    this.edge1 = this.tile + 64;
    this.edge2 = this.tile + 128;
    this.edge3 = this.tile + 192;
  }

  /** Columns of a strip. */
  get width(): i32 {
    return this.kind == WIDE ? WIDE : NARROW;
  }

  /**
   * Sums `count` steps into `rows` (1 to 4) of the four rows, or adds them to what is there; and so for
   * the other panels of a run, which have all four rows.
   */
  sum(
    rows: i32,
    panels: i32,
    count: i32,
    offsets: usize,
    p0: usize,
    p1: usize,
    p2: usize,
    p3: usize,
    next: usize,
    nextTarget: usize,
    b: usize,
    adds: bool,
  ): void {
    const kind = this.kind;
    const width = this.width;
    const strip = bytes(this.depth * width);
    const across: usize = kind == DEPTHWISE ? 32 : 0;
    for (let j = 0; j < this.n; j += width, b += strip) {
      if ((rows == 4 || (rows == 3 && kind == DEPTHWISE)) && j + width <= this.n) {
        const targets = changetype<usize>(this) + offsetof<Panel>("target0");
        const at = bytes(j);
        this.run(
          rows,
          panels,
          count,
          offsets,
          p0,
          p1,
          p2,
          p3,
          next,
          b,
          targets,
          at,
          nextTarget,
          adds,
        );
      } else {
        const edges = changetype<usize>(this) + offsetof<Panel>("edge0");
        for (let i = 0; i < panels; i++) {
          const by = <usize>i * next;
          this.run(
            4,
            1,
            count,
            offsets,
            p0 + by,
            p1 + by,
            p2 + by,
            p3 + by,
            0,
            b,
            edges,
            0,
            0,
            false,
          );
          this.merge(rows, bytes(j) + <usize>i * nextTarget, min(width, this.n - j), adds);
        }
      }
      p0 += across;
      p1 += across;
      p2 += across;
      p3 += across;
    }
  }

  /** Computes the panels of a run for one strip. */
  private run(
    rows: i32,
    panels: i32,
    count: i32,
    offsets: usize,
    p0: usize,
    p1: usize,
    p2: usize,
    p3: usize,
    next: usize,
    b: usize,
    targets: usize,
    at: usize,
    nextTarget: usize,
    adds: bool,
  ): void {
    const kind = this.kind;
    if (kind == NARROW) {
      narrow(panels, count, offsets, p0, p1, p2, p3, next, b, targets, at, nextTarget, adds);
    } else if (kind == WIDE) {
      wide(panels, count, offsets, p0, p1, p2, p3, next, b, targets, at, nextTarget, adds);
    } else if (rows == 3) {
      depthwise3(panels, count, offsets, p0, p1, p2, p3, next, b, targets, at, nextTarget, adds);
    } else {
      depthwise(panels, count, offsets, p0, p1, p2, p3, next, b, targets, at, nextTarget, adds);
    }
  }

  /** Moves `columns` columns of the tile to the rows, `at` bytes from their beginning. */
  private merge(rows: i32, at: usize, columns: i32, adds: bool): void {
    const targets = changetype<usize>(this) + offsetof<Panel>("target0");
    for (let r = 0; r < rows; r++) {
      const target = load<usize>(targets + bytes(r)) + at;
      mergeTile(this.tile + ((<usize>r) << 6), 64, target, 0, 1, columns, 1, adds ? 1 : 0);
    }
  }
}
