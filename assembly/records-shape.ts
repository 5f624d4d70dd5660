import { GRAIN } from "./config";
import { LINEAR } from "./gemm/epilogue";
import { gemm } from "./gemm/gemm";
import { LINE, ownScratch, share } from "./chunks";
import { concat, copyPart, padPart } from "./permute";
import { max, maxGrad } from "./reduce";
import { bytes } from "./simd";

/**
 * What the records of shape operations, of largest elements and of batched products call; see
 * records.ts.
 */

/** src, dst, rank, axes of copyStrided. */
export function copyRecord(args: usize, part: i32, parts: i32): void {
  const rank = load<i32>(args, 8);
  const axes = args + 12;
  const length = load<i32>(axes);
  const unit = rank == 1 ? LINE : 1;
  const from = share(length, unit, part, parts);
  const to = share(length, unit, part + 1, parts);
  copyPart(load<usize>(args), load<usize>(args, 4), axes, rank, from, to);
}

/** src, dst, rank, axes of padStrided. */
export function padRecord(args: usize, part: i32, parts: i32): void {
  const rank = load<i32>(args, 8);
  const axes = args + 12;
  const length = load<i32>(axes);
  const unit = rank == 1 ? LINE : 1;
  const from = share(length, unit, part, parts);
  const to = share(length, unit, part + 1, parts);
  const dst = load<usize>(args, 4) + bytes(from * load<i32>(axes, 20));
  padPart(load<usize>(args), dst, axes, rank, from, to);
}

/** dst, rows, its row's length, count, parts of concat. */
export function concatRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 4);
  const from = share(rows, 1, part, parts);
  const dst = load<usize>(args) + bytes(from * load<i32>(args, 8));
  concat(args + 16, load<i32>(args, 12), dst, from, share(rows, 1, part + 1, parts));
}

/** x, y, places, outer, axis, inner. */
export function maxRecord(args: usize, part: i32, parts: i32): void {
  const outer = load<i32>(args, 12);
  const axis = load<i32>(args, 16);
  const inner = load<i32>(args, 20);
  const i = share(outer, 1, part, parts);
  const x = load<usize>(args) + bytes(i * axis * inner);
  const y = load<usize>(args, 4) + bytes(i * inner);
  const places = load<usize>(args, 8) + bytes(i * inner);
  max(x, y, places, share(outer, 1, part + 1, parts) - i, axis, inner);
}

/** dy, places, dx, outer, axis, inner. */
export function maxGradRecord(args: usize, part: i32, parts: i32): void {
  const outer = load<i32>(args, 12);
  const axis = load<i32>(args, 16);
  const inner = load<i32>(args, 20);
  const i = share(outer, 1, part, parts);
  const dy = load<usize>(args) + bytes(i * inner);
  const places = load<usize>(args, 4) + bytes(i * inner);
  const dx = load<usize>(args, 8) + bytes(i * axis * inner);
  maxGrad(dy, places, dx, share(outer, 1, part + 1, parts) - i, axis, inner);
}

/** How far an operand is along the batch axes, in matrices, for product `index` of the batch. */
function placeInBatch(axes: usize, rank: i32, index: i32, operand: usize): i32 {
  let place = 0;
  for (let axis = axes + <usize>((rank - 1) * 12); axis >= axes; axis -= 12) {
    const length = load<i32>(axis);
    place += (index % length) * load<i32>(axis + operand);
    index /= length;
  }
  return place;
}

/**
 * transA, transB, m, n, k, a, b, c, scratch, bytes of it for each lane, batch, rank, axes: C = op(A)·op(B)
 * for each matrix of a batch. The axes are those of the batch, 12 bytes each, outermost first:
 * length, and how far a and b move along it, in matrices (0 where they are broadcast).
 *
 * Parts are cut along the rows of all products, as if they stood below each other.
 */
export function batchGemmRecord(args: usize, part: i32, parts: i32): void {
  const transA = load<i32>(args) != 0;
  const transB = load<i32>(args, 4) != 0;
  const m = load<i32>(args, 8);
  const n = load<i32>(args, 12);
  const k = load<i32>(args, 16);
  const lda = transA ? m : k;
  const ldb = transB ? k : n;
  const scratch = ownScratch(args + 32);
  const batch = load<i32>(args, 40);
  const rank = load<i32>(args, 44);
  const axes = args + 48;
  const strips = (m + GRAIN - 1) / GRAIN;
  const end = share(batch * strips, 1, part + 1, parts);
  let strip = share(batch * strips, 1, part, parts);
  while (strip < end) {
    const index = strip / strips;
    const from = (strip - index * strips) * GRAIN;
    const to = min(m, (end - index * strips) * GRAIN);
    const a = load<usize>(args, 20) + bytes(placeInBatch(axes, rank, index, 4) * m * k);
    const b = load<usize>(args, 24) + bytes(placeInBatch(axes, rank, index, 8) * k * n);
    const c = load<usize>(args, 28) + bytes((index * m + from) * n);
    const first = a + bytes(transA ? from : from * lda);
    gemm(transA, transB, to - from, n, k, 1, first, lda, b, ldb, 0, c, n, scratch, 0, LINEAR, 0);
    strip = (index + 1) * strips;
  }
}
