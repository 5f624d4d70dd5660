import { beforeAll, describe, it } from "vitest";
import { length } from "../../src/reference/array64.ts";
import { instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { axisWords, channelCounts, resamplings } from "../../src/verify/families/resample.ts";
import { floats } from "../../src/verify/numbers.ts";
import { createArena } from "../support/arena.ts";
import { FunctionTable, checkChunks } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

describe.each(resamplings.map((one, i) => [i, one] as const))("resample2d, case %i", (_, one) => {
  const { shape, rows, columns } = one;
  const words = axisWords(one);

  it.each(channelCounts)("with %i channels, in any number of chunks", (channels) => {
    const [batch] = shape;
    const count = batch * rows.length * columns.length * channels;
    arena.reset();
    const x = arena.input(floats(length([...shape, channels]), 1));
    const [list, y] = [arena.input(words), arena.output(count)];
    checkChunks(arena, table, {
      instruction: instruction("resample2d", { x, y, batch, channels, axes: [...words] }),
      written: [{ at: y, count }],
      plain: () => arena.kernels.resample2d(x, y, list, batch, channels),
    });
  });
});
