import { LINE, chunkStart, ownScratch } from "../chunks";
import { GRAIN } from "../config";
import { bytes } from "../simd";
import { sumColumns } from "../sums";
import { Epilogue, Flag } from "../words";
import { gemm } from "./gemm";

/**
 * C = f(alpha · op(A)·op(B) + beta · C + bias), and the sums of B's columns, for which B, not transposed
 * and at least two wide, is in cache.
 *
 * Chunks are cut along the longer side of C: each packs all of the other operand, the smaller one.
 * @instruction gemm
 */
@unmanaged
export class Gemm {
  /** True if A is stored as its transpose. */
  transA: Flag;
  /** True if B is stored as its transpose. */
  transB: Flag;
  /** Rows of op(A) and C. */
  m: i32;
  /** Columns of op(B) and C. */
  n: i32;
  /** Columns of op(A), rows of op(B). */
  k: i32;
  /** Factor of the product. */
  alpha: f32;
  a: usize;
  /** Floats from row to row of A as it is stored. */
  lda: i32;
  b: usize;
  /** Floats from row to row of B as it is stored. */
  ldb: i32;
  /** Factor of C's former values, which 0 leaves unread. */
  beta: f32;
  c: usize;
  /** Floats from row to row of C. */
  ldc: i32;
  /** A block of scratch for each thread. */
  scratch: usize;
  /** Bytes of such a block: sgemmScratchBytes(m, n, k). */
  scratchBytes: i32;
  /** f32[n]; none if 0. */
  bias: usize;
  /** The function f, or LINEAR. */
  activation: Epilogue;
  /** Parameter of f. */
  parameter: f32;
  /** f32[n] for the sums of B's columns; none if 0. */
  columnSums: usize;

  /** Computes a chunk of the product, and of the sums. */
  run(chunk: i32, chunks: i32): void {
    // Engines load a field anew for each use of it: 3 ns of a product of 2-4-1.
    const transA = this.transA != 0;
    const transB = this.transB != 0;
    const m = this.m;
    const n = this.n;
    const lda = this.lda;
    const ldb = this.ldb;
    const ldc = this.ldc;
    const byRows = m >= n;
    const i = byRows ? chunkStart(m, GRAIN, chunk, chunks) : 0;
    const j = byRows ? 0 : chunkStart(n, LINE, chunk, chunks);
    const bias = this.bias;
    gemm(
      transA,
      transB,
      byRows ? chunkStart(m, GRAIN, chunk + 1, chunks) - i : m,
      byRows ? n : chunkStart(n, LINE, chunk + 1, chunks) - j,
      this.k,
      this.alpha,
      this.a + bytes(transA ? i : i * lda),
      lda,
      this.b + bytes(transB ? j * ldb : j),
      ldb,
      this.beta,
      this.c + bytes(i * ldc + j),
      ldc,
      ownScratch(this.scratch, this.scratchBytes),
      bias ? bias + bytes(j) : 0,
      this.activation,
      this.parameter,
    );
    if (this.columnSums) this.sumColumns(chunk, chunks);
  }

  private sumColumns(chunk: i32, chunks: i32): void {
    const from = chunkStart(this.n, LINE, chunk, chunks);
    const columns = chunkStart(this.n, LINE, chunk + 1, chunks) - from;
    const sums = this.columnSums + bytes(from);
    sumColumns(this.b + bytes(from), bytes(this.ldb), sums, this.k, columns, 1);
  }
}

/** An axis of a batch of matrices. */
@unmanaged
class BatchAxis {
  length: i32;
  /** Matrices that a moves by along it, 0 where it is broadcast. */
  strideA: i32;
  /** Matrices that b moves by. */
  strideB: i32;
}

/**
 * C = f(alpha · op(A)·op(B) + beta · C + bias) for each matrix of a batch, whose axes broadcast.
 *
 * Chunks are cut along the rows of all products, as if they stood below each other.
 * @instruction batchGemm
 * @list axes i32[rank, 3]: of each axis of the batch, outermost first, its length, and how many matrices
 *   a and b move by along it, 0 where they are broadcast
 */
@unmanaged
export class BatchGemm {
  /** True if the matrices of A are stored as their transposes. */
  transA: Flag;
  /** True if the matrices of B are stored as their transposes. */
  transB: Flag;
  /** Rows of a matrix of C. */
  m: i32;
  /** Columns of it. */
  n: i32;
  /** Columns of op(A), rows of op(B). */
  k: i32;
  /** Factor of the products. */
  alpha: f32;
  a: usize;
  b: usize;
  /** Factor of C's former values, which 0 leaves unread. */
  beta: f32;
  c: usize;
  /** A block of scratch for each thread. */
  scratch: usize;
  /** Bytes of such a block: sgemmScratchBytes(m, n, k). */
  scratchBytes: i32;
  /** f32[n], added to the rows of all matrices alike; none if 0. */
  bias: usize;
  /** The function f, or LINEAR. */
  activation: Epilogue;
  /** Parameter of f. */
  parameter: f32;
  /** Matrices of C. */
  batch: i32;
  /** Axes of the batch. */
  rank: i32;

  /** Address of a matrix of A or B, for product `index` of the batch. */
  private matrix(index: i32, isA: bool): usize {
    const first = changetype<usize>(this) + offsetof<BatchGemm>();
    let place = 0;
    for (let i = this.rank - 1; i >= 0; i--) {
      const axis = changetype<BatchAxis>(first + <usize>i * offsetof<BatchAxis>());
      place += (index % axis.length) * (isA ? axis.strideA : axis.strideB);
      index /= axis.length;
    }
    return isA ? this.a + bytes(place * this.m * this.k) : this.b + bytes(place * this.k * this.n);
  }

  /** Computes a chunk of the rows of all products. */
  run(chunk: i32, chunks: i32): void {
    const transA = this.transA != 0;
    const transB = this.transB != 0;
    const m = this.m;
    const n = this.n;
    const k = this.k;
    const lda = transA ? m : k;
    const ldb = transB ? k : n;
    const alpha = this.alpha;
    const beta = this.beta;
    const scratch = ownScratch(this.scratch, this.scratchBytes);
    const bias = this.bias;
    const f = this.activation;
    const parameter = this.parameter;
    const strips = (m + GRAIN - 1) / GRAIN;
    const end = chunkStart(this.batch * strips, 1, chunk + 1, chunks);
    let strip = chunkStart(this.batch * strips, 1, chunk, chunks);
    while (strip < end) {
      const index = strip / strips;
      const from = (strip - index * strips) * GRAIN;
      const to = min(m, (end - index * strips) * GRAIN);
      const a = this.matrix(index, true) + bytes(transA ? from : from * lda);
      const b = this.matrix(index, false);
      const c = this.c + bytes((index * m + from) * n);
      const rows = to - from;
      gemm(
        transA,
        transB,
        rows,
        n,
        k,
        alpha,
        a,
        lda,
        b,
        ldb,
        beta,
        c,
        n,
        scratch,
        bias,
        f,
        parameter,
      );
      strip = (index + 1) * strips;
    }
  }
}
