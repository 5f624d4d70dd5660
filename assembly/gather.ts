import { chunkStart } from "./chunks";
import { LANES, VECTOR_BYTES, bytes, splat } from "./simd";

/**
 * Rows picked by index into a batch, dst[i] = src[indices[i]], or src[i] where indices is 0; and rows put
 * where an index says.
 * @section Batches
 * @instruction
 * @param src reads as many rows as the indices say, `width` elements each, with nothing in between
 * @param indices reads i32[rows]; none if 0
 * @param dst writes f32[rows, width]
 * @param rows rows of dst
 * @param width elements of a row
 * @param scale what a byte is multiplied by
 */

@inline
function rowOf(indices: usize, i: i32): usize {
  return indices ? <usize>load<u32>(indices + bytes(i)) : <usize>i;
}

/** Elements up to which a row is moved one by one: memory.copy is a call, of 10 ns. */
@inline
const NARROW: i32 = 8;

/** dst[i, j] = src[indices[i], j]: elements of 32 bits, floats or integers, moved as they are. */
export function gather(src: usize, indices: usize, dst: usize, rows: i32, width: i32): void {
  const stride = bytes(width);
  if (!indices) memory.copy(dst, src, <usize>rows * stride);
  else if (width > NARROW) {
    for (let i = 0; i < rows; i++, dst += stride) {
      memory.copy(dst, src + rowOf(indices, i) * stride, stride);
    }
  } else {
    for (let i = 0; i < rows; i++) {
      const end = dst + stride;
      let from = src + rowOf(indices, i) * stride;
      for (; dst < end; dst += 4, from += 4) store<u32>(dst, load<u32>(from));
    }
  }
}

/** dst[i, j] = scale · src[indices[i], j]: bytes that become floats, from any address. */
export function gatherBytes(
  src: usize,
  indices: usize,
  dst: usize,
  rows: i32,
  width: i32,
  scale: f32,
): void {
  const factor = splat(scale);
  const whole = width & ~(LANES - 1);
  for (let i = 0; i < rows; i++) {
    let from = src + rowOf(indices, i) * <usize>width;
    let j = 0;
    for (; j < whole; j += LANES, from += LANES, dst += VECTOR_BYTES) {
      const wide = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from)));
      v128.store(dst, f32x4.mul(f32x4.convert_i32x4_u(wide), factor));
    }
    for (; j < width; j++, from++, dst += 4) store<f32>(dst, <f32>load<u8>(from) * scale);
  }
}

/**
 * dst[indices[i]] = src[i] for rows that are srcStride elements apart. Rows of dst that no index names stay
 * as they are, and an index outside of dst is passed over.
 * @instruction scatter cut along the batch
 * @param src reads f32[rows, width], srcStride elements from one row to the next
 * @param srcStride elements, at least width
 * @param indices reads i32[rows], all different
 * @param dst updates f32[length, width]
 * @param length rows of dst
 */
export function scatter(
  src: usize,
  srcStride: i32,
  indices: usize,
  dst: usize,
  rows: i32,
  length: i32,
  width: i32,
): void {
  const stride = bytes(width);
  for (let i = 0; i < rows; i++, src += bytes(srcStride), indices += 4) {
    const row = load<u32>(indices);
    if (row < <u32>length) memory.copy(dst + <usize>row * stride, src, stride);
  }
}

/**
 * The rows of a batch. Nothing is done where src is dst: the batch is there already.
 * @instruction gather
 */
@unmanaged
export class Gather {
  src: usize;
  /** i32[rows]; none if 0. */
  indices: usize;
  dst: usize;
  rows: i32;
  /** Elements of a row. */
  width: i32;

  /** Gathers a chunk of the rows. */
  run(chunk: i32, chunks: i32): void {
    if (this.src == this.dst) return;
    const width = this.width;
    const i = chunkStart(this.rows, 1, chunk, chunks);
    const count = chunkStart(this.rows, 1, chunk + 1, chunks) - i;
    const dst = this.dst + bytes(i * width);
    if (this.indices) gather(this.src, this.indices + bytes(i), dst, count, width);
    else gather(this.src + bytes(i * width), 0, dst, count, width);
  }
}

/**
 * The rows of a batch from bytes, times a scale.
 * @instruction gatherBytes
 */
@unmanaged
export class GatherBytes {
  src: usize;
  /** i32[rows]; none if 0. */
  indices: usize;
  dst: usize;
  rows: i32;
  /** Elements of a row. */
  width: i32;
  scale: f32;

  /** Gathers a chunk of the rows. */
  run(chunk: i32, chunks: i32): void {
    const width = this.width;
    const i = chunkStart(this.rows, 1, chunk, chunks);
    const count = chunkStart(this.rows, 1, chunk + 1, chunks) - i;
    const dst = this.dst + bytes(i * width);
    if (this.indices) {
      gatherBytes(this.src, this.indices + bytes(i), dst, count, width, this.scale);
    } else gatherBytes(this.src + <usize>(i * width), 0, dst, count, width, this.scale);
  }
}

/**
 * Rows of each example that go where their index says in an array which keeps its other rows.
 * @instruction scatter
 */
@unmanaged
export class Scatter {
  src: usize;
  /** i32[rows], the same for all examples. */
  indices: usize;
  dst: usize;
  batch: i32;
  /** Rows of an example in src. */
  rows: i32;
  /** Rows of an example in dst. */
  length: i32;
  /** Elements of a row. */
  width: i32;
  /** Elements from one row of src to the next. */
  srcStride: i32;

  /** Copies the rows of a chunk of the examples. */
  run(chunk: i32, chunks: i32): void {
    const rows = this.rows;
    const end = chunkStart(this.batch, 1, chunk + 1, chunks);
    for (let i = chunkStart(this.batch, 1, chunk, chunks); i < end; i++) {
      const src = this.src + bytes(i * rows * this.srcStride);
      const dst = this.dst + bytes(i * this.length * this.width);
      scatter(src, this.srcStride, this.indices, dst, rows, this.length, this.width);
    }
  }
}
