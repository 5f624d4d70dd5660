import { LANES, VECTOR_BYTES, bytes } from "../simd";
import { Axis } from "./geometry";

/**
 * Copies of images with their padding, a few at a time, which stay in L2 while they are read, unless a
 * single row is wide. They remove every border case, and cost a hundredth of a plain 3x3 convolution.
 *
 * An image is copied in planes of a number of channels each: all of them as they are, or four or sixteen
 * next to each other, where taps of one plane lie too far apart in the image to share the sets of L1.
 */

/** Bytes of a copy, unless a single output row reads more. */
@inline
export const COPY_BYTES: i32 = 131072;

/** Channels that the lanes of a plane hold: lane i holds (first + i) · factor / divisor + offset. */
@unmanaged
export class Lanes {
  first: i32;
  /** Number of lanes that hold one; the others hold 0. */
  count: i32;
  factor: i32;
  divisor: i32;
  offset: i32;
}

/** Copies pixels to lanes one by one. */
function copyEach(
  src: usize,
  step: usize,
  dst: usize,
  width: i32,
  pixels: i32,
  lanes: Lanes,
): void {
  const first = lanes.first;
  const count = lanes.count;
  const factor = lanes.factor;
  const divisor = lanes.divisor;
  const offset = lanes.offset;
  for (; pixels > 0; pixels--, src += step) {
    for (let i = 0; i < width; i++, dst += 4) {
      const channel = ((first + i) * factor) / divisor + offset;
      store<f32>(dst, i < count ? load<f32>(src + bytes(channel)) : 0);
    }
  }
}

/** Copies pixels, `step` bytes apart, to pixels of `width` lanes next to each other. */
function copyPixels(
  src: usize,
  step: usize,
  dst: usize,
  width: i32,
  pixels: i32,
  lanes: Lanes,
): void {
  const isPlain = lanes.count == width && lanes.factor == 1 && lanes.divisor == 1;
  const at = src + bytes(lanes.first + lanes.offset);
  if (!isPlain) copyEach(src, step, dst, width, pixels, lanes);
  else if (bytes(width) == step) memory.copy(dst, at, <usize>pixels * step);
  else if (width == LANES) {
    const end = dst + ((<usize>pixels) << 4);
    for (src = at; dst < end; dst += VECTOR_BYTES, src += step) v128.store(dst, v128.load(src));
  } else if (width == 4 * LANES) {
    const end = dst + ((<usize>pixels) << 6);
    for (src = at; dst < end; dst += 4 * VECTOR_BYTES, src += step) {
      v128.store(dst, v128.load(src));
      v128.store(dst, v128.load(src, 16), 16);
      v128.store(dst, v128.load(src, 32), 32);
      v128.store(dst, v128.load(src, 48), 48);
    }
  } else copyEach(src, step, dst, width, pixels, lanes);
}

/** Copies a band of images: which outputs it serves, and where it lies. */
@unmanaged
export class Copies {
  rows: Axis;
  columns: Axis;
  /** Channels of the images. */
  channels: i32;
  /** Lanes of a plane. */
  width: i32;
  /** Number of planes. */
  planes: i32;
  /** Images of a band, if it has whole ones. */
  images: i32;
  /** Output rows of an image's band. */
  outputs: i32;
  /** Address of the copies. */
  at: usize;

  /** Bytes of a pixel in a plane. */
  get pixel(): usize {
    return bytes(this.width);
  }

  /** Bytes of a row in a plane. */
  get row(): usize {
    return bytes(this.columns.span(this.columns.outputs) * this.width);
  }

  /** Chooses planes, and bands by the bytes of their planes alone. */
  set(rows: Axis, columns: Axis, channels: i32, width: i32, planes: i32): void {
    this.rows = rows;
    this.columns = columns;
    this.channels = channels;
    this.width = width;
    this.planes = planes;
    const row = <i32>this.row * this.planes;
    const whole = rows.span(rows.outputs);
    // Twice what one output row reads: no row of a dilated kernel's image is copied more than twice.
    const fit = max(COPY_BYTES / row, min(whole, 2 * rows.span(1)));
    this.images = max(1, fit / whole);
    this.outputs = max(1, min(rows.outputs, (fit - rows.span(1)) / rows.step + 1));
  }

  /** Copies what `outputs` output rows from `from` on read of an image to plane rows at dst. */
  copy(image: usize, from: i32, outputs: i32, dst: usize, lanes: Lanes): void {
    const rows = this.rows;
    const columns = this.columns;
    const pixel = this.pixel;
    const row = this.row;
    const step = bytes(this.channels);
    const cells = columns.span(columns.outputs);
    const before = min(cells, max(0, -columns.low));
    const begin = max(0, columns.low);
    const middle = max(0, min(columns.length - begin, cells - before));
    const left = <usize>before * pixel;
    const right = <usize>(cells - before - middle) * pixel;
    const first = from * rows.step + rows.low;
    const end = first + rows.span(outputs);
    for (let y = first; y < end; y++, dst += row) {
      if (y < 0 || y >= rows.length || !middle) {
        memory.fill(dst, 0, row);
        continue;
      }
      const src = image + <usize>(y * columns.length + begin) * step;
      if (left) memory.fill(dst, 0, left);
      copyPixels(src, step, dst + left, this.width, middle, lanes);
      if (right) memory.fill(dst + row - right, 0, right);
    }
  }
}
