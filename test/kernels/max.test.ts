import { beforeAll, it } from "vitest";
import { instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { maxShapes, tied } from "../../src/verify/families/reductions.ts";
import { integers } from "../../src/verify/numbers.ts";
import { FunctionTable, checkChunks } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

it.each([1, 2, 3])("max, in any number of chunks, with numbers of seed %d", (seed) => {
  for (const { outer, axis, inner } of maxShapes) {
    const x = tied(outer * axis * inner, seed + axis);
    if (seed === 3 && x.length > 4) x[4] = NaN;
    arena.reset();
    const [at, y] = [arena.input(x), arena.output(outer * inner)];
    const places = arena.output(outer * inner);
    checkChunks(arena, table, {
      instruction: instruction("max", { x: at, y, places, outer, axis, inner }),
      written: [y, places].map((at) => ({ at, count: outer * inner })),
      plain() {
        arena.kernels.max(at, y, places, outer, axis, inner);
      },
    });
  }
});

it("maxGrad, in any number of chunks, whatever dy is", () => {
  for (const { outer, axis, inner } of maxShapes) {
    const count = outer * inner;
    const places = integers(count, axis, axis);
    const dy = Float32Array.from({ length: count }, (_, i) => [NaN, Infinity, 1.5, -2][i % 4]!);
    arena.reset();
    const [dyAt, placesAt] = [arena.input(dy), arena.input(places)];
    const dx = arena.output(count * axis);
    checkChunks(arena, table, {
      instruction: instruction("maxGrad", {
        dy: dyAt,
        places: placesAt,
        dx,
        outer,
        axis,
        inner,
      }),
      written: [{ at: dx, count: count * axis }],
      plain() {
        arena.kernels.maxGrad(dyAt, placesAt, dx, outer, axis, inner);
      },
    });
  }
});
