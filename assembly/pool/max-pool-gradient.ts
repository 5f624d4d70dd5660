import { chunkStart } from "../chunks";
import { LANES, VECTOR_BYTES, bytes, loadSome, splat, storeSome } from "../simd";
import { allPlaces, columnsOf, hasWidePlaces, loadPlaces, placeBytes, rowsOf } from "./windows";

/**
 * The gradient is gathered: every element of the image looks up the windows that cover it, in their
 * order.
 * @section Max pools
 * @param windows reads i32[2, 5]: of rows and of columns the length of x, the size of a window, the
 *   stride, how many positions the first window begins before x, the count of windows
 * @param batch images
 * @param channels channels of an image
 */

/** dx of an element in each channel, which has place `first` in the first of some windows. */
function sumPixel(
  places: usize,
  dy: usize,
  dx: usize,
  channels: i32,
  windows: usize,
  height: i32,
  width: i32,
  first: i32,
  pixel: usize,
  placesOfPixel: usize,
): void {
  const wide = hasWidePlaces(windows);
  const columns = columnsOf(windows);
  const rowStep = rowsOf(windows).stride * columns.size;
  for (; channels > 0; channels -= LANES, dy += VECTOR_BYTES, dx += VECTOR_BYTES) {
    const count = min(channels, LANES);
    let sum = splat(0);
    for (let i = 0; i < height; i++) {
      const skipped = <usize>i * columns.count;
      let from = dy + skipped * pixel;
      let at = places + skipped * placesOfPixel;
      let place = first - i * rowStep;
      for (let j = 0; j < width; j++, from += pixel, at += placesOfPixel, place -= columns.stride) {
        const isHere = i32x4.eq(loadPlaces(at, wide), i32x4.splat(place));
        sum = f32x4.add(sum, v128.and(isHere, loadSome(from, count)));
      }
    }
    storeSome(dx, sum, count);
    places += placeBytes(wide);
  }
}

/** dx of 16 channels of an element that one window covers, whose places are bytes. */
@inline
function passSixteen(places: usize, dy: usize, dx: usize, place: v128): void {
  const isHere = i8x16.eq(v128.load(places), place);
  const low = i16x8.extend_low_i8x16_s(isHere);
  const high = i16x8.extend_high_i8x16_s(isHere);
  v128.store(dx, v128.and(v128.load(dy), i32x4.extend_low_i16x8_s(low)));
  v128.store(dx, v128.and(v128.load(dy, 16), i32x4.extend_high_i16x8_s(low)), 16);
  v128.store(dx, v128.and(v128.load(dy, 32), i32x4.extend_low_i16x8_s(high)), 32);
  v128.store(dx, v128.and(v128.load(dy, 48), i32x4.extend_high_i16x8_s(high)), 48);
}

/**
 * dx of the whole vectors of channels of an element that one window covers, whose places are bytes.
 * Returns how many channels are left.
 */
@inline
function passPixel(places: usize, dy: usize, dx: usize, channels: i32, place: i32): i32 {
  const here = i8x16.splat(<i8>place);
  for (; channels >= 16; channels -= 16, places += 16, dy += 64, dx += 64) {
    passSixteen(places, dy, dx, here);
  }
  for (; channels >= LANES; channels -= LANES, places += 4, dy += 16, dx += 16) {
    const isHere = i32x4.eq(loadPlaces(places, false), i32x4.splat(place));
    v128.store(dx, v128.and(isHere, v128.load(dy)));
  }
  return channels;
}

/** Rows `from` to `to` of dx, counted through all images. */
function gradientRows(
  places: usize,
  dy: usize,
  dx: usize,
  windows: usize,
  channels: i32,
  from: i32,
  to: i32,
): void {
  const rows = rowsOf(windows);
  const columns = columnsOf(windows);
  const wide = hasWidePlaces(windows);
  const pixel = bytes(channels);
  const placesOfPixel = allPlaces(channels, wide);
  const length = columns.before + columns.length;
  const end = columns.count * columns.stride;
  dx += <usize>from * columns.length * pixel;
  for (let i = from; i < to; i++) {
    const image = i / rows.length;
    const row = i - image * rows.length;
    const position = row + rows.before;
    const top = max(0, (position - rows.size + rows.stride) / rows.stride);
    const height = min(rows.count, position / rows.stride + 1) - top;
    const skipped = <usize>((image * rows.count + top) * columns.count);
    let at = places + skipped * placesOfPixel;
    let source = dy + skipped * pixel;
    // The place that an element has in the first window that covers it, and the count of these.
    let place = (position - top * rows.stride) * columns.size;
    let width = 0;
    let begin = 0;
    let close = columns.size;
    for (let column = 0; column < length; column++, place++) {
      if (column == begin && begin < end) {
        begin += columns.stride;
        width++;
      }
      if (column == close) {
        close += columns.stride;
        place -= columns.stride;
        width--;
        at += placesOfPixel;
        source += pixel;
      }
      if (column < columns.before) continue;
      let rest = channels;
      if (!wide && height * width == 1) rest = passPixel(at, source, dx, channels, place);
      const done = channels - rest;
      dx += bytes(done);
      if (rest) {
        const from = source + bytes(done);
        sumPixel(at + done, from, dx, rest, windows, height, width, place, pixel, placesOfPixel);
        dx += bytes(rest);
      }
    }
  }
}

/**
 * The gradient with respect to x: each element has the sum of dy of the windows in which it is the
 * largest, in the order of the windows.
 * @instruction maxPool2dGrad
 * @param places reads the places that maxPool2d left
 * @param dy reads f32[batch, windows of rows, windows of columns, channels]
 * @param dx writes f32[batch, rows, columns, channels]
 */
export function maxPool2dGrad(
  places: usize,
  dy: usize,
  dx: usize,
  windows: usize,
  batch: i32,
  channels: i32,
): void {
  gradientRows(places, dy, dx, windows, channels, 0, batch * rowsOf(windows).length);
}

/**
 * The gradient of a max pool. Chunks are cut along the rows of all images.
 * @instruction maxPool2dGrad
 * @list windows i32[2, 5]: as maxPool2d takes them
 */
@unmanaged
export class MaxPool2dGrad {
  places: usize;
  dy: usize;
  dx: usize;
  /** Images. */
  batch: i32;
  channels: i32;

  /** Computes a chunk of the rows. */
  run(chunk: i32, chunks: i32): void {
    const windows = changetype<usize>(this) + offsetof<MaxPool2dGrad>();
    const rows = this.batch * rowsOf(windows).length;
    const from = chunkStart(rows, 1, chunk, chunks);
    const to = chunkStart(rows, 1, chunk + 1, chunks);
    gradientRows(this.places, this.dy, this.dx, windows, this.channels, from, to);
  }
}
