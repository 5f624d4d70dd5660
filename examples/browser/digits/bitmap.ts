/** A point of a drawing, in any unit: x to the right, y down. */
export type Point = readonly [x: number, y: number];

/** Points that the pen passed while it was down. */
export type Stroke = readonly Point[];

/** Pixels along an edge of the bitmaps that the digits of the data set were counted from. */
const EDGE = 32;

/** Bitmap pixels along an edge of what is counted: 32 / 4 = 8 counts, each from 0 to 16. */
const BLOCK = 4;

export const COUNTS = EDGE / BLOCK;

/** On-pixels of a digit of the data set: 19.5 of its 64 counts, on average, whichever the digit. */
const INK = 312;

/** The pen's radius in bitmap pixels: no thinner or thicker than the pens of the data set. */
const RADIUS = { least: 1.5, most: 5 } as const;

/** Digits of the data set are 8 rows high and 6 columns wide, but for narrow ones, such as 1. */
const WIDTH_TO_HEIGHT = 0.75;

/** Largest factor by which a narrow drawing is widened, or a low one heightened. */
const MOST_STRETCHED = 1.4;

/** Rounds in which radius and size, which depend on each other, come to rest. */
const ROUNDS = 4;

/**
 * Returns the input of the network for a drawing: the 8×8 image that the data set would have of it,
 * 0 to 1, row by row. Alpaydin and Kaynak (1998) fitted each digit into a bitmap of 32×32 pixels
 * and counted those that are on in blocks of 4×4. Here the strokes are fitted, and drawn with the
 * pen that leaves as much ink as theirs, so that position, size and pen of a drawing do not matter.
 * @returns zeros for a drawing without a point
 */
export function countsOf(strokes: readonly Stroke[]): Float32Array<ArrayBuffer> {
  const counts = new Float32Array(COUNTS * COUNTS);
  if (strokes.every((stroke) => stroke.length === 0)) return counts;
  let radius: number = RADIUS.least;
  let distances: Float64Array = new Float64Array(0);
  for (let round = 0; round < ROUNDS; round++) {
    distances = distancesTo(fit(strokes, radius));
    const enough = distances.toSorted()[INK - 1]!;
    radius = Math.min(Math.max(enough, RADIUS.least), RADIUS.most);
  }
  distances.forEach((distance, pixel) => {
    if (distance > radius) return;
    const [row, column] = [Math.floor(pixel / EDGE), pixel % EDGE];
    counts[Math.floor(row / BLOCK) * COUNTS + Math.floor(column / BLOCK)]! += 1 / BLOCK ** 2;
  });
  return counts;
}

/** Strokes in the middle of the bitmap, in a box that is `height` pixels high. */
function fit(strokes: readonly Stroke[], radius: number): Stroke[] {
  const [left, right] = rangeOf(strokes.flatMap((stroke) => stroke.map(([x]) => x)));
  const [top, bottom] = rangeOf(strokes.flatMap((stroke) => stroke.map(([, y]) => y)));
  // Without those of a dot it would have no size.
  const fullX = (WIDTH_TO_HEIGHT * EDGE - 2 * radius) / Math.max(right - left, Number.EPSILON);
  const fullY = (EDGE - 2 * radius) / Math.max(bottom - top, Number.EPSILON);
  const scaleX = Math.min(fullX, MOST_STRETCHED * fullY);
  const scaleY = Math.min(fullY, MOST_STRETCHED * fullX);
  return strokes.map((stroke) =>
    stroke.map(([x, y]) => [
      EDGE / 2 + (x - (left + right) / 2) * scaleX,
      EDGE / 2 + (y - (top + bottom) / 2) * scaleY,
    ]),
  );
}

function rangeOf(values: readonly number[]): [least: number, most: number] {
  return [Math.min(...values), Math.max(...values)];
}

/** Returns the distance from the centre of each pixel to the nearest stroke. */
function distancesTo(strokes: readonly Stroke[]): Float64Array {
  return Float64Array.from({ length: EDGE * EDGE }, (_, pixel) => {
    const [x, y] = [(pixel % EDGE) + 0.5, Math.floor(pixel / EDGE) + 0.5];
    let least = Infinity;
    for (const stroke of strokes) {
      for (let i = 0; i < stroke.length; i++) {
        least = Math.min(least, squaredDistance(x, y, stroke[Math.max(0, i - 1)]!, stroke[i]!));
      }
    }
    return Math.sqrt(least);
  });
}

/** Returns the squared distance from (x, y) to the line from a to b. */
function squaredDistance(x: number, y: number, a: Point, b: Point): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const along = (x - a[0]) * dx + (y - a[1]) * dy;
  const length = dx * dx + dy * dy;
  const part = length > 0 ? Math.min(1, Math.max(0, along / length)) : 0;
  const [ex, ey] = [a[0] + part * dx - x, a[1] + part * dy - y];
  return ex * ex + ey * ey;
}
