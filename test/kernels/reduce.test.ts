import { beforeAll, describe, expect, it, vi } from "vitest";
import { sum, sumGrad } from "../../src/reference/reductions.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { U, expectRounded, expectWithin } from "../../src/verify/compare.ts";
import { floats } from "../../src/verify/numbers.ts";

// For slow machines; on a quiet one no test takes more than a second or two.
vi.setConfig({ testTimeout: 60_000 });

let arena: Arena;
beforeAll(async () => {
  arena = await createArena(4);
});

const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 17, 300];

/** All shapes of these lengths, except the ones of millions. */
const shapes = lengths.flatMap((outer) =>
  lengths.flatMap((axis) =>
    lengths
      .filter((inner) => outer * axis * inner <= 40_000)
      .map((inner) => ({ outer, axis, inner })),
  ),
);

/** Additions that a term goes through at most, scaling included. */
function depth(axis: number, inner: number): number {
  return inner === 1 ? Math.min(axis, 256) / 4 + axis / 256 + 4 : axis + 1;
}

describe.each(lengths)("outer %d", (wanted) => {
  const of = shapes.filter(({ outer }) => outer === wanted);

  it.each([1, Math.fround(1 / 3), -2])("sums over the axis, times %d", (scale) => {
    for (const shape of of) {
      const { outer, axis, inner } = shape;
      const x = floats(outer * axis * inner, axis + inner);
      const { value, size } = sum(x, shape, scale);
      for (const layout of x.length > 500 ? [{ shift: 1 }] : layouts(2)) {
        arena.reset(layout);
        const [at, y] = [arena.input(x), arena.output(outer * inner)];
        arena.kernels.sum(at, y, outer, axis, inner, scale);
        arena.checkCanaries();
        const bound = depth(axis, inner) * U;
        const what = `[${outer}, ${axis}, ${inner}]`;
        expectWithin(arena.floats(y, outer * inner), value, (_, i) => bound * size[i]!, what);
      }
    }
  });

  it.each([1, Math.fround(1 / 3), -2])("spreads the gradient over the axis, times %d", (scale) => {
    for (const shape of of) {
      const { outer, axis, inner } = shape;
      const dy = floats(outer * inner, axis + inner);
      const expected = sumGrad(dy, shape, scale);
      for (const layout of expected.length > 500 ? [{ shift: 1 }] : layouts(2)) {
        arena.reset(layout);
        const [at, dx] = [arena.input(dy), arena.output(expected.length)];
        arena.kernels.sumGrad(at, dx, outer, axis, inner, scale);
        arena.checkCanaries();
        const what = `[${outer}, ${axis}, ${inner}]`;
        expectRounded(arena.floats(dx, expected.length), expected, what);
      }
    }
  });
});

function sumOf(x: Float32Array | number[], inner = 1): number[] {
  arena.reset();
  const [at, y] = [arena.input(x), arena.output(inner)];
  arena.kernels.sum(at, y, 1, x.length / inner, inner, 1);
  return [...arena.floats(y, inner)];
}

describe("sum", () => {
  it.each([255, 256, 257, 259, 512, 1000, 4096, 100_000])("keeps digits in a row of %d", (axis) => {
    const x = floats(axis, axis, 0, 1);
    const { value, size } = sum(x, { outer: 1, axis, inner: 1 }, 1);
    expect(Math.abs(sumOf(x)[0]! - value[0]!)).toBeLessThanOrEqual(depth(axis, 1) * U * size[0]!);
  });

  it.each([1, 3, 6])("carries NaN and infinities, %d columns", (inner) => {
    const row = (first: number) => Array.from({ length: 5 * inner }, (_, i) => (i ? 1 : first));
    expect(sumOf(row(NaN), inner)[0]).toBeNaN();
    expect(sumOf(row(Infinity), inner)[0]).toBe(Infinity);
    expect(sumOf(row(-Infinity), inner)[0]).toBe(-Infinity);
    expect(sumOf(row(3), inner)[0]).toBe(7);
  });

  it("has an order that the shape alone gives: outer rows do not change each other", () => {
    const [outer, axis] = [7, 301];
    const x = floats(outer * axis, 5);
    arena.reset();
    const [at, y] = [arena.input(x), arena.output(outer)];
    arena.kernels.sum(at, y, outer, axis, 1, 1);
    const alone = Array.from({ length: outer }, (_, o) => x.slice(o * axis, (o + 1) * axis));
    const together = [...arena.floats(y, outer)];
    expect(together).toEqual(alone.map((row) => sumOf(row)[0]));
  });
});
