import { exp } from "../math";
import { pack } from "../gemm/pack";
import { stripFor } from "../conv/weights";
import { fillRow } from "../loops/rows";
import { LANES, bytes, madd, splat } from "../simd";
import { Blocks } from "./blocks";
import { Geometry, Strides } from "./geometry";
import { KEYS, QUERIES, ROW, columnBytes, scoreBytes } from "./sizes";
import { ROWS, panel } from "./tile";

/**
 * The gradients. Probabilities are computed again as e^(score - logSumExp). With dP = dy·vᵀ and D the sums
 * of dy · y along rows, the scores' gradient is P · (dP - D) (Dao et al., "FlashAttention", 2022, appendix
 * B.4). All gradients of a part are sums of one thread's, over blocks in order.
 */
@unmanaged
export class Backward extends Blocks {
  dy: usize;
  /** Gradients of q, k and v; none if 0. */
  dq: usize;
  dk: usize;
  dv: usize;

  private dyRows: usize;
  private dqRows: usize;
  private dkRows: usize;
  private dvRows: usize;
  /** Gradients of the scores: f32[keys, 68]. */
  private slopes: usize;
  /** Rows of dy in strips, and in strips of columns; columns of q, and of a block of k. */
  private dyStrips: usize;
  private dyColumns: usize;
  private qColumns: usize;
  private kColumns: usize;

  /** Makes it in a thread's scratch. */
  static at(scratch: usize, g: Geometry): Backward {
    const self = changetype<Backward>(scratch);
    self.geometry = g;
    self.slopes = self.lay(scratch + offsetof<Backward>());
    self.dyStrips = self.slopes + scoreBytes(g.keys);
    self.dyColumns = self.dyStrips + bytes(QUERIES * g.valueDepth);
    self.qColumns = self.dyColumns + columnBytes(QUERIES, g.valueDepth);
    self.kColumns = self.qColumns + columnBytes(QUERIES, g.depth);
    return self;
  }

  /** Sets the operands of this pass alone. */
  @inline
  setGradients(dy: usize, dq: usize, dk: usize, dv: usize): void {
    this.dy = dy;
    this.dq = dq;
    this.dk = dk;
    this.dv = dv;
  }

  /** Computes parts `from` to `to`. */
  run(from: i32, to: i32): void {
    const g = this.geometry;
    for (; from < to; from++) {
      const batch = from / g.heads;
      const head = from % g.heads;
      this.enter(from);
      this.dyRows = g.y.part(this.dy, batch, head);
      this.dqRows = clear(this.dq, g.q, batch, head, g.queries, g.depth);
      this.dkRows = clear(this.dk, g.k, batch, head, g.keys, g.depth);
      this.dvRows = clear(this.dv, g.v, batch, head, g.keys, g.valueDepth);
      for (let first = 0; first < g.queries; first += QUERIES) {
        this.turnTo(first);
        if (this.seen) this.addBlock();
      }
    }
  }

  /** Adds what a block of queries gives to all gradients. */
  private addBlock(): void {
    const g = this.geometry;
    const seen = this.seen;
    this.packQueries();
    for (this.done = 0; this.done < seen; this.done += KEYS) {
      this.count = min(KEYS, seen - this.done);
      this.multiplyKeys(this.kRows, g.k, g.depth, this.strips, this.scale, this.scores);
      this.hide();
      this.multiplyKeys(this.vRows, g.v, g.valueDepth, this.dyStrips, 1, this.slopes);
      this.drop(this.slopes);
      for (let j = 0; j < this.queries; j += LANES) this.differentiate(j);
      this.drop(this.scores);
      const slopes = this.slopes;
      const scale = this.scale;
      if (this.dq) {
        this.sumOverKeys(
          slopes,
          this.kRows,
          g.k,
          g.depth,
          this.kColumns,
          scale,
          1,
          this.dqRows,
          g.q,
        );
      }
      if (this.dk) this.sumOverQueries(slopes, this.qColumns, g.depth, scale, this.dkRows, g.k);
      if (this.dv) {
        this.sumOverQueries(this.scores, this.dyColumns, g.valueDepth, 1, this.dvRows, g.v);
      }
    }
  }

  /** Packs what the products of a block of queries read beside its strips, and takes D. */
  private packQueries(): void {
    const g = this.geometry;
    const first = <usize>this.first;
    const queries = this.queries;
    const row = g.y.row;
    const dy = this.dyRows + first * row;
    const y = this.yRows + first * row;
    pack(true, dy, row, queries, g.valueDepth, this.dyStrips, this.width);
    // Room that the columns of dy take afterwards.
    pack(true, y, row, queries, g.valueDepth, this.dyColumns, this.width);
    for (let j = 0; j < queries; j += LANES) this.sumProducts(j);
    pack(false, dy, row, g.valueDepth, queries, this.dyColumns, stripFor(g.valueDepth));
    const q = this.qRows + first * g.q.row;
    pack(false, q, g.q.row, g.depth, queries, this.qColumns, stripFor(g.depth));
    // Queries beyond the last have no probabilities.
    fillRow(this.maxima, QUERIES, Infinity);
    const logs = this.logSumExp + bytes(this.part * g.queries + this.first);
    memory.copy(this.maxima, logs, bytes(queries));
  }

  /**
   * Takes D of four queries in the order of the sums of dP: for a single key both are equal, and the gradient
   * of its score is 0.
   */
  private sumProducts(j: i32): void {
    const width = this.width;
    const depth = this.geometry.valueDepth;
    const row = bytes(width);
    const at = bytes((j / width) * width * depth + (j % width));
    let y = this.dyColumns + at;
    let dy = this.dyStrips + at;
    let sum = splat(0);
    for (let c = 0; c < depth; c++, y += row, dy += row) {
      sum = madd(v128.load(y), v128.load(dy), sum);
    }
    v128.store(this.sums + bytes(j), sum);
  }

  /** Makes probabilities of the scores of four queries, and gradients of the scores. */
  private differentiate(j: i32): void {
    const at = bytes(j);
    const logSumExp = v128.load(this.maxima + at);
    const dot = v128.load(this.sums + at);
    // Whole panels of keys, which sums over queries read.
    const n = (this.visibleTo(j) + ROWS - 1) & -ROWS;
    let s = this.scores + at;
    let t = this.slopes + at;
    for (const end = s + <usize>n * ROW; s < end; s += ROW, t += ROW) {
      const p = exp(f32x4.sub(v128.load(s), logSumExp));
      v128.store(s, p);
      v128.store(t, f32x4.mul(p, f32x4.sub(v128.load(t), dot)));
    }
  }

  /** to += factor · the sums over queries of a column of `weights` by the rows in strips of columns. */
  private sumOverQueries(
    weights: usize,
    columns: usize,
    depth: i32,
    factor: f32,
    to: usize,
    strides: Strides,
  ): void {
    const width = stripFor(depth);
    const strip = bytes(this.queries * width);
    to += <usize>this.done * strides.row;
    for (
      let i = 0;
      i < this.count;
      i += ROWS, weights += <usize>ROWS * ROW, to += <usize>ROWS * strides.row
    ) {
      const j = max(0, this.firstQuery(i));
      const n = this.queries - j;
      if (n <= 0) return;
      const rows = min(ROWS, this.count - i);
      const a = weights + bytes(j);
      const b = columns + bytes(j * width);
      panel(rows, depth, width, n, factor, a, ROW, 4, b, strip, 1, to, strides.row, this.edge);
    }
  }
}

/** Fills the rows of a part's gradient with zeros, if there is one. Returns their address. */
function clear(
  first: usize,
  strides: Strides,
  batch: i32,
  head: i32,
  rows: i32,
  depth: i32,
): usize {
  const at = strides.part(first, batch, head);
  if (first == 0) return 0;
  for (let i = 0; i < rows; i++) fillRow(at + <usize>i * strides.row, depth, 0);
  return at;
}

/** Bytes of scratch for it. */
export function backwardBytes(keys: i32, depth: i32, valueDepth: i32): usize {
  return (
    offsetof<Backward>() +
    scoreBytes(keys) +
    bytes(QUERIES * valueDepth) +
    columnBytes(QUERIES, valueDepth) +
    columnBytes(QUERIES, depth) +
    columnBytes(min(KEYS, keys), depth)
  );
}
