import { beforeAll, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { maxShapes, tied } from "../../src/verify/families/reductions.ts";
import { integers } from "../../src/verify/numbers.ts";
import { KernelTable, checkParts } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(4);
  table = new KernelTable(arena);
});

it.each([1, 2, 3])("maxRecord, by any number of threads, with numbers of seed %d", (seed) => {
  for (const { outer, axis, inner } of maxShapes) {
    const x = tied(outer * axis * inner, seed + axis);
    if (seed === 3 && x.length > 4) x[4] = NaN;
    arena.reset();
    const [at, y] = [arena.input(x), arena.output(outer * inner)];
    const places = arena.output(outer * inner);
    checkParts(arena, table, {
      record: ["maxRecord", at, y, places, outer, axis, inner],
      written: [y, places].map((at) => ({ at, count: outer * inner })),
      plain() {
        arena.kernels.max(at, y, places, outer, axis, inner);
      },
    });
  }
});

it("maxGradRecord, by any number of threads, whatever dy is", () => {
  for (const { outer, axis, inner } of maxShapes) {
    const count = outer * inner;
    const places = integers(count, axis, axis);
    const dy = Float32Array.from({ length: count }, (_, i) => [NaN, Infinity, 1.5, -2][i % 4]!);
    arena.reset();
    const [dyAt, placesAt] = [arena.input(dy), arena.input(places)];
    const dx = arena.output(count * axis);
    checkParts(arena, table, {
      record: ["maxGradRecord", dyAt, placesAt, dx, outer, axis, inner],
      written: [{ at: dx, count: count * axis }],
      plain() {
        arena.kernels.maxGrad(dyAt, placesAt, dx, outer, axis, inner);
      },
    });
  }
});
