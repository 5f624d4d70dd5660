import type { LabelledData } from "gradlane/digits";
import { COUNTS } from "./bitmap.ts";

/** Largest differences of a variant from its original. */
const MOST = {
  /** Pixels in each direction. */
  shift: 0.7,
  /** Part of a pixel, more or less, for each pixel from the centre: size and slant. */
  stretch: 0.12,
  slant: 0.25,
  /** Pixels in each direction, for each knot of a grid; between knots they change evenly. */
  warp: 1.2,
};

/** Knots along an edge. */
const KNOTS = 4;

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
 * stretched, slanted and warped a little. Sums and products alone, so that every browser trains on the same
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

/**
 * Writes a bent copy of an image: where each of its pixels comes from is an affine map and, after Simard,
 * Steinkraus and Platt, "Best practices for convolutional neural networks" (2003), a smooth warp.
 */
function bend(image: ArrayLike<number>, copy: Float32Array, random: () => number): void {
  const { shift, stretch, slant, warp } = MOST;
  const [dx, dy] = [shift * random(), shift * random()];
  const [xx, yy] = [1 + stretch * random(), 1 + stretch * random()];
  const [xy, yx] = [slant * random(), (slant / 2) * random()];
  const knots = () => Float64Array.from({ length: KNOTS * KNOTS }, () => warp * random());
  const [warpX, warpY] = [knots(), knots()];
  const centre = (COUNTS - 1) / 2;
  const spacing = (COUNTS - 1) / (KNOTS - 1);
  for (let row = 0; row < COUNTS; row++) {
    for (let column = 0; column < COUNTS; column++) {
      const [u, v] = [column - centre, row - centre];
      const [knotX, knotY] = [column / spacing, row / spacing];
      const x = centre + xx * u + xy * v + dx + sample(warpX, KNOTS, knotX, knotY);
      const y = centre + yx * u + yy * v + dy + sample(warpY, KNOTS, knotX, knotY);
      copy[row * COUNTS + column] = sample(image, COUNTS, x, y);
    }
  }
}

/** Between the four values around (x, y) of a square, bilinear; 0 outside. */
function sample(values: ArrayLike<number>, edge: number, x: number, y: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - column, y - row];
  const at = (r: number, c: number): number =>
    r >= 0 && r < edge && c >= 0 && c < edge ? values[r * edge + c]! : 0;
  const upper = (1 - right) * at(row, column) + right * at(row, column + 1);
  const lower = (1 - right) * at(row + 1, column) + right * at(row + 1, column + 1);
  return (1 - down) * upper + down * lower;
}
