import { exp } from "../math";
import { fillRow, scaleRow } from "../loops/rows";
import { LANES, bytes, splat } from "../simd";
import { exp as expOf, log as logOf } from "../unary";
import { Blocks } from "./blocks";
import { Geometry } from "./geometry";
import { KEYS, QUERIES, ROW, columnBytes } from "./sizes";

/**
 * The forward pass. Going over blocks of keys, a query keeps the largest score so far, the sum of the
 * exponentials below it, and the sum of the values that they weigh; a larger score makes both smaller
 * (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018; Dao, Fu, Ermon, Rudra and
 * Ré, "FlashAttention", 2022).
 */
@unmanaged
export class Forward extends Blocks {
  /** Factors by which sums become smaller. */
  private factors: usize;
  /** Sums of the exponentials of a block of keys. */
  private added: usize;
  /** Values of a block of keys in strips. */
  private columns: usize;

  /** Makes it in a thread's scratch. */
  static at(scratch: usize, geometry: Geometry): Forward {
    const self = changetype<Forward>(scratch);
    self.geometry = geometry;
    self.factors = self.lay(scratch + offsetof<Forward>());
    self.added = self.factors + bytes(QUERIES);
    self.columns = self.added + bytes(QUERIES);
    return self;
  }

  /** Blocks of queries of a part. */
  @inline
  get blocks(): i32 {
    return (this.geometry.queries + QUERIES - 1) / QUERIES;
  }

  /** Number of items that threads may share: the blocks of all parts. */
  @inline
  get items(): i32 {
    return this.geometry.parts * this.blocks;
  }

  /** Computes items `from` to `to`. */
  run(from: i32, to: i32): void {
    const blocks = this.blocks;
    for (; from < to; from++) {
      this.enter(from / blocks);
      this.turnTo((from % blocks) * QUERIES);
      this.attend();
      this.finish();
    }
  }

  /** Goes over the keys that a block of queries sees. */
  private attend(): void {
    const g = this.geometry;
    const seen = this.seen;
    fillRow(this.maxima, QUERIES, -Infinity);
    fillRow(this.sums, QUERIES, 0);
    this.done = 0;
    // Once in any case, for the zeros of queries that see nothing.
    do {
      this.count = min(KEYS, seen - this.done);
      this.multiplyKeys(this.kRows, g.k, g.depth, this.strips, this.scale, this.scores);
      this.hide();
      for (let j = 0; j < this.queries; j += LANES) this.exponentials(j);
      this.merge();
      this.drop(this.scores);
      const beta: f32 = this.done ? 1 : 0;
      const depth = g.valueDepth;
      this.sumOverKeys(this.scores, this.vRows, g.v, depth, this.columns, 1, beta, this.yRows, g.y);
      this.done += KEYS;
    } while (this.done < seen);
  }

  /** Makes exponentials of the scores of four queries, and takes their sums and the change of the maxima. */
  private exponentials(j: i32): void {
    const at = bytes(j);
    const first = this.scores + at;
    const end = first + <usize>this.visibleTo(j) * ROW;
    const before = v128.load(this.maxima + at);
    let most = before;
    // NaN is never the largest; its exponential is NaN.
    for (let s = first; s < end; s += ROW) most = f32x4.pmax(most, v128.load(s));
    // -∞ less -∞ would be NaN where nothing has been seen.
    const base = v128.andnot(most, f32x4.eq(most, splat(-Infinity)));
    let sum = splat(0);
    for (let s = first; s < end; s += ROW) {
      const e = exp(f32x4.sub(v128.load(s), base));
      v128.store(s, e);
      sum = f32x4.add(sum, e);
    }
    v128.store(this.maxima + at, most);
    v128.store(this.factors + at, f32x4.sub(before, base));
    v128.store(this.added + at, sum);
  }

  /** Adds the sums of a block of keys to those before it, which become smaller where a maximum grew. */
  private merge(): void {
    const row = this.geometry.y.row;
    let y = this.yRows + <usize>this.first * row;
    expOf(this.factors, this.factors, this.queries, 0);
    for (let at: usize = 0; at < bytes(this.queries); at += 4, y += row) {
      const factor = load<f32>(this.factors + at);
      const sums = this.sums + at;
      store<f32>(sums, factor * load<f32>(sums) + load<f32>(this.added + at));
      if (this.done && factor != 1) scaleRow(y, y, this.geometry.valueDepth, factor);
    }
  }

  /** Divides the outputs by the sums. A query that has seen nothing has zeros, and ∞ as its logarithm. */
  private finish(): void {
    const g = this.geometry;
    const row = g.y.row;
    let y = this.yRows + <usize>this.first * row;
    const logs = this.logSumExp + bytes(this.part * g.queries + this.first);
    logOf(this.sums, this.factors, this.queries, 0);
    for (let at: usize = 0; at < bytes(this.queries); at += 4, y += row) {
      const sum = load<f32>(this.sums + at);
      const value = load<f32>(this.maxima + at) + load<f32>(this.factors + at);
      if (sum == 0) fillRow(y, g.valueDepth, 0);
      else scaleRow(y, y, g.valueDepth, <f32>1 / sum);
      if (this.logSumExp) store<f32>(logs + at, sum == 0 ? Infinity : value);
    }
  }
}

/** Bytes of scratch for it. */
export function forwardBytes(keys: i32, valueDepth: i32): usize {
  return offsetof<Forward>() + 2 * bytes(QUERIES) + columnBytes(min(KEYS, keys), valueDepth);
}
