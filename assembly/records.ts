import { GRAIN } from "./config";
import { gemm } from "./gemm/gemm";
import { LINE, ownScratch, share } from "./chunks";
import { sum, sumGrad } from "./reduce";
import { bytes } from "./simd";
import { sumColumns } from "./sums";

/**
 * What the records of graph operations call: each reads its arguments (32-bit words, in the order given) and
 * does one of its parts. Parts are cut by rows or elements, never inside a sum.
 */

/** kernel, x, y, n, parameter: any kernel (x, y, n, parameter). */
export function mapRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 12);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  const x = load<usize>(args, 4) + at;
  const y = load<usize>(args, 8) + at;
  const count = share(n, LINE, part + 1, parts) - i;
  call_indirect<void>(load<u32>(args), x, y, count, load<f32>(args, 16));
}

/** kernel, x, y, dy, dx, n, parameter: any kernel (x, y, dy, dx, n, parameter). */
export function mapGradRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 20);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  const x = load<usize>(args, 4) + at;
  const y = load<usize>(args, 8) + at;
  const dy = load<usize>(args, 12) + at;
  const dx = load<usize>(args, 16) + at;
  const count = share(n, LINE, part + 1, parts) - i;
  call_indirect<void>(load<u32>(args), x, y, dy, dx, count, load<f32>(args, 24));
}

/** kernel, x, t, y, n: any loss (x, t, y, n). */
export function lossRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 16);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  const x = load<usize>(args, 4) + at;
  const t = load<usize>(args, 8) + at;
  const y = load<usize>(args, 12) + at;
  call_indirect<void>(load<u32>(args), x, t, y, share(n, LINE, part + 1, parts) - i);
}

/** kernel, x, t, dy, dyStep, dx, n: any loss gradient (x, t, dy, dyStep, dx, n). */
export function lossGradRecord(args: usize, part: i32, parts: i32): void {
  const n = load<i32>(args, 24);
  const i = share(n, LINE, part, parts);
  const at = bytes(i);
  const x = load<usize>(args, 4) + at;
  const t = load<usize>(args, 8) + at;
  const step = load<i32>(args, 16);
  const dy = load<usize>(args, 12) + (step ? at : 0);
  const dx = load<usize>(args, 20) + at;
  const count = share(n, LINE, part + 1, parts) - i;
  call_indirect<void>(load<u32>(args), x, t, dy, step, dx, count);
}

/**
 * One axis of a broadcast, the rest by recursion. axes points at 12 bytes for each axis, outermost
 * first: its length, and how far a and b move along it, in elements (0 where they are broadcast).
 */
function broadcast(
  kernel: u32,
  a: usize,
  b: usize,
  y: usize,
  axes: usize,
  rank: i32,
  length: i32,
): usize {
  const aStep = load<i32>(axes, 4);
  const bStep = load<i32>(axes, 8);
  if (rank == 1) {
    call_indirect<void>(kernel, a, aStep, b, bStep, y, length);
    return y + bytes(length);
  }
  const inner = axes + 12;
  for (let i = 0; i < length; i++) {
    y = broadcast(kernel, a, b, y, inner, rank - 1, load<i32>(inner));
    a += bytes(aStep);
    b += bytes(bStep);
  }
  return y;
}

/** kernel, a, b, y, rank, axes...: any kernel (a, aStep, b, bStep, y, n); innermost steps are 0 or 1. */
export function zipRecord(args: usize, part: i32, parts: i32): void {
  const rank = load<i32>(args, 16);
  const axes = args + 20;
  const length = load<i32>(axes);
  const unit = rank == 1 ? LINE : 1;
  const from = share(length, unit, part, parts);
  let elements = from;
  for (let axis = 1; axis < rank; axis++) elements *= load<i32>(axes + <usize>axis * 12);
  const a = load<usize>(args, 4) + bytes(from * load<i32>(axes, 4));
  const b = load<usize>(args, 8) + bytes(from * load<i32>(axes, 8));
  const y = load<usize>(args, 12) + bytes(elements);
  broadcast(load<u32>(args), a, b, y, axes, rank, share(length, unit, part + 1, parts) - from);
}

/**
 * transA, transB, m, n, k, a, lda, b, ldb, c, ldc, scratch, bytes of it for each lane, bias,
 * activation, parameter, sums (0: none): C = f(op(A)·op(B) + bias), and the sums of B's columns,
 * for which B, not transposed and at least two wide, is in cache.
 *
 * Parts are cut along the longer side of C: each packs all of the other operand, the smaller one.
 */
export function gemmRecord(args: usize, part: i32, parts: i32): void {
  const transA = load<i32>(args) != 0;
  const transB = load<i32>(args, 4) != 0;
  const m = load<i32>(args, 8);
  const n = load<i32>(args, 12);
  const lda = load<i32>(args, 24);
  const ldb = load<i32>(args, 32);
  const ldc = load<i32>(args, 40);
  const byRows = m >= n;
  const i = byRows ? share(m, GRAIN, part, parts) : 0;
  const j = byRows ? 0 : share(n, LINE, part, parts);
  const bias = load<usize>(args, 52);
  gemm(
    transA,
    transB,
    byRows ? share(m, GRAIN, part + 1, parts) - i : m,
    byRows ? n : share(n, LINE, part + 1, parts) - j,
    load<i32>(args, 16),
    1,
    load<usize>(args, 20) + bytes(transA ? i : i * lda),
    lda,
    load<usize>(args, 28) + bytes(transB ? j * ldb : j),
    ldb,
    0,
    load<usize>(args, 36) + bytes(i * ldc + j),
    ldc,
    ownScratch(args + 44),
    bias ? bias + bytes(j) : 0,
    load<i32>(args, 56),
    load<f32>(args, 60),
  );
  const sums = load<usize>(args, 64);
  if (!sums) return;
  const from = share(n, LINE, part, parts);
  const columns = share(n, LINE, part + 1, parts) - from;
  const b = load<usize>(args, 28) + bytes(from);
  sumColumns(b, bytes(ldb), sums + bytes(from), load<i32>(args, 16), columns, 1);
}

/** x, y, outer, axis, inner, scale. */
export function sumRecord(args: usize, part: i32, parts: i32): void {
  const outer = load<i32>(args, 8);
  const axis = load<i32>(args, 12);
  const inner = load<i32>(args, 16);
  if (outer == 1 && inner > 1) {
    const j = share(inner, LINE, part, parts);
    const columns = load<usize>(args) + bytes(j);
    const sums = load<usize>(args, 4) + bytes(j);
    const count = share(inner, LINE, part + 1, parts) - j;
    sumColumns(columns, bytes(inner), sums, axis, count, load<f32>(args, 20));
    return;
  }
  const i = share(outer, 1, part, parts);
  const x = load<usize>(args) + bytes(i * axis * inner);
  const y = load<usize>(args, 4) + bytes(i * inner);
  sum(x, y, share(outer, 1, part + 1, parts) - i, axis, inner, load<f32>(args, 20));
}

/** dy, dx, outer, axis, inner, scale. */
export function sumGradRecord(args: usize, part: i32, parts: i32): void {
  const outer = load<i32>(args, 8);
  const axis = load<i32>(args, 12);
  const inner = load<i32>(args, 16);
  const i = share(outer, 1, part, parts);
  const dy = load<usize>(args) + bytes(i * inner);
  const dx = load<usize>(args, 4) + bytes(i * axis * inner);
  sumGrad(dy, dx, share(outer, 1, part + 1, parts) - i, axis, inner, load<f32>(args, 20));
}

/** kernel, x, y, rows, cols: any kernel (x, y, rows, cols). */
export function rowsRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 12);
  const cols = load<i32>(args, 16);
  const i = share(rows, 1, part, parts);
  const at = bytes(i * cols);
  const count = share(rows, 1, part + 1, parts) - i;
  call_indirect<void>(
    load<u32>(args),
    load<usize>(args, 4) + at,
    load<usize>(args, 8) + at,
    count,
    cols,
  );
}

/** kernel, y, dy, dx, rows, cols: any kernel (y, dy, dx, rows, cols). */
export function rowsGradRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 16);
  const cols = load<i32>(args, 20);
  const i = share(rows, 1, part, parts);
  const at = bytes(i * cols);
  const y = load<usize>(args, 4) + at;
  const dy = load<usize>(args, 8) + at;
  const count = share(rows, 1, part + 1, parts) - i;
  call_indirect<void>(load<u32>(args), y, dy, load<usize>(args, 12) + at, count, cols);
}

/** kernel, x, targets, target's columns (1 for indices), probabilities, loss, rows, cols. */
export function crossEntropyRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 24);
  const cols = load<i32>(args, 28);
  const i = share(rows, 1, part, parts);
  const at = bytes(i * cols);
  const x = load<usize>(args, 4) + at;
  const targets = load<usize>(args, 8) + bytes(i * load<i32>(args, 12));
  const probabilities = load<usize>(args, 16) + at;
  const loss = load<usize>(args, 20) + bytes(i);
  const count = share(rows, 1, part + 1, parts) - i;
  call_indirect<void>(load<u32>(args), x, targets, probabilities, loss, count, cols);
}

/** kernel, probabilities, targets, target's columns, dloss, dx, rows, cols. */
export function crossEntropyGradRecord(args: usize, part: i32, parts: i32): void {
  const rows = load<i32>(args, 24);
  const cols = load<i32>(args, 28);
  const i = share(rows, 1, part, parts);
  const at = bytes(i * cols);
  const probabilities = load<usize>(args, 4) + at;
  const targets = load<usize>(args, 8) + bytes(i * load<i32>(args, 12));
  const dloss = load<usize>(args, 16) + bytes(i);
  const dx = load<usize>(args, 20) + at;
  const count = share(rows, 1, part + 1, parts) - i;
  call_indirect<void>(load<u32>(args), probabilities, targets, dloss, dx, count, cols);
}
