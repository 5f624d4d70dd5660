import { chunkStart } from "./chunks";
import { addRow } from "./loops/rows";
import { CopyAxis, unitOf } from "./permute";
import { bytes } from "./simd";

/**
 * Sums of arrays of different layouts, by which slices add to the gradient of their array.
 * @section Sums in place
 */

/** dst += src for n elements, srcStep and dstStep bytes apart. */
function addElements(src: usize, srcStep: usize, dst: usize, dstStep: usize, n: i32): void {
  if (srcStep == 4 && dstStep == 4) {
    addRow(src, dst, n);
    return;
  }
  for (let i = 0; i < n; i++, src += srcStep, dst += dstStep) {
    store<f32>(dst, load<f32>(dst) + load<f32>(src));
  }
}

/** Adds positions `from` to `to` of the outermost axis. */
function addRange(src: usize, dst: usize, axes: usize, rank: i32, from: i32, to: i32): void {
  const axis = changetype<CopyAxis>(axes);
  const srcStep = bytes(axis.srcStride);
  const dstStep = bytes(axis.dstStride);
  src += <usize>from * srcStep;
  dst += <usize>from * dstStep;
  if (rank == 1) {
    addElements(src, srcStep, dst, dstStep, to - from);
    return;
  }
  const next = axes + offsetof<CopyAxis>();
  const length = changetype<CopyAxis>(next).length;
  for (let i = from; i < to; i++, src += srcStep, dst += dstStep) {
    addRange(src, dst, next, rank - 1, 0, length);
  }
}

/**
 * dst[Σ i_a · dstStep_a] += src[Σ i_a · srcStep_a] for every index i of a walk over the axes, which
 * meets no element of dst twice.
 * @instruction addStrided
 * @param src reads the f32 elements that the axes address
 * @param dst updates the f32 elements that the axes address
 * @param axes reads i32[rank, 3]: of each axis its length, and how many elements source and
 *   destination move by along it
 * @param rank axes, at least 1
 */
export function addStrided(src: usize, dst: usize, axes: usize, rank: i32): void {
  addRange(src, dst, axes, rank, 0, changetype<CopyAxis>(axes).length);
}

/**
 * Sum in place along axes. Chunks are cut along the first.
 * @instruction addStrided
 * @list axes i32[rank, 3]: as addStrided takes them
 */
@unmanaged
export class AddStrided {
  src: usize;
  dst: usize;
  /** Axes, at least 1. */
  rank: i32;

  /** Adds a chunk of the first axis. */
  run(chunk: i32, chunks: i32): void {
    const axes = changetype<usize>(this) + offsetof<AddStrided>();
    const length = changetype<CopyAxis>(axes).length;
    const from = chunkStart(length, unitOf(this.rank), chunk, chunks);
    const to = chunkStart(length, unitOf(this.rank), chunk + 1, chunks);
    addRange(this.src, this.dst, axes, this.rank, from, to);
  }
}
