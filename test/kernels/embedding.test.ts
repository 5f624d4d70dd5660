import { beforeAll, describe, expect, it } from "vitest";
import { instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { VOCABULARY, idsOf, lookups } from "../../src/verify/families/gather.ts";
import { floats } from "../../src/verify/numbers.ts";
import { FunctionTable, checkChunks } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

describe.each(lookups)("$rows x $width, ids as floats: $floating", (lookup) => {
  const { rows, width, floating } = lookup;
  const ids = idsOf(lookup);
  const sizes = [rows, VOCABULARY, width] as const;

  it("embedGrad, in any number of chunks", () => {
    const count = VOCABULARY * width;
    arena.reset();
    const [idsAt, dy] = [arena.input(ids), arena.input(floats(rows * width, 6))];
    const dx = arena.output(count);
    const chains = Math.floor(rows / 16);
    const totals = arena.inout(new Uint8Array(8 * chains * width + 4 * (chains + VOCABULARY)));
    const owners = totals + 8 * chains * width;
    checkChunks(arena, table, {
      instruction: instruction("embedGrad", {
        ids: idsAt,
        dy,
        dtable: dx,
        rows,
        vocabulary: VOCABULARY,
        width,
        floating,
        scratch: totals,
        scratchBytes: 0,
      }),
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
