import { bytes } from "../simd";
import { philox } from "./philox";

/**
 * Augmentation: images that are mirrored, moved, turned, enlarged and partly erased at random. Image i
 * draws its numbers from blocks 2 · i and 2 · i + 1 of Philox at (seed, stream, step), so that any lane
 * can do any image.
 * @section Augmentation
 * @instruction cut along images
 * @param x reads f32[to, rows, columns, channels] from image `from` on
 * @param y writes f32[to, outRows, outColumns, channels] from image `from` on
 * @param from first image, at most to
 * @param to end of the images
 * @param rows rows of x, at least 1
 * @param columns columns of x, at least 1
 * @param channels channels
 * @param outRows rows of y
 * @param outColumns columns of y
 * @param flipRows whether every second image, on average, is upside down
 * @param flipColumns whether every second one has left and right exchanged
 * @param firstRow the first row of x that may be the first of y, were there nothing but moves
 * @param rowChoices rows from it on that are equally likely, at least 1
 * @param firstColumn the same of columns
 * @param columnChoices columns, at least 1
 * @param turn largest angle in radians, either way; below 4
 * @param zoom largest change of the size, as a share of it; below 1
 * @param cutRows rows of the rectangle that becomes 0, less where it ends at a border; 0 for none
 * @param cutColumns columns of it
 * @param nearest whether the nearest pixel stands for one outside of x; else 0 does
 * @param seedLow low half of the 64-bit seed
 * @param seedHigh high half
 * @param stream which of the seed's independent streams, one for each layer
 * @param step which numbers of the stream
 */

/** Fourth word of the counter of these words, as of dropout: no stream belongs to both. */
@inline
const USE: u32 = 1;

/** A whole number below n. */
@inline
function choose(word: u32, n: i32): i32 {
  return <i32>((<u64>word * <u64>n) >> 32);
}

/** 1, or -1 for half of the words if it may be. */
@inline
function sign(word: i32, mayBe: bool): f64 {
  return mayBe && word < 0 ? -1 : 1;
}

/** A number in [-1, 1). */
@inline
function share(word: i32): f64 {
  return <f64>word * 4.656612873077393e-10;
}

/** sin x for |x| up to 1, within 2⁻²⁵: the start of its Taylor series. */
@inline
function sinUpTo1(x: f64): f64 {
  const z = x * x;
  return x + x * z * (-1 / 6.0 + z * (1 / 120.0 + z * (-1 / 5040.0 + z / 362880.0)));
}

/** weight where a position is below n, else 0. */
@inline
function weightAt(position: i32, n: i32, weight: f32): f32 {
  return <u32>position < <u32>n ? weight : 0;
}

/**
 * One pixel, at a row and column of x that need not be whole: the mean of its four neighbours, of which one
 * that is outside of x, or has no weight, is not read and counts as 0.
 */
@inline
function samplePixel(
  x: usize,
  y: usize,
  rows: i32,
  columns: i32,
  channels: i32,
  row: f64,
  column: f64,
): void {
  const above = floor<f64>(row);
  const before = floor<f64>(column);
  const down = <f32>(row - above);
  const right = <f32>(column - before);
  const r = <i32>above;
  const c = <i32>before;
  const upper = weightAt(r, rows, <f32>1 - down);
  const lower = weightAt(r + 1, rows, down);
  const first = weightAt(c, columns, <f32>1 - right);
  const second = weightAt(c + 1, columns, right);
  const w0 = upper * first;
  const w1 = upper * second;
  const w2 = lower * first;
  const w3 = lower * second;
  const pixel = bytes(channels);
  const line = <usize>columns * pixel;
  // Modulo 2³², as r and c may be -1.
  let at = x + <usize>r * line + <usize>c * pixel;
  for (const end = y + pixel; y < end; y += 4, at += 4) {
    let sum = w0 != 0 ? w0 * load<f32>(at) : 0;
    if (w1 != 0) sum += w1 * load<f32>(at + pixel);
    if (w2 != 0) sum += w2 * load<f32>(at + line);
    if (w3 != 0) sum += w3 * load<f32>(at + line + pixel);
    store<f32>(y, sum);
  }
}

/**
 * One image: pixel (i, j) of y is that of x at row + i · rowDown + j · rowRight and at column + i · columnDown
 * + j · columnRight, but 0 in the rectangle of cutRows and cutColumns from (cutRow, cutColumn) on.
 */
function sampleImage(
  x: usize,
  y: usize,
  rows: i32,
  columns: i32,
  channels: i32,
  outRows: i32,
  outColumns: i32,
  row: f64,
  rowDown: f64,
  rowRight: f64,
  column: f64,
  columnDown: f64,
  columnRight: f64,
  cutRow: i32,
  cutRows: i32,
  cutColumn: i32,
  cutColumns: i32,
  nearest: bool,
): void {
  // From there on all neighbours of a place are outside, or all are the outermost pixel.
  const least: f64 = nearest ? 0 : -1;
  const lastRow = <f64>rows - 1 - least;
  const lastColumn = <f64>columns - 1 - least;
  for (let i = 0; i < outRows; i++) {
    const r = row + rowDown * i;
    const c = column + columnDown * i;
    const isCut = <u32>(i - cutRow) < <u32>cutRows;
    for (let j = 0; j < outColumns; j++, y += bytes(channels)) {
      const isOutside = isCut && <u32>(j - cutColumn) < <u32>cutColumns;
      const atRow = isOutside ? -1 : min(max(r + rowRight * j, least), lastRow);
      const atColumn = min(max(c + columnRight * j, least), lastColumn);
      samplePixel(x, y, rows, columns, channels, atRow, atColumn);
    }
  }
}

/**
 * y[i] is x[i] seen through a window that is moved, then turned and enlarged about its middle, then
 * mirrored; between pixels it is bilinear. Of the words of image i, 0 and 1 mirror, 2 and 3 move, 4 turns,
 * 5 enlarges, and 6 and 7 choose the middle of what is erased (DeVries and Taylor, "Improved regularization of
 * convolutional neural networks with cutout", 2017).
 * @state state: RandomState
 */
export function augment(
  x: usize,
  y: usize,
  from: i32,
  to: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  outRows: i32,
  outColumns: i32,
  flipRows: bool,
  flipColumns: bool,
  firstRow: i32,
  rowChoices: i32,
  firstColumn: i32,
  columnChoices: i32,
  turn: f32,
  zoom: f32,
  cutRows: i32,
  cutColumns: i32,
  nearest: bool,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  step: u32,
): void {
  const middleRow = <f64>(outRows - 1) / 2;
  const middleColumn = <f64>(outColumns - 1) / 2;
  const size = bytes(rows * columns * channels);
  const outSize = bytes(outRows * outColumns * channels);
  x += <usize>from * size;
  y += <usize>from * outSize;
  for (let i = from; i < to; i++, x += size, y += outSize) {
    const moves = philox(seedLow, seedHigh, stream, 2 * i, step, USE);
    const others = philox(seedLow, seedHigh, stream, 2 * i + 1, step, USE);
    const s = sinUpTo1((<f64>turn * share(i32x4.extract_lane(others, 0))) / 4);
    const c = sqrt<f64>(1 - s * s);
    // Twice the half of the angle.
    const s2 = 2 * s * c;
    const c2 = 1 - 2 * s * s;
    const scale = 1 + <f64>zoom * share(i32x4.extract_lane(others, 1));
    const sine = (2 * s2 * c2) / scale;
    const cosine = (1 - 2 * s2 * s2) / scale;
    const down = sign(i32x4.extract_lane(moves, 0), flipRows);
    const right = sign(i32x4.extract_lane(moves, 1), flipColumns);
    const rowDown = cosine * down;
    const rowRight = sine * right;
    const columnDown = -sine * down;
    const columnRight = cosine * right;
    const row = middleRow + <f64>(firstRow + choose(i32x4.extract_lane(moves, 2), rowChoices));
    const column =
      middleColumn + <f64>(firstColumn + choose(i32x4.extract_lane(moves, 3), columnChoices));
    sampleImage(
      x,
      y,
      rows,
      columns,
      channels,
      outRows,
      outColumns,
      row - rowDown * middleRow - rowRight * middleColumn,
      rowDown,
      rowRight,
      column - columnDown * middleRow - columnRight * middleColumn,
      columnDown,
      columnRight,
      choose(i32x4.extract_lane(others, 2), outRows) - (cutRows >> 1),
      cutRows,
      choose(i32x4.extract_lane(others, 3), outColumns) - (cutColumns >> 1),
      cutColumns,
      nearest,
    );
  }
}
