import { type Array64, at, fill } from "./array64.ts";
import { type Stream, philox } from "./random.ts";

/** Changes of images, by the names of the kernel's arguments. */
export interface Augmentation {
  readonly outRows: number;
  readonly outColumns: number;
  readonly flipRows: boolean;
  readonly flipColumns: boolean;
  readonly firstRow: number;
  readonly rowChoices: number;
  readonly firstColumn: number;
  readonly columnChoices: number;
  /** Largest angle in radians. */
  readonly turn: number;
  readonly zoom: number;
  readonly cutRows: number;
  readonly cutColumns: number;
  readonly nearest: boolean;
}

/** Changes of one image. */
interface Drawn {
  /** 1, or -1 for an axis that is mirrored. */
  readonly signs: readonly [rows: number, columns: number];
  /** First row and column of the window, before it is turned. */
  readonly first: readonly [row: number, column: number];
  readonly angle: number;
  readonly scale: number;
  /** Middle of the rectangle that becomes 0. */
  readonly cut: readonly [row: number, column: number];
}

/** Maps a word to a whole number below n. */
const choose = (word: number, n: number): number => Number((BigInt(word) * BigInt(n)) >> 32n);

/** Maps a word to [-1, 1). */
const share = (word: number): number => (word | 0) / 2 ** 31;

/** Draws the changes of image i: from blocks 2i and 2i + 1 at (seed, stream, step), use 1. */
function draw(i: number, of: Augmentation, { low, high, stream }: Stream, step: number): Drawn {
  const moves = philox([2 * i, step, stream, 1], [low, high]);
  const others = philox([2 * i + 1, step, stream, 1], [low, high]);
  return {
    signs: [
      of.flipRows && moves[0] >= 2 ** 31 ? -1 : 1,
      of.flipColumns && moves[1] >= 2 ** 31 ? -1 : 1,
    ],
    first: [
      of.firstRow + choose(moves[2], of.rowChoices),
      of.firstColumn + choose(moves[3], of.columnChoices),
    ],
    angle: of.turn * share(others[0]),
    scale: 1 + of.zoom * share(others[1]),
    cut: [choose(others[2], of.outRows), choose(others[3], of.outColumns)],
  };
}

/** Returns element (n, row, column, channel) of x, which interpolates and need not exist. */
function sample(
  x: Array64,
  [n, channel]: readonly [number, number],
  place: readonly [row: number, column: number],
  nearest: boolean,
): number {
  const lengths = [x.shape[1]!, x.shape[2]!];
  const [row, column] = place.map((position, axis) => {
    return nearest ? Math.min(Math.max(position, 0), lengths[axis]! - 1) : position;
  }) as [number, number];
  let sum = 0;
  for (const r of [Math.floor(row), Math.floor(row) + 1]) {
    for (const c of [Math.floor(column), Math.floor(column) + 1]) {
      const weight = (1 - Math.abs(row - r)) * (1 - Math.abs(column - c));
      const isInside = r >= 0 && r < lengths[0]! && c >= 0 && c < lengths[1]!;
      if (weight > 0 && isInside) sum += weight * at(x, [n, r, c, channel]);
    }
  }
  return sum;
}

/** Returns images x [batch, rows, columns, channels] with random changes. */
export function augmented(x: Array64, of: Augmentation, stream: Stream, step: number): Array64 {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const images = Array.from({ length: batch }, (_, i) => draw(i, of, stream, step));
  const [middleRow, middleColumn] = [(of.outRows - 1) / 2, (of.outColumns - 1) / 2];
  return fill([batch, of.outRows, of.outColumns, channels], ([n, i, j, channel]) => {
    const { signs, first, angle, scale, cut } = images[n!]!;
    const [top, left] = [cut[0] - (of.cutRows >> 1), cut[1] - (of.cutColumns >> 1)];
    const isErased = i! >= top && i! < top + of.cutRows && j! >= left && j! < left + of.cutColumns;
    if (isErased) return 0;
    const down = signs[0] * (i! - middleRow);
    const right = signs[1] * (j! - middleColumn);
    const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
    const row = first[0] + middleRow + cos * down + sin * right;
    const column = first[1] + middleColumn - sin * down + cos * right;
    return sample(x, [n!, channel!], [row, column], of.nearest);
  });
}
