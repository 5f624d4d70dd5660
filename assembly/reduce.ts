import { fillRow, scaleRow } from "./rows";
import { LANES, VECTOR_BYTES, hsum, loadLanes, splat, storeLanes, wholeBytes } from "./simd";

/**
 * Reductions over one axis of an array seen as [outer, axis, inner]. The order of each sum is given
 * by the shape alone: rows in order for columns, and four interleaved sums in runs for inner = 1.
 */

/** Elements of a run, which is summed before it joins the total: long sums lose fewer digits. */
@inline
const RUN: i32 = 256;

/** Σ x[i] of n neighbours. */
function sumRow(x: usize, n: i32): f32 {
  let total = splat(0);
  for (; n > 0; n -= RUN) {
    const count = min(n, RUN);
    const end = x + wholeBytes(count);
    let run = splat(0);
    for (; x < end; x += VECTOR_BYTES) run = f32x4.add(run, v128.load(x));
    const rest = count & (LANES - 1);
    if (rest) run = f32x4.add(run, loadLanes(x, rest));
    total = f32x4.add(total, run);
  }
  return hsum(total);
}


@inline
function sumColumnLanes(
  x: usize,
  y: usize,
  rows: i32,
  stride: usize,
  factor: v128,
  count: i32,
): void {
  let sum = splat(0);
  for (let i = 0; i < rows; i++, x += stride) sum = f32x4.add(sum, loadLanes(x, count));
  storeLanes(y, f32x4.mul(sum, factor), count);
}

/** y[j] = scale · Σ_i x[i, j], rows in order. */
function sumColumns(x: usize, y: usize, rows: i32, cols: i32, scale: f32): void {
  const stride = (<usize>cols) << 2;
  const factor = splat(scale);
  const end = x + wholeBytes(cols);
  for (; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES) {
    sumColumnLanes(x, y, rows, stride, factor, LANES);
  }
  const rest = cols & (LANES - 1);
  if (rest) sumColumnLanes(x, y, rows, stride, factor, rest);
}

/** y[o, j] = scale · Σ_i x[o, i, j]: a sum (scale 1) or a mean (scale 1 / axis). */
export function sum(x: usize, y: usize, outer: i32, axis: i32, inner: i32, scale: f32): void {
  const stepX = (<usize>(axis * inner)) << 2;
  const stepY = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++, x += stepX, y += stepY) {
    if (inner == 1) store<f32>(y, sumRow(x, axis) * scale);
    else sumColumns(x, y, axis, inner, scale);
  }
}

/** dx[o, i, j] = scale · dy[o, j]. */
export function sumGrad(dy: usize, dx: usize, outer: i32, axis: i32, inner: i32, scale: f32): void {
  const row = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++, dy += row) {
    if (inner == 1) {
      fillRow(dx, axis, load<f32>(dy) * scale);
      dx += (<usize>axis) << 2;
    } else {
      for (let i = 0; i < axis; i++, dx += row) scaleRow(dy, dx, inner, scale);
    }
  }
}
