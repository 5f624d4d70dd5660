import { LINE, chunkStart } from "./chunks";
import { fillRow, rowMax, scaleRow } from "./loops/rows";
import {
  LANES,
  VECTOR_BYTES,
  bytes,
  isNaNLanes,
  loadLanes,
  select,
  splat,
  storeLanes,
  wholeBytes,
} from "./simd";
import { sumColumns, sumRow } from "./sums";

/**
 * Reductions over one axis of an array seen as [outer, axis, inner]. sums.ts has the order of the sums,
 * which the shape alone decides, and their error.
 * @section Sums and maxima
 * @param x reads f32[outer, axis, inner]
 * @param y writes f32[outer, inner]
 * @param places writes i32[outer, inner]
 * @gradient places reads i32[outer, inner], each below axis
 * @param dy reads f32[outer, inner]
 * @param dx writes f32[outer, axis, inner]
 * @param outer what comes before the axis
 * @param axis what is reduced
 * @param inner what comes after it
 * @param scale what the sum is multiplied by
 */

/**
 * y[o, j] = scale · Σ_i x[o, i, j]: a sum (scale 1) or a mean (scale 1 / axis).
 * @instruction sum
 */
export function sum(x: usize, y: usize, outer: i32, axis: i32, inner: i32, scale: f32): void {
  const stepX = bytes(axis * inner);
  const stepY = bytes(inner);
  for (let o = 0; o < outer; o++, x += stepX, y += stepY) {
    if (inner == 1) store<f32>(y, sumRow(x, axis, scale));
    else sumColumns(x, bytes(inner), y, axis, inner, scale);
  }
}

/**
 * y[o, j] = scale · Σ_i x[o, i, j]. Chunks are cut along outer, or along inner where outer is 1.
 * @instruction sum
 */
@unmanaged
export class Sum {
  x: usize;
  y: usize;
  outer: i32;
  axis: i32;
  inner: i32;
  scale: f32;

  /** Computes a chunk of the sums. */
  run(chunk: i32, chunks: i32): void {
    const axis = this.axis;
    const inner = this.inner;
    if (this.outer == 1 && inner > 1) {
      const j = chunkStart(inner, LINE, chunk, chunks);
      const count = chunkStart(inner, LINE, chunk + 1, chunks) - j;
      const columns = this.x + bytes(j);
      sumColumns(columns, bytes(inner), this.y + bytes(j), axis, count, this.scale);
      return;
    }
    const i = chunkStart(this.outer, 1, chunk, chunks);
    const count = chunkStart(this.outer, 1, chunk + 1, chunks) - i;
    sum(
      this.x + bytes(i * axis * inner),
      this.y + bytes(i * inner),
      count,
      axis,
      inner,
      this.scale,
    );
  }
}

/**
 * dx[o, i, j] = scale · dy[o, j].
 * @instruction cut along outer
 */
export function sumGrad(dy: usize, dx: usize, outer: i32, axis: i32, inner: i32, scale: f32): void {
  const row = bytes(inner);
  for (let o = 0; o < outer; o++, dy += row) {
    if (inner == 1) {
      fillRow(dx, axis, load<f32>(dy) * scale);
      dx += bytes(axis);
    } else {
      for (let i = 0; i < axis; i++, dx += row) scaleRow(dy, dx, inner, scale);
    }
  }
}


@inline
function maxColumnLanes(
  x: usize,
  y: usize,
  places: usize,
  rows: i32,
  stride: usize,
  count: i32,
): void {
  let most = loadLanes(x, count);
  let place = i32x4.splat(0);
  for (let i = 1; i < rows; i++) {
    x += stride;
    const v = loadLanes(x, count);
    // A NaN is not below the largest, and nothing takes its place.
    const stays = v128.or(f32x4.le(v, most), isNaNLanes(most));
    most = select(stays, most, v);
    place = select(stays, place, i32x4.splat(i));
  }
  storeLanes(y, most, count);
  storeLanes(places, place, count);
}

/** Returns the first lanes of x that hold the largest or NaN, as bits. */
@inline
function largestLanes(x: usize, largest: v128, count: i32): i32 {
  const v = loadLanes(x, count);
  return i32x4.bitmask(v128.or(f32x4.eq(v, largest), isNaNLanes(v)));
}

/** Returns the place of the first of the largest of n neighbours, or of the first NaN; n >= 1. */
export function placeOfMax(x: usize, n: i32): i32 {
  const largest = splat(rowMax(x, n));
  const whole = n & ~(LANES - 1);
  for (let i = 0; i < whole; i += LANES, x += VECTOR_BYTES) {
    const hits = largestLanes(x, largest, LANES);
    if (hits) return i + ctz(hits);
  }
  return whole + ctz(largestLanes(x, largest, n - whole));
}

/**
 * y[o, j] = the largest of x[o, i, j] over i, NaN if one is; places[o, j] is the first i that it is
 * found at.
 * @instruction cut along outer
 * @param axis what is reduced, at least 1
 */
export function max(x: usize, y: usize, places: usize, outer: i32, axis: i32, inner: i32): void {
  const stride = bytes(inner);
  const skip = bytes((axis - 1) * inner);
  const rest = inner & (LANES - 1);
  const restBytes = bytes(rest);
  for (let o = 0; o < outer; o++, x += skip) {
    if (inner == 1) {
      const place = placeOfMax(x, axis);
      store<f32>(y, load<f32>(x + bytes(place)));
      store<i32>(places, place);
    }
    const end = x + wholeBytes(inner);
    for (; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES, places += VECTOR_BYTES) {
      maxColumnLanes(x, y, places, axis, stride, LANES);
    }
    if (rest && inner > 1) maxColumnLanes(x, y, places, axis, stride, rest);
    x += restBytes;
    y += restBytes;
    places += restBytes;
  }
}


@inline
function maxGradLanes(dy: usize, places: usize, dx: usize, i: v128, count: i32): void {
  const here = i32x4.eq(loadLanes(places, count), i);
  storeLanes(dx, v128.and(here, loadLanes(dy, count)), count);
}

/**
 * dx[o, i, j] = dy[o, j] where i = places[o, j], elsewhere 0.
 * @instruction cut along outer
 * @param axis what was reduced, at least 1
 */
export function maxGrad(
  dy: usize,
  places: usize,
  dx: usize,
  outer: i32,
  axis: i32,
  inner: i32,
): void {
  const row = bytes(inner);
  const whole = wholeBytes(inner);
  const rest = inner & (LANES - 1);
  for (let o = 0; o < outer; o++, dy += row, places += row) {
    if (inner == 1) {
      fillRow(dx, axis, 0);
      store<f32>(dx + bytes(load<i32>(places)), load<f32>(dy));
      dx += bytes(axis);
      continue;
    }
    for (let i = 0; i < axis; i++, dx += row) {
      const place = i32x4.splat(i);
      for (let j: usize = 0; j < whole; j += VECTOR_BYTES) {
        maxGradLanes(dy + j, places + j, dx + j, place, LANES);
      }
      if (rest) maxGradLanes(dy + whole, places + whole, dx + whole, place, rest);
    }
  }
}
