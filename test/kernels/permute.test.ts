import { beforeAll, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import {
  concatRows,
  concatWidths,
  concatenated,
  counted,
  padded,
  paddedAxes,
  paddings,
  walked,
  walks,
} from "../../src/verify/families/copies.ts";
import { createArena } from "../support/arena.ts";
import { expectSameBits } from "../support/expect.ts";
import { type Prepared, KernelTable, checkParts } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(4);
  table = new KernelTable(arena);
});

/** A record over operands leaves what the kernel leaves, which is what is expected. */
function check(
  operands: readonly Uint32Array[],
  expected: Uint32Array,
  prepare: (inputs: number[], output: number) => Omit<Prepared, "written">,
): void {
  arena.reset();
  const inputs = operands.map((words) => arena.input(words));
  const output = arena.output(expected.length);
  const written = [{ at: output, count: expected.length }];
  const prepared = prepare(inputs, output);
  checkParts(arena, table, { ...prepared, written });
  prepared.plain();
  expectSameBits(arena.words(output, expected.length), expected);
}

it("copyRecord, by any number of threads", () => {
  for (const walk of walks) {
    const { shape, axes } = walk;
    const rank = axes.length / 3;
    check([counted(shape).words, Uint32Array.from(axes)], walked(walk), ([src, at], dst) => ({
      record: ["copyRecord", src!, dst, rank, ...axes],
      plain() {
        arena.kernels.copyStrided(src!, dst, at!, rank);
      },
    }));
  }
});

it("padRecord, by any number of threads", () => {
  for (const padding of paddings) {
    const [axes, rank] = [paddedAxes(padding), padding.whole.length];
    const operands = [counted(padding.shape).words, Uint32Array.from(axes)];
    check(operands, padded(padding), ([src, at], dst) => ({
      record: ["padRecord", src!, dst, rank, ...axes],
      plain() {
        arena.kernels.padStrided(src!, dst, at!, rank);
      },
    }));
  }
});

it("concatRecord, by any number of threads", () => {
  for (const rows of concatRows) {
    for (const widths of concatWidths) {
      const { parts, whole } = concatenated(rows, widths);
      const width = widths.reduce((sum, n) => sum + n, 0);
      check(parts, whole, (inputs, dst) => {
        const words = inputs.flatMap((at, i) => [at, widths[i]!]);
        const list = arena.input(Uint32Array.from(words));
        return {
          record: ["concatRecord", dst, rows, width, widths.length, ...words],
          plain() {
            arena.kernels.concat(list, widths.length, dst, 0, rows);
          },
        };
      });
    }
  }
});
