import { LINE, chunkStart, ownScratch } from "../chunks";
import { epilogue } from "../gemm/epilogue";
import { bytes } from "../simd";
import { Epilogue, Flag } from "../words";
import { channelScales, normRows } from "./channel-scales";

/** Floats that are normalised before the activation follows: 8 KB stay in L1, beside as many of x. */
@inline
const BLOCK: i32 = 2048;

/**
 * y = f((x - mean) / √(variance + epsilon) · weight + bias), all but x and y one for each channel.
 *
 * Chunks are cut along the channels if there are enough for all of them, else along the rows, as for
 * images: their few scales, which each chunk computes anew, are little beside their rows.
 * @instruction channelNorm
 */
@unmanaged
export class ChannelNorm {
  x: usize;
  /** f32[cols], or f64[cols] where wide; none if 0. */
  mean: usize;
  /** Such numbers, too. */
  variance: usize;
  /** True if mean and variance are float64. */
  wide: Flag;
  /** f32[cols]; none if 0. */
  weight: usize;
  /** f32[cols]; none if 0. */
  bias: usize;
  y: usize;
  /** Rows of x, which follow each other. */
  rows: i32;
  /** Channels. */
  cols: i32;
  /** Term that keeps the deviation from 0. */
  epsilon: f32;
  /** A block of scratch for each thread. */
  scratch: usize;
  /** Bytes of such a block: those of f64[2, cols]. */
  scratchBytes: i32;
  /** The function f, or LINEAR. */
  activation: Epilogue;
  /** Parameter of f. */
  parameter: f32;

  /** Normalises a chunk of the channels or the rows. */
  run(chunk: i32, chunks: i32): void {
    const byColumns = this.cols >= LINE * chunks;
    const j = byColumns ? chunkStart(this.cols, LINE, chunk, chunks) : 0;
    const cols = (byColumns ? chunkStart(this.cols, LINE, chunk + 1, chunks) : this.cols) - j;
    const end = byColumns ? this.rows : chunkStart(this.rows, 1, chunk + 1, chunks);
    let i = byColumns ? 0 : chunkStart(this.rows, 1, chunk, chunks);
    const wide = this.wide != 0;
    const moment: usize = bytes(j) << (wide ? 1 : 0);
    const scales = ownScratch(this.scratch, this.scratchBytes);
    channelScales(
      this.mean ? this.mean + moment : 0,
      this.variance + moment,
      wide,
      this.weight ? this.weight + bytes(j) : 0,
      this.bias ? this.bias + bytes(j) : 0,
      scales,
      cols,
      this.epsilon,
    );
    const stride = bytes(this.cols);
    const block = max(1, BLOCK / max(1, cols));
    for (; i < end; i += block) {
      const rows = min(block, end - i);
      const at = <usize>i * stride + bytes(j);
      normRows(this.x + at, scales, this.y + at, rows, cols, stride);
      epilogue(this.y + at, stride, rows, cols, 0, this.activation, this.parameter);
    }
  }
}
