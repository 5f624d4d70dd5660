import { LANES, VECTOR_BYTES, bytes } from "../simd";
import { Axis, Geometry, setAxes } from "./geometry";

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

/** Copies pixels to lanes one by one. */
function copyEach(src: usize, step: usize, dst: usize, pixels: i32, lanes: Copies): void {
  const width = lanes.width;
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

/** Copies pixels, `step` bytes apart, to pixels of a plane. */
function copyPixels(src: usize, step: usize, dst: usize, pixels: i32, lanes: Copies): void {
  const width = lanes.width;
  const isPlain = lanes.count == width && lanes.factor == 1 && lanes.divisor == 1;
  const at = src + bytes(lanes.first + lanes.offset);
  if (!isPlain) copyEach(src, step, dst, pixels, lanes);
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
  } else copyEach(src, step, dst, pixels, lanes);
}

/** Copies bands of images. Its axes lie behind it. */
@unmanaged
export class Copies {
  /** Channels of the images. */
  channels: i32;
  /** Lanes of a plane: lane i holds channel (first + i) · factor / divisor + offset. */
  width: i32;
  first: i32;
  /** Number of lanes that hold one; the others hold 0. */
  count: i32;
  factor: i32;
  divisor: i32;
  offset: i32;
  /** Images of a band, if it has whole ones. */
  images: i32;
  /** Output rows of an image's band. */
  outputs: i32;
  /** True if the images are read where they lie: no output reads padding. */
  isInPlace: bool;
  /** Bytes of a pixel, a row, an image and a whole plane of what is read. */
  pixel: usize;
  row: usize;
  image: usize;
  plane: usize;
  /** Address of the copies. */
  at: usize;


  @inline
  get rows(): Axis {
    return changetype<Axis>(changetype<usize>(this) + offsetof<Copies>());
  }


  @inline
  get columns(): Axis {
    return changetype<Axis>(changetype<usize>(this.rows) + offsetof<Axis>());
  }

  /** Bytes that it takes, with its axes. */
  static get bytes(): usize {
    return offsetof<Copies>() + 2 * offsetof<Axis>();
  }

  /** Chooses bands, by the bytes of their planes alone. */
  set(g: Geometry, isGradient: bool, width: i32, planes: i32, mayStay: bool): void {
    const rows = this.rows;
    const columns = this.columns;
    setAxes(g, isGradient, rows, columns);
    const channels = isGradient ? g.filters : g.channels;
    const row = <i32>bytes(columns.whole * width);
    // Twice what one output row reads: no row of a dilated kernel's image is copied more than twice.
    const fit = max(COPY_BYTES / (row * planes), min(rows.whole, 2 * rows.reach));
    const isInPlace = mayStay && rows.isInside && columns.isInside;
    this.channels = channels;
    this.width = width;
    this.images = max(1, fit / rows.whole);
    this.outputs = max(1, min(rows.outputs, (fit - rows.reach) / rows.step + 1));
    this.isInPlace = isInPlace;
    this.pixel = bytes(width);
    this.row = isInPlace ? bytes(columns.length * channels) : row;
    this.image = this.row * (isInPlace ? rows.length : rows.span(this.outputs));
    this.plane = this.image * this.images;
  }

  /** Copies what `outputs` output rows from `from` on read of some images to a plane. */
  copyImages(sources: usize, image: i32, images: i32, from: i32, outputs: i32, plane: i32): void {
    const size = bytes(this.rows.length * this.columns.length * this.channels);
    let src = sources + <usize>image * size;
    let dst = this.at + <usize>plane * this.plane;
    for (; images > 0; images--, src += size, dst += this.image) {
      this.copy(src, from, outputs, dst);
    }
  }

  /** Copies what `outputs` output rows from `from` on read of an image to plane rows at dst. */
  private copy(image: usize, from: i32, outputs: i32, dst: usize): void {
    const rows = this.rows;
    const columns = this.columns;
    const pixel = this.pixel;
    const row = this.row;
    const step = bytes(this.channels);
    const before = min(columns.whole, max(0, -columns.low));
    const begin = max(0, columns.low);
    const middle = max(0, min(columns.length - begin, columns.whole - before));
    const left = <usize>before * pixel;
    const right = <usize>(columns.whole - before - middle) * pixel;
    const first = from * rows.step + rows.low;
    const end = first + rows.span(outputs);
    for (let y = first; y < end; y++, dst += row) {
      if (y < 0 || y >= rows.length || !middle) {
        memory.fill(dst, 0, row);
        continue;
      }
      const src = image + <usize>(y * columns.length + begin) * step;
      if (left) memory.fill(dst, 0, left);
      copyPixels(src, step, dst + left, middle, this);
      if (right) memory.fill(dst + row - right, 0, right);
    }
  }
}
