import { chunkStart } from "../chunks";
import { fillRow } from "../loops/rows";
import { LANES, VECTOR_BYTES, bytes, loadSome, madd, splat, storeSome } from "../simd";

/**
 * Weighted sums of neighbours in images: average pools, interpolation, and the gradients of both.
 * @section Resampling
 */

/** Weighted sums along an axis. Its outputs follow, each a Sum and `most` weights. */
@unmanaged
class SumAxis {
  /** Length of x along it. */
  length: i32;
  /** Number of outputs. */
  count: i32;
  /** The most terms that an output has. */
  most: i32;
}

/** An output: the sum of w · x over `terms` neighbours from `first` on. Their weights follow it. */
@unmanaged
class Sum {
  first: i32;
  terms: i32;
}

/** Bytes of an output of an axis, with its weights. */
@inline
function sumBytes(axis: SumAxis): usize {
  return offsetof<Sum>() + bytes(axis.most);
}

/** Bytes of the outputs of an axis. */
@inline
function allBytes(axis: SumAxis): usize {
  return <usize>axis.count * sumBytes(axis);
}

/** Start of sums: -0 + x is x for every x, while 0 + -0 is 0. */
@inline
function nothing(): v128 {
  return splat(-0.0);
}

/** Σ_a r[a] · Σ_b s[b] · x[a, b] for 16 channels. */
@inline
function sumSixteen(x: usize, y: usize, line: usize, pixel: usize, r: usize, s: usize): void {
  const across = changetype<Sum>(s).terms;
  let y0 = nothing();
  let y1 = nothing();
  let y2 = nothing();
  let y3 = nothing();
  const end = r + bytes(changetype<Sum>(r).terms);
  for (; r < end; r += 4, x += line) {
    let x0 = nothing();
    let x1 = nothing();
    let x2 = nothing();
    let x3 = nothing();
    let from = x;
    const last = s + bytes(across);
    for (let b = s; b < last; b += 4, from += pixel) {
      const w = v128.load_splat<f32>(b, offsetof<Sum>());
      x0 = madd(w, v128.load(from), x0);
      x1 = madd(w, v128.load(from, 16), x1);
      x2 = madd(w, v128.load(from, 32), x2);
      x3 = madd(w, v128.load(from, 48), x3);
    }
    const w = v128.load_splat<f32>(r, offsetof<Sum>());
    y0 = madd(w, x0, y0);
    y1 = madd(w, x1, y1);
    y2 = madd(w, x2, y2);
    y3 = madd(w, x3, y3);
  }
  v128.store(y, y0);
  v128.store(y, y1, 16);
  v128.store(y, y2, 32);
  v128.store(y, y3, 48);
}

/** The same for `count` channels, 1 to 4. */
@inline
function sumLanes(
  x: usize,
  y: usize,
  line: usize,
  pixel: usize,
  r: usize,
  s: usize,
  count: i32,
): void {
  let sum = nothing();
  const end = r + bytes(changetype<Sum>(r).terms);
  const last = s + bytes(changetype<Sum>(s).terms);
  for (; r < end; r += 4, x += line) {
    let inner = nothing();
    let from = x;
    for (let b = s; b < last; b += 4, from += pixel) {
      inner = madd(v128.load_splat<f32>(b, offsetof<Sum>()), loadSome(from, count), inner);
    }
    sum = madd(v128.load_splat<f32>(r, offsetof<Sum>()), inner, sum);
  }
  storeSome(y, sum, count);
}

/** Rows `from` to `to` of y, counted through all images. */
function resampleRows(x: usize, y: usize, axes: usize, channels: i32, from: i32, to: i32): void {
  const rows = changetype<SumAxis>(axes);
  const rowSums = axes + offsetof<SumAxis>();
  const columns = changetype<SumAxis>(rowSums + allBytes(rows));
  const columnSums = rowSums + allBytes(rows) + offsetof<SumAxis>();
  const pixel = bytes(channels);
  const line = <usize>columns.length * pixel;
  y += <usize>from * columns.count * pixel;
  for (let i = from; i < to; i++) {
    const image = i / rows.count;
    const r = rowSums + <usize>(i - image * rows.count) * sumBytes(rows);
    const top = x + <usize>(image * rows.length + changetype<Sum>(r).first) * line;
    let s = columnSums;
    for (let j = 0; j < columns.count; j++, s += sumBytes(columns)) {
      let rest = channels;
      if (changetype<Sum>(r).terms == 0 || changetype<Sum>(s).terms == 0) {
        fillRow(y, channels, 0);
        y += pixel;
        continue;
      }
      let at = top + <usize>changetype<Sum>(s).first * pixel;
      for (; rest >= 16; rest -= 16, at += 64, y += 64) sumSixteen(at, y, line, pixel, r, s);
      for (; rest > 0; rest -= LANES, at += VECTOR_BYTES) {
        const count = min(rest, LANES);
        sumLanes(at, y, line, pixel, r, s, count);
        y += bytes(count);
      }
    }
  }
}

/**
 * y[n, i, j, c] = Σ_a r[i, a] · Σ_b s[j, b] · x[n, row_i + a, column_j + b, c], each sum in order, with
 * terms for those a and b alone that the axes have; 0 where there are none.
 * @instruction resample2d
 * @param x reads f32[batch, rows, columns, channels]
 * @param y writes f32[batch, outputs of rows, outputs of columns, channels]
 * @param axes reads of rows and then of columns i32[3]: the length of x, the count of outputs, the most
 *   terms that one has; and behind it, for each output, its first position, its terms, and in f32 as many
 *   weights as the most terms
 * @param batch images
 * @param channels channels of an image
 */
export function resample2d(x: usize, y: usize, axes: usize, batch: i32, channels: i32): void {
  resampleRows(x, y, axes, channels, 0, batch * changetype<SumAxis>(axes).count);
}

/**
 * Weighted sums of neighbours in images. Chunks are cut along the rows of all results.
 * @instruction resample2d
 * @list axes i32: as resample2d takes them
 */
@unmanaged
export class Resample2d {
  x: usize;
  y: usize;
  /** Images. */
  batch: i32;
  channels: i32;

  /** Computes a chunk of the rows. */
  run(chunk: i32, chunks: i32): void {
    const axes = changetype<usize>(this) + offsetof<Resample2d>();
    const rows = this.batch * changetype<SumAxis>(axes).count;
    const from = chunkStart(rows, 1, chunk, chunks);
    const to = chunkStart(rows, 1, chunk + 1, chunks);
    resampleRows(this.x, this.y, axes, this.channels, from, to);
  }
}
