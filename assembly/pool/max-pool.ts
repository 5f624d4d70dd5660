import { chunkStart } from "../chunks";
import {
  LANES,
  VECTOR_BYTES,
  bytes,
  isNaNLanes,
  loadSome,
  select,
  splat,
  storeSome,
  wholeBytes,
} from "../simd";
import { allPlaces, columnsOf, hasWidePlaces, placeBytes, rowsOf, storePlaces } from "./windows";

/**
 * The largest element of each window of an image, by channels. Images are [batch, rows, columns,
 * channels]. NaN is the largest of all, the first of equal elements in row order counts, and what lies
 * outside of the image never wins. A place is the position of an element in its window, in row order:
 * a byte if a window has at most 256 positions, else an i32. Those of a pixel are
 * filled up to a multiple of four.
 * @section Max pools
 * @param windows reads i32[2, 5]: of rows and of columns the length of x, the size of a window, the
 *   stride, how many positions the first window begins before x, the count of windows
 * @param batch images
 * @param channels channels of an image
 */

/** The part of a window that lies in the image, for all channels. */
function poolPixel(
  x: usize,
  y: usize,
  places: usize,
  channels: i32,
  pixel: usize,
  line: usize,
  height: i32,
  width: i32,
  first: i32,
  size: i32,
  wide: bool,
): void {
  for (; channels > 0; channels -= LANES, x += VECTOR_BYTES, y += VECTOR_BYTES) {
    const count = min(channels, LANES);
    let most = splat(-Infinity);
    let at = i32x4.splat(first);
    let row = x;
    for (let i = 0; i < height; i++, row += line) {
      let place = first + i * size;
      let from = row;
      for (let j = 0; j < width; j++, from += pixel, place++) {
        const v = loadSome(from, count);
        const isKept = v128.or(f32x4.le(v, most), isNaNLanes(most));
        most = select(isKept, most, v);
        at = select(isKept, at, i32x4.splat(place));
      }
    }
    storeSome(y, most, count);
    if (places) {
      storePlaces(places, at, wide);
      places += placeBytes(wide);
    }
  }
}

/**
 * The whole vectors of channels of a window of 2 x 2, which needs no loop over elements. Returns the
 * number of channels that are done: none if one of them may be NaN, as the sum of opposite infinities is.
 */
function poolQuad(
  x: usize,
  y: usize,
  places: usize,
  channels: i32,
  pixel: usize,
  line: usize,
): i32 {
  const magnitude = i32x4.splat(0x7fffffff);
  let largest = splat(0);
  const end = x + wholeBytes(channels);
  for (; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES) {
    const a = v128.load(x);
    const b = v128.load(x + pixel);
    const c = v128.load(x + line);
    const d = v128.load(x + line + pixel);
    const above = f32x4.pmax(a, b);
    const below = f32x4.pmax(c, d);
    v128.store(y, f32x4.pmax(above, below));
    if (places) {
      // A mask that is set is -1.
      const lower = i32x4.sub(i32x4.splat(2), f32x4.gt(d, c));
      const upper = i32x4.neg(f32x4.gt(b, a));
      storePlaces(places, select(f32x4.gt(below, above), lower, upper), false);
      places += LANES;
    }
    const sum = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    largest = i32x4.max_s(largest, v128.and(sum, magnitude));
  }
  return v128.any_true(isNaNLanes(largest)) ? 0 : channels & ~(LANES - 1);
}

/** Rows `from` to `to` of y, counted through all images. */
function poolRows(
  x: usize,
  y: usize,
  places: usize,
  windows: usize,
  channels: i32,
  from: i32,
  to: i32,
): void {
  const rows = rowsOf(windows);
  const columns = columnsOf(windows);
  const wide = hasWidePlaces(windows);
  const isQuad = rows.size == 2 && columns.size == 2;
  const pixel = bytes(channels);
  const line = <usize>columns.length * pixel;
  const placesOfPixel = places ? allPlaces(channels, wide) : 0;
  const skipped = <usize>from * columns.count;
  y += skipped * pixel;
  places += skipped * placesOfPixel;
  for (let i = from; i < to; i++) {
    const image = i / rows.count;
    const begin = (i - image * rows.count) * rows.stride - rows.before;
    const top = max(0, begin);
    const height = min(rows.length, begin + rows.size) - top;
    const source = x + <usize>(image * rows.length + top) * line;
    let column = -columns.before;
    for (let j = 0; j < columns.count; j++, column += columns.stride) {
      const left = max(0, column);
      const width = min(columns.length, column + columns.size) - left;
      const at = source + <usize>left * pixel;
      const isWhole = isQuad && height * width == 4;
      const done = isWhole ? poolQuad(at, y, places, channels, pixel, line) : 0;
      const first = (top - begin) * columns.size + left - column;
      const rest = channels - done;
      const size = columns.size;
      const target = y + bytes(done);
      const placesOfRest = places ? places + done : 0;
      if (rest) {
        const from = at + bytes(done);
        poolPixel(from, target, placesOfRest, rest, pixel, line, height, width, first, size, wide);
      }
      y += pixel;
      places += placesOfPixel;
    }
  }
}

/**
 * y = the largest element of each window.
 * @instruction maxPool2d
 * @param x reads f32[batch, rows, columns, channels]
 * @param y writes f32[batch, windows of rows, windows of columns, channels]
 * @param places writes the places of all windows; none if 0
 */
export function maxPool2d(
  x: usize,
  y: usize,
  places: usize,
  windows: usize,
  batch: i32,
  channels: i32,
): void {
  poolRows(x, y, places, windows, channels, 0, batch * rowsOf(windows).count);
}

/**
 * A max pool. Chunks are cut along the rows of all results.
 * @instruction maxPool2d
 * @list windows i32[2, 5]: as maxPool2d takes them
 */
@unmanaged
export class MaxPool2d {
  x: usize;
  y: usize;
  /** Places; none if 0. */
  places: usize;
  /** Images. */
  batch: i32;
  channels: i32;

  /** Computes a chunk of the rows. */
  run(chunk: i32, chunks: i32): void {
    const windows = changetype<usize>(this) + offsetof<MaxPool2d>();
    const rows = this.batch * rowsOf(windows).count;
    const from = chunkStart(rows, 1, chunk, chunks);
    const to = chunkStart(rows, 1, chunk + 1, chunks);
    poolRows(this.x, this.y, this.places, windows, this.channels, from, to);
  }
}
