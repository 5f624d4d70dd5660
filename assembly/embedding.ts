import { LINE, chunkStart, ownScratch } from "./chunks";
import { addLanes, addRow, fillRow } from "./loops/rows";
import { LANES, VECTOR_BYTES, bytes, loadSome, splat, storeSome } from "./simd";
import { CHAIN, isShort } from "./sums";
import { addSums, addToSums, doubles, highPair, lowPair, storeSums } from "./float64";
import { Flag } from "./words";

/**
 * Rows of a table picked by index, with the gradient of the table. An id outside the table gives a
 * row of NaN, and none of its gradient counts.
 * @section Embedding
 * @instruction cut along rows
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
 * @param totals scratch f64[rows / 16, width]
 * @param owners scratch i32[rows / 16]
 * @param states scratch i32[to - from]
 */

/** The id at ptr; -1 where it is a float that is not whole. */
@inline
function idAt(ptr: usize, floating: bool): i32 {
  if (!floating) return load<i32>(ptr);
  const x = load<f32>(ptr);
  const id = <i32>x;
  // Bits tell NaN from 0, which it converts to; -0 is 0.
  const whole = reinterpret<u32>(<f32>id) == reinterpret<u32>(x) || reinterpret<u32>(x) << 1 == 0;
  return whole ? id : -1;
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
    const id = idAt(ids, floating);
    if (<u32>id >= <u32>vocabulary) fillRow(y, width, NaN);
    else memory.copy(y, table + <usize>id * stride, stride);
  }
}

/** Bits of a row's state that count the terms of its chain, less than CHAIN. */
@inline
const TERMS: i32 = CHAIN - 1;

/** The number of the float64 totals of a row, from 1 on; 0 if it has none. It stands above the terms. */
@inline
function numberOf(state: i32): i32 {
  return state >>> 4;
}

/** Returns the address of the totals of a number. */
@inline
function totalsOf(totals: usize, number: i32, width: i32): usize {
  return totals + <usize>(number - 1) * doubles(width);
}

/** y[i] += x[i]. For every id of a narrow table a call would take as long as the sums. */
@inline
function addTerm(x: usize, y: usize, width: i32): void {
  if (width > 2 * LINE) {
    addRow(x, y, width);
    return;
  }
  for (; width > LANES; width -= LANES, x += VECTOR_BYTES, y += VECTOR_BYTES) addLanes(x, y, LANES);
  addLanes(x, y, width);
}


@inline
function joinLanes(sum: usize, totals: usize, count: i32): void {
  const v = loadSome(sum, count);
  addToSums(totals, lowPair(v), highPair(v), count);
  storeSome(sum, splat(0), count);
}

/** Adds the chain in `sum` to the row's totals, which are 0 if they are new, and starts another. */
function joinTotals(sum: usize, totals: usize, width: i32, isNew: bool): void {
  if (isNew) memory.fill(totals, 0, doubles(width));
  for (; width > LANES; width -= LANES, sum += VECTOR_BYTES, totals += 2 * VECTOR_BYTES) {
    joinLanes(sum, totals, LANES);
  }
  joinLanes(sum, totals, width);
}

/** Adds the last chains of the rows that have totals to these, and rounds them. */
function storeTotals(sums: usize, totals: usize, owners: usize, count: i32, width: i32): void {
  for (let i = 0; i < count; i++, totals += doubles(width)) {
    const sum = sums + <usize>load<i32>(owners + bytes(i)) * bytes(width);
    addSums(sum, totals, width);
    storeSums(totals, sum, width);
  }
}

/** embedGrad over rows that are 0, and states that are; without states where there are few ids. */
function addTerms(
  ids: usize,
  dy: usize,
  sums: usize,
  rows: i32,
  width: i32,
  floating: bool,
  from: i32,
  count: i32,
  totals: usize,
  owners: usize,
  states: usize,
): void {
  const stride = bytes(width);
  let inUse = 0;
  for (const end = ids + bytes(rows); ids < end; ids += 4, dy += stride) {
    const row = idAt(ids, floating) - from;
    if (<u32>row >= <u32>count) continue;
    const sum = sums + <usize>row * stride;
    addTerm(dy, sum, width);
    if (!states) continue;
    const at = states + bytes(row);
    const state = load<i32>(at);
    store<i32>(at, state + 1);
    if ((state & TERMS) != TERMS) continue;
    const isNew = numberOf(state) == 0;
    if (isNew) store<i32>(owners + bytes(inUse++), row);
    const number = isNew ? inUse : numberOf(state);
    joinTotals(sum, totalsOf(totals, number, width), width, isNew);
    store<i32>(at, number << 4);
  }
  storeTotals(sums, totals, owners, inUse, width);
}

/**
 * dtable[v] = Σ dy[i] over the i with ids[i] = v, for rows `from` to `to` of the table. Each row is added
 * up in order: up to 32 ids in float32, more of them in chains of 16 terms that join the row's float64
 * totals, see sums.ts. Only a row that fills a chain has totals, so there are at most rows / 16 of them.
 * @instruction embedGrad
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
  totals: usize,
  owners: usize,
  states: usize,
): void {
  const count = to - from;
  const sums = dtable + <usize>from * bytes(width);
  memory.fill(sums, 0, <usize>count * bytes(width));
  if (width == 0) return;
  const isLong = !isShort(rows);
  if (isLong) memory.fill(states, 0, bytes(count));
  addTerms(ids, dy, sums, rows, width, floating, from, count, totals, owners, isLong ? states : 0);
}

/**
 * The gradient of a table, by rows of it.
 * @instruction embedGrad
 */
@unmanaged
export class EmbedGrad {
  ids: usize;
  dy: usize;
  dtable: usize;
  /** Ids. */
  rows: i32;
  vocabulary: i32;
  width: i32;
  /** True if ids are floats. */
  floating: Flag;
  /** A block of scratch for each thread: totals, owners, states. */
  scratch: usize;
  /** Bytes of such a block. */
  scratchBytes: i32;

  /** Computes a chunk of the table's rows. */
  run(chunk: i32, chunks: i32): void {
    const totals = ownScratch(this.scratch, this.scratchBytes);
    const chains = this.rows / CHAIN;
    const owners = totals + doubles(chains * this.width);
    embedGrad(
      this.ids,
      this.dy,
      this.dtable,
      this.rows,
      this.vocabulary,
      this.width,
      this.floating != 0,
      chunkStart(this.vocabulary, 1, chunk, chunks),
      chunkStart(this.vocabulary, 1, chunk + 1, chunks),
      totals,
      owners,
      owners + bytes(chains),
    );
  }
}
