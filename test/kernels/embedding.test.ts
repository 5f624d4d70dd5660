import { beforeAll, describe, expect, it } from "vitest";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { bitsOf, expectSameBits } from "../../src/verify/compare.ts";
import { floats, integers } from "../../src/verify/numbers.ts";
import { KernelTable, checkLanes } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(4);
  table = new KernelTable(arena);
});

const VOCABULARY = 11;

const widths = [0, 1, 2, 3, 4, 5, 8, 9];
const rowCounts = [0, 1, 2, 5, 40];

/** What no table has a row for, as floats and as integers. */
const outside = {
  floats: [-1, VOCABULARY, 0.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, -(2 ** 31), 1e-40],
  integers: [-1, VOCABULARY, 2 ** 31 - 1, -(2 ** 31)],
};

/** ids of both kinds of storage, some of them outside. */
function idsOf(rows: number, floating: boolean): Float32Array | Int32Array {
  const ids = integers(rows, 3 + rows, VOCABULARY);
  const wrong = floating ? outside.floats : outside.integers;
  const mixed = Array.from(ids, (id, i) => (i % 3 === 2 ? wrong[i % wrong.length]! : id));
  return floating ? Float32Array.from(mixed) : Int32Array.from(mixed);
}

function known(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < VOCABULARY;
}

describe.each([true, false])("ids as floats: %s", (floating) => {
  it.each(widths)("embed copies rows of %d, or gives NaN", (width) => {
    for (const rows of rowCounts) {
      const ids = idsOf(rows, floating);
      const weights = floats(VOCABULARY * width, 5);
      const expected = Float32Array.from({ length: rows * width }, (_, i) => {
        const id = ids[Math.floor(i / width)]!;
        return known(id) ? weights[id * width + (i % width)]! : NaN;
      });
      for (const layout of layouts(3)) {
        arena.reset(layout);
        const [idsAt, at, y] = [arena.input(ids), arena.input(weights), arena.output(rows * width)];
        arena.kernels.embed(idsAt, at, y, rows, VOCABULARY, width, floating);
        arena.checkCanaries();
        expect(arena.floats(y, rows * width)).toEqual(expected);
      }
      arena.reset();
      const [idsAt, at, y] = [arena.input(ids), arena.input(weights), arena.output(rows * width)];
      checkLanes(arena, table, {
        record: ["embedRecord", idsAt, at, y, rows, VOCABULARY, width, Number(floating)],
        written: [{ at: y, count: rows * width }],
        plain() {
          arena.kernels.embed(idsAt, at, y, rows, VOCABULARY, width, floating);
        },
      });
    }
  });

  it.each(widths)("embedGrad adds rows of %d up in their order", (width) => {
    for (const rows of rowCounts) {
      const ids = idsOf(rows, floating);
      const dy = floats(rows * width, 6);
      const count = VOCABULARY * width;
      const expected = new Float32Array(count);
      dy.forEach((value, i) => {
        const id = ids[Math.floor(i / width)]!;
        if (known(id)) expected[id * width + (i % width)]! += value;
      });
      for (const layout of layouts(3)) {
        arena.reset(layout);
        const [idsAt, dyAt, dx] = [arena.input(ids), arena.input(dy), arena.output(count)];
        arena.kernels.embedGrad(idsAt, dyAt, dx, rows, VOCABULARY, width, floating, 0, VOCABULARY);
        arena.checkCanaries();
        expectSameBits(arena.words(dx, count), bitsOf(expected));
      }
      arena.reset();
      const [idsAt, dyAt, dx] = [arena.input(ids), arena.input(dy), arena.output(count)];
      const sizes = [rows, VOCABULARY, width] as const;
      checkLanes(arena, table, {
        record: ["embedGradRecord", idsAt, dyAt, dx, ...sizes, Number(floating)],
        written: [{ at: dx, count }],
        plain() {
          arena.kernels.embedGrad(idsAt, dyAt, dx, ...sizes, floating, 0, VOCABULARY);
        },
      });
    }
  });
});

it("takes -0 for 0", () => {
  arena.reset();
  const [ids, weights, y] = [arena.input([-0]), arena.input([7, 8]), arena.output(1)];
  arena.kernels.embed(ids, weights, y, 1, 2, 1, true);
  expect([...arena.floats(y, 1)]).toEqual([7]);
});
