import { LINE, chunkStart } from "./chunks";
import { fillRow } from "./loops/rows";
import { LANES, bytes } from "./simd";

/**
 * Copies between layouts: transposes, slices, concatenations. Elements are 32 bits, floats or
 * integers, and move as they are.
 *
 * A walk over an array is a list of axes in memory, outermost first.
 * @section Layouts
 * @param src reads what the axes say
 * @param dst writes what the axes say
 * @param axes reads i32[rank, 3]: of each axis its length, and how many elements source and
 *   destination move by along it
 * @param rank axes, at least 1
 */

/** An axis of copyStrided. */
@unmanaged
export class CopyAxis {
  length: i32;
  /** Elements that src moves by along it. */
  srcStride: i32;
  /** Elements that dst moves by. */
  dstStride: i32;
}

/** n elements, srcStep and dstStep bytes apart. */
function copyRow(src: usize, srcStep: usize, dst: usize, dstStep: usize, n: i32): void {
  if (srcStep == 4 && dstStep == 4) {
    memory.copy(dst, src, bytes(n));
    return;
  }
  for (let i = 0; i < n; i++, src += srcStep, dst += dstStep) store<u32>(dst, load<u32>(src));
}

/** Four by four elements: dst[j, i] = src[i, j], rows srcRow and dstRow bytes apart. */
@inline
function transposeTile(src: usize, srcRow: usize, dst: usize, dstRow: usize): void {
  const r0 = v128.load(src);
  const r1 = v128.load(src + srcRow);
  const r2 = v128.load(src + 2 * srcRow);
  const r3 = v128.load(src + 3 * srcRow);
  const t0 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const t1 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const t2 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const t3 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(dst, i64x2.shuffle(t0, t1, 0, 2));
  v128.store(dst + dstRow, i64x2.shuffle(t0, t1, 1, 3));
  v128.store(dst + 2 * dstRow, i64x2.shuffle(t2, t3, 0, 2));
  v128.store(dst + 3 * dstRow, i64x2.shuffle(t2, t3, 1, 3));
}

/** dst[j, i] = src[i, j] for i < rows and j < cols, rows srcRow and dstRow bytes apart. */
function transposePlane(
  src: usize,
  srcRow: usize,
  dst: usize,
  dstRow: usize,
  rows: i32,
  cols: i32,
): void {
  const wholeRows = rows & ~(LANES - 1);
  const wholeCols = cols & ~(LANES - 1);
  for (let j = 0; j < wholeCols; j += LANES, src += 16, dst += 4 * dstRow) {
    let from = src;
    for (let i = 0; i < wholeRows; i += LANES, from += 4 * srcRow) {
      transposeTile(from, srcRow, dst + bytes(i), dstRow);
    }
    const to = dst + bytes(wholeRows);
    for (let p = 0; p < LANES; p++) {
      copyRow(from + bytes(p), srcRow, to + <usize>p * dstRow, 4, rows - wholeRows);
    }
  }
  for (let j = wholeCols; j < cols; j++, src += 4, dst += dstRow)
    copyRow(src, srcRow, dst, 4, rows);
}

/** The part of copyStrided that positions `from` to `to` of the outermost axis make up. */
function copyPart(src: usize, dst: usize, axes: usize, rank: i32, from: i32, to: i32): void {
  const axis = changetype<CopyAxis>(axes);
  const srcStep = bytes(axis.srcStride);
  const dstStep = bytes(axis.dstStride);
  src += <usize>from * srcStep;
  dst += <usize>from * dstStep;
  if (rank == 1) {
    copyRow(src, srcStep, dst, dstStep, to - from);
    return;
  }
  const next = axes + offsetof<CopyAxis>();
  const inner = changetype<CopyAxis>(next);
  if (rank == 2 && srcStep == 4 && inner.dstStride == 1) {
    transposePlane(src, bytes(inner.srcStride), dst, dstStep, inner.length, to - from);
    return;
  }
  for (let i = from; i < to; i++, src += srcStep, dst += dstStep) {
    copyPart(src, dst, next, rank - 1, 0, inner.length);
  }
}

/**
 * dst[Σ i_a · dstStep_a] = src[Σ i_a · srcStep_a] for every place i of a walk over the axes. Where the
 * last two are a transpose, source neighbours along one and destination neighbours along the other,
 * elements are moved four by four.
 * @instruction copyStrided
 */
export function copyStrided(src: usize, dst: usize, axes: usize, rank: i32): void {
  copyPart(src, dst, axes, rank, 0, changetype<CopyAxis>(axes).length);
}

/** An axis of padStrided. */
@unmanaged
class PadAxis {
  length: i32;
  /** Begin of the slice, its step and its count. */
  begin: i32;
  step: i32;
  count: i32;
  /** Elements of src and of dst that one place of it holds. */
  srcBlock: i32;
  dstBlock: i32;
}

/** Positions `from` to `to` of the last axis; dst points at `from`. */
function padRow(src: usize, dst: usize, axis: PadAxis, from: i32, to: i32): void {
  const begin = axis.begin;
  const step = axis.step;
  const count = axis.count;
  if (step == 1) {
    const first = min(max(begin, from), to);
    const end = min(max(begin + count, first), to);
    fillRow(dst, first - from, 0);
    memory.copy(dst + bytes(first - from), src + bytes(first - begin), bytes(end - first));
    fillRow(dst + bytes(end - from), to - end, 0);
    return;
  }
  fillRow(dst, to - from, 0);
  for (let place = max(0, (from - begin + step - 1) / step); place < count; place++) {
    const i = begin + place * step;
    if (i >= to) break;
    store<u32>(dst + bytes(i - from), load<u32>(src + bytes(place)));
  }
}

/** Does positions `from` to `to` of padStrided's outermost axis; dst points at `from`. */
function padPart(src: usize, dst: usize, axes: usize, rank: i32, from: i32, to: i32): void {
  const axis = changetype<PadAxis>(axes);
  if (rank == 1) {
    padRow(src, dst, axis, from, to);
    return;
  }
  const begin = axis.begin;
  const step = axis.step;
  const count = axis.count;
  const srcBlock = bytes(axis.srcBlock);
  const dstBlock = axis.dstBlock;
  const inner = axes + offsetof<PadAxis>();
  const length = changetype<PadAxis>(inner).length;
  for (let i = from; i < to; i++, dst += bytes(dstBlock)) {
    const place = (i - begin) / step;
    const outside = i < begin || place >= count || begin + place * step != i;
    if (outside) fillRow(dst, dstBlock, 0);
    else padPart(src + <usize>place * srcBlock, dst, inner, rank - 1, 0, length);
  }
}

/**
 * The gradient of a slice: dst is src among zeros.
 * @instruction padStrided
 * @param src reads as many 32-bit elements as the product of the counts
 * @param dst writes as many as the product of the lengths
 * @param axes reads i32[rank, 6]: of each axis of dst its length; where the slice begins, its step (at
 *   least 1) and its count; how many elements of src and of dst one place of it holds
 */
export function padStrided(src: usize, dst: usize, axes: usize, rank: i32): void {
  padPart(src, dst, axes, rank, 0, changetype<PadAxis>(axes).length);
}

/** An array of which concat takes rows. */
@unmanaged
class ConcatPart {
  rows: usize;
  /** Elements of a row. */
  width: i32;
}

/**
 * dst = the parts side by side, rows `from` to `to` of each.
 * @instruction concat
 * @param parts reads i32[count, 2]: the address of each part and its row's length in elements
 * @param count parts
 * @param dst writes rows of all parts' lengths together; points at row `from`
 * @param from first row, at most to
 * @param to end of the rows
 */
export function concat(parts: usize, count: i32, dst: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    let at = parts;
    for (let p = 0; p < count; p++, at += offsetof<ConcatPart>()) {
      const part = changetype<ConcatPart>(at);
      const width = bytes(part.width);
      memory.copy(dst, part.rows + <usize>i * width, width);
      dst += width;
    }
  }
}

/** Elements of the outermost axis by which walks are cut: a cache line where it is the only one. */
@inline
export function unitOf(rank: i32): i32 {
  return rank == 1 ? LINE : 1;
}

/**
 * A copy along axes. Chunks are cut along the first.
 * @instruction copyStrided
 * @list axes i32[rank, 3]: as copyStrided takes them
 */
@unmanaged
export class CopyStrided {
  src: usize;
  dst: usize;
  /** Axes, at least 1. */
  rank: i32;

  /** Copies a chunk of the first axis. */
  run(chunk: i32, chunks: i32): void {
    const axes = changetype<usize>(this) + offsetof<CopyStrided>();
    const length = changetype<CopyAxis>(axes).length;
    const from = chunkStart(length, unitOf(this.rank), chunk, chunks);
    const to = chunkStart(length, unitOf(this.rank), chunk + 1, chunks);
    copyPart(this.src, this.dst, axes, this.rank, from, to);
  }
}

/**
 * The gradient of a slice. Chunks are cut along the first axis.
 * @instruction padStrided
 * @list axes i32[rank, 6]: as padStrided takes them
 */
@unmanaged
export class PadStrided {
  src: usize;
  dst: usize;
  /** Axes, at least 1. */
  rank: i32;

  /** Writes a chunk of the first axis. */
  run(chunk: i32, chunks: i32): void {
    const axes = changetype<usize>(this) + offsetof<PadStrided>();
    const axis = changetype<PadAxis>(axes);
    const from = chunkStart(axis.length, unitOf(this.rank), chunk, chunks);
    const to = chunkStart(axis.length, unitOf(this.rank), chunk + 1, chunks);
    padPart(this.src, this.dst + bytes(from * axis.dstBlock), axes, this.rank, from, to);
  }
}

/**
 * Arrays side by side. Chunks are cut along rows.
 * @instruction concat
 * @list parts i32[count, 2]: the address of each part and its row's length in elements
 */
@unmanaged
export class Concat {
  dst: usize;
  rows: i32;
  /** Elements of a row of dst. */
  width: i32;
  /** Parts. */
  count: i32;

  /** Writes a chunk of the rows. */
  run(chunk: i32, chunks: i32): void {
    const parts = changetype<usize>(this) + offsetof<Concat>();
    const from = chunkStart(this.rows, 1, chunk, chunks);
    const dst = this.dst + bytes(from * this.width);
    concat(parts, this.count, dst, from, chunkStart(this.rows, 1, chunk + 1, chunks));
  }
}
