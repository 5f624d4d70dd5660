import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { VOCABULARY, idsOf, lookups } from "../../src/verify/families/gather.ts";
import { floats } from "../../src/verify/numbers.ts";
import { KernelTable, checkParts } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(4);
  table = new KernelTable(arena);
});

describe.each(lookups)("$rows x $width, ids as floats: $floating", (lookup) => {
  const { rows, width, floating } = lookup;
  const ids = idsOf(lookup);
  const sizes = [rows, VOCABULARY, width] as const;

  it("embedRecord, by any number of threads", () => {
    arena.reset();
    const [idsAt, at] = [arena.input(ids), arena.input(floats(VOCABULARY * width, 5))];
    const y = arena.output(rows * width);
    checkParts(arena, table, {
      record: ["embedRecord", idsAt, at, y, ...sizes, Number(floating)],
      written: [{ at: y, count: rows * width }],
      plain() {
        arena.kernels.embed(idsAt, at, y, ...sizes, floating);
      },
    });
  });

  it("embedGradRecord, by any number of threads", () => {
    const count = VOCABULARY * width;
    arena.reset();
    const [idsAt, dy] = [arena.input(ids), arena.input(floats(rows * width, 6))];
    const dx = arena.output(count);
    const chains = Math.floor(rows / 16);
    const totals = arena.inout(new Uint8Array(8 * chains * width + 4 * (chains + VOCABULARY)));
    const owners = totals + 8 * chains * width;
    checkParts(arena, table, {
      record: ["embedGradRecord", idsAt, dy, dx, ...sizes, Number(floating), totals, 0],
      written: [{ at: dx, count }],
      plain() {
        const scratch = [totals, owners, owners + 4 * chains] as const;
        arena.kernels.embedGrad(idsAt, dy, dx, ...sizes, floating, 0, VOCABULARY, ...scratch);
      },
    });
  });
});

it("takes -0 for 0", () => {
  arena.reset();
  const [ids, weights, y] = [arena.input([-0]), arena.input([7, 8]), arena.output(1)];
  arena.kernels.embed(ids, weights, y, 1, 2, 1, true);
  expect([...arena.floats(y, 1)]).toEqual([7]);
});
