import { addRow, fillRow } from "./rows";
import { bytes } from "./simd";

/**
 * Rows of a table picked by index, with the gradient of the table. An id outside the table gives a
 * row of NaN, and none of its gradient counts.
 * @param ids reads i32[rows], or f32[rows] where floating, each below vocabulary
 * @param table reads f32[vocabulary, width]
 * @param y writes f32[rows, width]
 * @param dy reads f32[rows, width]
 * @param dtable writes f32[vocabulary, width], and of it rows from to to alone
 * @param rows ids
 * @param vocabulary rows of the table, at least 1
 * @param width columns of the table
 * @param floating whether ids are whole numbers in float32, which tells those up to 2^24 apart
 * @param from first row of the table, at most to
 * @param to end of the rows, at most vocabulary
 */

/** The id at ptr, or -1 where it is none of `vocabulary` rows. */
@inline
function idAt(ptr: usize, floating: bool, vocabulary: i32): i32 {
  if (!floating) {
    const id = load<u32>(ptr);
    return id < <u32>vocabulary ? <i32>id : -1;
  }
  const x = load<f32>(ptr);
  const id = <i32>x;
  // Bits tell NaN from 0, which it converts to; -0 is 0.
  const whole = reinterpret<u32>(<f32>id) == reinterpret<u32>(x) || reinterpret<u32>(x) << 1 == 0;
  return whole && <u32>id < <u32>vocabulary ? id : -1;
}

/** y[i] = table[ids[i]]. */
export function embed(
  ids: usize,
  table: usize,
  y: usize,
  rows: i32,
  vocabulary: i32,
  width: i32,
  floating: bool,
): void {
  const stride = bytes(width);
  for (let i = 0; i < rows; i++, ids += 4, y += stride) {
    const id = idAt(ids, floating, vocabulary);
    if (id < 0) fillRow(y, width, NaN);
    else memory.copy(y, table + <usize>id * stride, stride);
  }
}

/**
 * dtable[v] = Σ dy[i] over the i with ids[i] = v, in order, for rows `from` to `to` of the table.
 */
export function embedGrad(
  ids: usize,
  dy: usize,
  dtable: usize,
  rows: i32,
  vocabulary: i32,
  width: i32,
  floating: bool,
  from: i32,
  to: i32,
): void {
  const stride = bytes(width);
  memory.fill(dtable + <usize>from * stride, 0, <usize>(to - from) * stride);
  for (let i = 0; i < rows; i++, ids += 4, dy += stride) {
    const id = idAt(ids, floating, vocabulary);
    if (id >= from && id < to) addRow(dy, dtable + <usize>id * stride, width);
  }
}
