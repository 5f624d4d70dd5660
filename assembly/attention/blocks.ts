import { stripFor } from "../conv/weights";
import { pack } from "../gemm/pack";
import { TILE_BYTES } from "../gemm/tiles";
import { fillRow } from "../loops/rows";
import { drop } from "../random/drop";
import { RandomState } from "../random/philox";
import { LANES, bytes } from "../simd";
import { Geometry, Strides } from "./geometry";
import { QUERIES, ROW, scoreBytes } from "./sizes";
import { ROWS, panel, tile } from "./tile";

/** The use of the first words that dropout draws here; see random/drop.ts. */
@inline
const USE: u32 = 2;

/**
 * Attention at work on a block of queries and a block of keys, in a thread's scratch.
 *
 * Scores are kept transposed, a row for each key: maxima, sums and what else belongs to a query are then
 * vectors, and the rows of keys, the sums over keys and those over queries are all products whose left
 * operand needs no packing. Queries are handled in groups of four lanes, and a group skips the keys that
 * none of its queries sees.
 */
@unmanaged
export class Blocks {
  geometry: Geometry;
  q: usize;
  k: usize;
  v: usize;
  /** Elements that are 0 for pairs that are hidden; none if 0. */
  mask: usize;
  y: usize;
  /** Logarithms of the sums of exponentials, f32[batch, heads, queries]; none if 0. */
  logSumExp: usize;
  /** Factor of the scores. */
  scale: f32;
  /** State of the random numbers of dropout; none if 0. */
  random: RandomState;
  stream: u32;
  threshold: u32;
  /** Factor of the probabilities that dropout keeps. */
  kept: f32;

  /** Number of the present part, and its rows. */
  part: i32;
  qRows: usize;
  kRows: usize;
  vRows: usize;
  yRows: usize;
  private maskAt: usize;
  /** First query of the block, and the number of its queries. */
  first: i32;
  queries: i32;
  /** First key of the block, and the number of its keys. */
  done: i32;
  count: i32;

  /** Room for a tile at an edge, and for less than four rows of keys, packed. */
  edge: usize;
  private rest: usize;
  /** Two numbers for each query. */
  maxima: usize;
  sums: usize;
  /** Scores, or probabilities: f32[keys, 68]. */
  scores: usize;
  /** Queries in strips. */
  strips: usize;

  /** Sets the operands of either pass; without random state nothing is dropped. */
  @inline
  set(
    q: usize,
    k: usize,
    v: usize,
    mask: usize,
    y: usize,
    logSumExp: usize,
    scale: f32,
    random: usize,
    stream: u32,
    threshold: u32,
    kept: f32,
  ): void {
    this.q = q;
    this.k = k;
    this.v = v;
    this.mask = mask;
    this.y = y;
    this.logSumExp = logSumExp;
    this.scale = scale;
    this.random = changetype<RandomState>(random);
    this.stream = stream;
    this.threshold = threshold;
    this.kept = kept;
  }

  /** Lays out the scratch. Returns its end. */
  lay(end: usize): usize {
    const g = this.geometry;
    this.edge = end;
    this.rest = this.edge + TILE_BYTES;
    this.maxima = this.rest + bytes(ROWS * max(g.depth, g.valueDepth));
    this.sums = this.maxima + bytes(QUERIES);
    this.scores = this.sums + bytes(QUERIES);
    this.strips = this.scores + scoreBytes(g.keys);
    return this.strips + bytes(QUERIES * g.depth);
  }

  /** Turns to a part. */
  enter(part: i32): void {
    const g = this.geometry;
    const batch = part / g.heads;
    const head = part % g.heads;
    this.part = part;
    this.qRows = g.q.part(this.q, batch, head);
    this.kRows = g.k.part(this.k, batch, head);
    this.vRows = g.v.part(this.v, batch, head);
    this.yRows = g.y.part(this.y, batch, head);
    this.maskAt = g.mask.part(this.mask, batch, head);
  }

  /** Turns to a block of queries from `first` on, and packs them. */
  turnTo(first: i32): void {
    const g = this.geometry;
    const queries = min(QUERIES, g.queries - first);
    this.first = first;
    this.queries = queries;
    const rows = this.qRows + <usize>first * g.q.row;
    pack(true, rows, g.q.row, queries, g.depth, this.strips, this.width);
  }

  /** Width of the strips of queries. */
  get width(): i32 {
    return stripFor(this.queries);
  }

  /** Number of keys that the last query of the block sees. */
  @inline
  get seen(): i32 {
    return this.visible(this.queries, this.geometry.keys);
  }

  /** Number of the first `keys` keys that the query before query `j` of the block sees. */
  @inline
  visible(j: i32, keys: i32): i32 {
    return max(0, min(keys, this.first + j + this.geometry.diagonal));
  }

  /** The same for the last of the four queries from query j on, among the keys of the block. */
  @inline
  visibleTo(j: i32): i32 {
    return max(0, min(this.count, this.first + j + LANES + this.geometry.diagonal - this.done));
  }

  /** Position in the block of the first query that sees a key of the block; it may be negative. */
  @inline
  firstQuery(key: i32): i32 {
    return this.done + key - this.geometry.diagonal - this.first;
  }

  /** to[key, query] = factor · the products of rows of the block's keys with queries in strips. */
  multiplyKeys(
    rows: usize,
    strides: Strides,
    depth: i32,
    strips: usize,
    factor: f32,
    to: usize,
  ): void {
    const width = this.width;
    const strip = bytes(depth * width);
    const row = strides.row;
    rows += <usize>this.done * row;
    for (let i = 0; i < this.count; i += ROWS, rows += <usize>ROWS * row, to += <usize>ROWS * ROW) {
      let a = rows;
      let aRow = row;
      let aStep: usize = 4;
      if (i + ROWS > this.count) {
        a = this.rest;
        aRow = 4;
        aStep = bytes(ROWS);
        pack(true, rows, row, this.count - i, depth, a, ROWS);
      }
      let s = max(0, this.firstQuery(i)) / width;
      let b = strips + <usize>s * strip;
      for (let j = s * width; j < this.queries; j += width, b += strip) {
        tile(width, depth, a, aRow, aStep, b, to + bytes(j), ROW, factor, 0);
      }
    }
  }

  /**
   * Sets the scores of hidden pairs to -∞. Above the diagonal it does so only in groups that see one of
   * four neighbouring keys.
   */
  hide(): void {
    const end = (this.queries + LANES - 1) & -LANES;
    let row = this.scores;
    for (let i = 0; i < this.count; i++, row += ROW) {
      const to = min(end, this.firstQuery(i));
      for (let j = max(0, this.firstQuery(i & -ROWS) & -LANES); j < to; j++) {
        store<f32>(row + bytes(j), -Infinity);
      }
      if (this.mask) this.maskKey(i, row, end);
    }
  }

  /** Hides the queries from which the mask hides a key. */
  private maskKey(key: i32, row: usize, end: i32): void {
    const strides = this.geometry.mask;
    const step = strides.row;
    let at = this.maskAt + bytes((this.done + key) * strides.key) + <usize>this.first * step;
    if (step == 0) {
      if (isZero(at)) fillRow(row, end, -Infinity);
      return;
    }
    for (let j = 0; j < this.queries; j++, at += step) {
      if (isZero(at)) store<f32>(row + bytes(j), -Infinity);
    }
  }

  /** Drops probabilities, or their gradients: rows of keys, from the first group that sees a key. */
  drop(rows: usize): void {
    const state = this.random;
    if (changetype<usize>(state) == 0) return;
    const end = this.first + this.queries;
    const use = USE + this.part * this.geometry.keys + this.done;
    for (let i = 0; i < this.count; i++, rows += ROW) {
      const from = this.first + max(0, this.firstQuery(i & -ROWS) & -LANES);
      const at = rows - bytes(this.first);
      if (from >= end) return;
      drop(
        at,
        at,
        from,
        end,
        this.threshold,
        this.kept,
        state.seedLow,
        state.seedHigh,
        this.stream,
        state.step,
        use + i,
      );
    }
  }

  /**
   * y += factor · the sums over keys of a row of `values` by its columns of `weights`, or y = that if beta
   * is 0. Rows of y and of the values lie as `ys` and `strides` say; `columns` is scratch for the latter.
   */
  sumOverKeys(
    weights: usize,
    values: usize,
    strides: Strides,
    depth: i32,
    columns: usize,
    factor: f32,
    beta: f32,
    y: usize,
    ys: Strides,
  ): void {
    const width = stripFor(depth);
    const strip = bytes(this.count * width);
    const row = strides.row;
    pack(false, values + <usize>this.done * row, row, depth, this.count, columns, width);
    y += <usize>this.first * ys.row;
    for (
      let j = 0;
      j < this.queries;
      j += ROWS, weights += bytes(ROWS), y += <usize>ROWS * ys.row
    ) {
      const rows = min(ROWS, this.queries - j);
      const n = this.visibleTo(j);
      panel(
        rows,
        depth,
        width,
        n,
        factor,
        weights,
        4,
        ROW,
        columns,
        strip,
        beta,
        y,
        ys.row,
        this.edge,
      );
    }
  }
}

/** True for +0 and -0, and for an integer 0. */
@inline
function isZero(at: usize): bool {
  return load<u32>(at) << 1 == 0;
}
