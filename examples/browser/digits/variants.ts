import type { LabelledData } from "gradlane/digits";
import { COUNTS } from "./bitmap.ts";

/** How far a variant may be from its original. */
const MOST = {
  /** In pixels, each way. */
  shift: 0.7,
  /** Of a pixel more or less, for each pixel from the centre: size and slant. */
  stretch: 0.12,
  slant: 0.25,
};

/** Numbers from -1 to 1, the same ones everywhere for a seed: Mulberry32, by T. Ettinger. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >> 0) / 2 ** 31;
  };
}

/**
 * Handwriting differs more than 1,437 digits tell: each example, and `copies` variants of it, shifted,
 * stretched and slanted a little. Sums and products alone, so that every browser trains on the same
 * bits.
 */
export function withVariants(data: LabelledData, copies: number, seed: number): LabelledData {
  const { count } = data;
  const pixels = COUNTS * COUNTS;
  const x = new Float32Array((1 + copies) * data.x.length);
  const y = new Int32Array((1 + copies) * count);
  x.set(data.x);
  const random = randomNumbers(seed);
  for (let copy = 0; copy <= copies; copy++) {
    y.set(data.y, copy * count);
    if (copy === 0) continue;
    for (let example = 0; example < count; example++) {
      const image = data.x.subarray(example * pixels, (example + 1) * pixels);
      const at = (copy * count + example) * pixels;
      bend(image, x.subarray(at, at + pixels), random);
    }
  }
  return { ...data, x, y, count: (1 + copies) * count };
}

/** Writes a bent copy of an image: where each of its pixels comes from is an affine map. */
function bend(image: ArrayLike<number>, copy: Float32Array, random: () => number): void {
  const { shift, stretch, slant } = MOST;
  const [dx, dy] = [shift * random(), shift * random()];
  const [xx, yy] = [1 + stretch * random(), 1 + stretch * random()];
  const [xy, yx] = [slant * random(), (slant / 2) * random()];
  const centre = (COUNTS - 1) / 2;
  for (let row = 0; row < COUNTS; row++) {
    for (let column = 0; column < COUNTS; column++) {
      const [u, v] = [column - centre, row - centre];
      copy[row * COUNTS + column] = sample(
        image,
        centre + xx * u + xy * v + dx,
        centre + yx * u + yy * v + dy,
      );
    }
  }
}

/** Between the four pixels around (x, y), bilinear; 0 outside. */
function sample(image: ArrayLike<number>, x: number, y: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - column, y - row];
  const at = (r: number, c: number): number =>
    r >= 0 && r < COUNTS && c >= 0 && c < COUNTS ? image[r * COUNTS + c]! : 0;
  const upper = (1 - right) * at(row, column) + right * at(row, column + 1);
  const lower = (1 - right) * at(row + 1, column) + right * at(row + 1, column + 1);
  return (1 - down) * upper + down * lower;
}
