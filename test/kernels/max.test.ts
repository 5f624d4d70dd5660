import { beforeAll, describe, expect, it } from "vitest";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { expectRounded } from "../../src/verify/compare.ts";
import { generator } from "../../src/verify/numbers.ts";
import { KernelTable, checkLanes } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(4);
  table = new KernelTable(arena);
});

/** Numbers of few values, so that the largest is often there more than once. */
function tied(n: number, seed: number): Float32Array {
  const next = generator(seed);
  const values = [-Infinity, -3, -0, 0, 2, 2.5];
  return Float32Array.from({ length: n }, () => values[Math.floor(next() * values.length)]!);
}

/** The largest along the middle axis, and the first place it is at. */
function largest(x: Float32Array, outer: number, axis: number, inner: number) {
  const count = outer * inner;
  const places = Array.from({ length: count }, (_, at) => {
    const [o, j] = [Math.floor(at / inner), at % inner];
    const row = Array.from({ length: axis }, (_, i) => x[(o * axis + i) * inner + j]!);
    const nan = row.findIndex(Number.isNaN);
    if (nan >= 0) return nan;
    return row.findIndex((value) => value === Math.max(...row));
  });
  const values = places.map((i, at) => {
    return x[(Math.floor(at / inner) * axis + i) * inner + (at % inner)]!;
  });
  return { places, values };
}

const shapes = [0, 1, 3].flatMap((outer) =>
  [1, 2, 3, 4, 5, 8, 9, 33].flatMap((axis) =>
    [1, 2, 3, 4, 5, 7, 8, 17].map((inner) => [outer, axis, inner] as const),
  ),
);

describe("max", () => {
  it.each([1, 2, 3])("finds the first largest, with numbers of seed %d", (seed) => {
    for (const [outer, axis, inner] of shapes) {
      const x = tied(outer * axis * inner, seed + axis);
      if (seed === 3 && x.length > 4) x[4] = NaN;
      const { places, values } = largest(x, outer, axis, inner);
      for (const layout of layouts(3)) {
        arena.reset(layout);
        const [at, y] = [arena.input(x), arena.output(outer * inner)];
        const placesAt = arena.output(outer * inner);
        arena.kernels.max(at, y, placesAt, outer, axis, inner);
        arena.checkCanaries();
        expectRounded(arena.floats(y, outer * inner), values, `${outer} ${axis} ${inner}`);
        expect([...arena.words(placesAt, outer * inner)]).toEqual(places);
      }
      arena.reset();
      const [at, y] = [arena.input(x), arena.output(outer * inner)];
      const placesAt = arena.output(outer * inner);
      checkLanes(arena, table, {
        record: ["maxRecord", at, y, placesAt, outer, axis, inner],
        written: [y, placesAt].map((at) => ({ at, count: outer * inner })),
        plain() {
          arena.kernels.max(at, y, placesAt, outer, axis, inner);
        },
      });
    }
  });
});

describe("maxGrad", () => {
  it("sends dy there, and 0 elsewhere, whatever dy is", () => {
    for (const [outer, axis, inner] of shapes) {
      const count = outer * inner;
      const next = generator(axis);
      const places = Int32Array.from({ length: count }, () => Math.floor(next() * axis));
      const dy = Float32Array.from({ length: count }, (_, i) => [NaN, Infinity, 1.5, -2][i % 4]!);
      const expected = Array.from({ length: count * axis }, (_, at) => {
        const [o, i] = [Math.floor(at / (axis * inner)), Math.floor(at / inner) % axis];
        const from = o * inner + (at % inner);
        return places[from] === i ? dy[from]! : 0;
      });
      for (const layout of layouts(3)) {
        arena.reset(layout);
        const [dyAt, placesAt] = [arena.input(dy), arena.input(places)];
        const dx = arena.output(count * axis);
        arena.kernels.maxGrad(dyAt, placesAt, dx, outer, axis, inner);
        arena.checkCanaries();
        expectRounded(arena.floats(dx, count * axis), expected, `${outer} ${axis} ${inner}`);
      }
      arena.reset();
      const [dyAt, placesAt] = [arena.input(dy), arena.input(places)];
      const dx = arena.output(count * axis);
      checkLanes(arena, table, {
        record: ["maxGradRecord", dyAt, placesAt, dx, outer, axis, inner],
        written: [{ at: dx, count: count * axis }],
        plain() {
          arena.kernels.maxGrad(dyAt, placesAt, dx, outer, axis, inner);
        },
      });
    }
  });
});
