import { mergeTile } from "../gemm/kernel";
import { bytes } from "../simd";
import { DEPTHWISE, NARROW, Rows, WIDE, depthwise, depthwise3, narrow, wide } from "./tile";

/** Four rows of sums by all strips of b. */
@unmanaged
export class Panel extends Rows {
  /** NARROW, WIDE or DEPTHWISE. */
  kind: i32;
  /** Number of columns. */
  n: i32;
  /** Steps that the strips of b have. */
  depth: i32;
  /** Addresses in the tile below, in which what goes beyond an edge is computed. */
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
    for (let r: usize = 0; r < 4; r++) this.setEdge(r);
  }


  @inline
  private setEdge(r: usize): void {
    store<usize>(changetype<usize>(this) + 4 * r, this.tile + 64 * r, offsetof<Panel>("edge0"));
  }

  /** Columns of a strip. */
  get width(): i32 {
    return this.kind == WIDE ? WIDE : NARROW;
  }

  /**
   * Sums `count` steps into `rows` (1 to 4) of the four rows, or adds them to what is there; and so for
   * the other panels of a run, which have all four rows.
   */
  sum(rows: i32, panels: i32, count: i32, offsets: usize, b: usize, adds: bool): void {
    const width = this.width;
    const strip = bytes(this.depth * width);
    const isThree = rows == 3 && this.kind == DEPTHWISE;
    let shift: usize = 0;
    for (let j = 0; j < this.n; j += width, b += strip) {
      if ((rows == 4 || isThree) && j + width <= this.n) {
        const targets = changetype<usize>(this) + offsetof<Rows>("target0");
        this.run(isThree, panels, count, offsets, shift, b, targets, bytes(j), adds);
      } else {
        const edges = changetype<usize>(this) + offsetof<Panel>("edge0");
        for (let i: usize = 0; i < <usize>panels; i++) {
          this.run(false, 1, count, offsets, shift + i * this.next, b, edges, 0, false);
          this.merge(rows, bytes(j) + i * this.nextTarget, min(width, this.n - j), adds);
        }
      }
      if (this.kind == DEPTHWISE) shift += 32;
    }
  }

  /** Computes the panels of a run for one strip. */
  private run(
    isThree: bool,
    panels: i32,
    count: i32,
    offsets: usize,
    shift: usize,
    b: usize,
    targets: usize,
    at: usize,
    adds: bool,
  ): void {
    const kind = this.kind;
    if (kind == NARROW) narrow(this, panels, count, offsets, shift, b, targets, at, adds);
    else if (kind == WIDE) wide(this, panels, count, offsets, shift, b, targets, at, adds);
    else if (isThree) depthwise3(this, panels, count, offsets, shift, b, targets, at, adds);
    else depthwise(this, panels, count, offsets, shift, b, targets, at, adds);
  }

  /** Moves `columns` columns of the tile to the rows, `at` bytes from their beginning. */
  private merge(rows: i32, at: usize, columns: i32, adds: bool): void {
    for (let r = 0; r < rows; r++) {
      const row = this.tile + ((<usize>r) << 6);
      mergeTile(row, 64, this.target(r) + at, 0, 1, columns, 1, adds ? 1 : 0);
    }
  }
}
