import { beforeAll, describe, expect, it } from "vitest";
import type { Augmentation } from "../../src/reference/augmentation.ts";
import { length } from "../../src/reference/array64.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { augmentationOf, callAugment } from "../../src/verify/families/augmentation.ts";
import { floats } from "../../src/verify/numbers.ts";
import { createArena } from "../support/arena.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

type Images = readonly [batch: number, rows: number, columns: number, channels: number];

/** Returns what the kernel makes of images; it is called once for each of the ranges. */
function augmented(
  x: Float32Array,
  shape: Images,
  changes: Partial<Augmentation>,
  ranges: readonly (readonly [number, number])[] = [[0, shape[0]]],
): Float32Array {
  arena.reset();
  const of = augmentationOf(shape, changes);
  const count = length([shape[0], of.outRows, of.outColumns, shape[3]]);
  const [from, to] = [arena.input(x), arena.output(count)];
  for (const range of ranges) callAugment(arena.kernels, [from, to], range, shape, of);
  arena.checkCanaries();
  return arena.floats(to, count).slice();
}

/** Images of one row, whose pixels are their columns from 1 on: 0 is outside. */
const LINE: Images = [6000, 1, 7, 1];
const line = Float32Array.from({ length: length(LINE) }, (_, i) => (i % 7) + 1);

/** Returns the middle pixel of each image. */
const middles = (y: Float32Array): number[] =>
  Array.from({ length: 6000 }, (_, i) => y[7 * i + 3]!);

/** Expects each of some values about equally often: within four deviations of a binomial count. */
function expectEqual(values: readonly number[], expected: readonly number[]): void {
  expect([...new Set(values)].sort((a, b) => a - b)).toEqual(expected);
  const share = 1 / expected.length;
  const deviation = Math.sqrt(share * (1 - share) * values.length);
  for (const value of expected) {
    const count = values.filter((other) => other === value).length;
    expect(Math.abs(count - share * values.length)).toBeLessThan(4 * deviation);
  }
}

describe("augment", () => {
  it("mirrors half of the images", () => {
    const y = augmented(line, LINE, { flipColumns: true });
    const firsts = Array.from({ length: 6000 }, (_, i) => y[7 * i]!);
    expectEqual(firsts, [1, 7]);
    expect(middles(y)).toEqual(new Array(6000).fill(4));
  });

  it("moves images equally often to every place", () => {
    const y = augmented(line, LINE, { firstColumn: -3, columnChoices: 7 });
    expectEqual(middles(y), [1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(middles(augmented(line, LINE, { firstColumn: 4 })))).toEqual(new Set([0]));
  });

  it("erases with its middle equally often at every pixel", () => {
    const y = augmented(line, LINE, { cutRows: 1, cutColumns: 1 });
    const erased = Array.from({ length: 6000 }, (_, i) => y.subarray(7 * i, 7 * i + 7).indexOf(0));
    expectEqual(erased, [0, 1, 2, 3, 4, 5, 6]);
  });

  it("turns evenly either way, up to the largest angle", () => {
    // Pixels of the row above are -1 and below 1, so that one to the right of the middle becomes the angle's sine.
    const shape: Images = [2000, 3, 3, 1];
    const x = Float32Array.from({ length: length(shape) }, (_, i) => Math.floor((i % 9) / 3) - 1);
    const y = augmented(x, shape, { turn: 0.5, nearest: true });
    const sines = Array.from({ length: 2000 }, (_, i) => y[9 * i + 5]!);
    const angles = sines.map((sine) => Math.asin(sine));
    expect(Math.max(...angles.map(Math.abs))).toBeLessThan(0.5);
    expect(Math.max(...angles)).toBeGreaterThan(0.49);
    expect(Math.min(...angles)).toBeLessThan(-0.49);
    // Deviation of the mean of uniform numbers: width / √12 / √count.
    const mean = angles.reduce((sum, angle) => sum + angle, 0) / 2000;
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(12 * 2000));
  });

  it("carries the bits of pixels that are only moved, and NaN", () => {
    const shape: Images = [8, 2, 3, 2];
    const values = [-0, NaN, Infinity, -Infinity, 1];
    const x = Float32Array.from({ length: 96 }, (_, i) => values[i % 5]!);
    const moved = augmented(x, shape, { flipRows: true, flipColumns: true });
    const known = new Set([0x7fc00000, ...bitsOf(x)]);
    for (const word of bitsOf(moved)) expect(known.has(word)).toBe(true);
    expect([...augmented(x, shape, {})]).toEqual([...x]);
  });

  it("does not let what is not finite beyond its neighbours", () => {
    const shape: Images = [1, 9, 9, 1];
    const x = new Float32Array(81).fill(1);
    x[40] = Infinity;
    const y = augmented(x, shape, { turn: 1 });
    const others = [...y].filter((value) => !Number.isFinite(value));
    expect(others.every((value) => value === Infinity)).toBe(true);
    expect(others.length).toBeGreaterThan(0);
    expect(others.length).toBeLessThanOrEqual(9);
  });

  it("gives an image the same bits whatever range it is computed in", () => {
    const shape: Images = [11, 6, 5, 3];
    const x = floats(length(shape), 1);
    const changes = { flipColumns: true, turn: 1, zoom: 0.2, cutRows: 2, cutColumns: 3 };
    const whole = augmented(x, shape, changes);
    const parts = augmented(x, shape, changes, [
      [7, 11],
      [0, 1],
      [1, 7],
    ]);
    expectSameBits(bitsOf(parts), bitsOf(whole));
  });
});
