import { beforeAll, it } from "vitest";
import { instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import {
  concatRows,
  concatWidths,
  concatenated,
  counted,
  padded,
  paddedAxes,
  paddings,
  reached,
  sums,
  walked,
  walks,
} from "../../src/verify/families/copies.ts";
import { floats } from "../../src/verify/numbers.ts";
import { createArena } from "../support/arena.ts";
import { expectSameBits } from "../support/expect.ts";
import { type Prepared, FunctionTable, checkChunks } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

/** An instruction over operands leaves what the kernel leaves, which is what is expected. */
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
  checkChunks(arena, table, { ...prepared, written });
  prepared.plain();
  expectSameBits(arena.words(output, expected.length), expected);
}

it("copyStrided, in any number of chunks", () => {
  for (const walk of walks) {
    const { shape, axes } = walk;
    const rank = axes.length / 3;
    check([counted(shape).words, Uint32Array.from(axes)], walked(walk), ([src, at], dst) => ({
      instruction: instruction("copyStrided", { src: src!, dst, rank, axes }),
      plain() {
        arena.kernels.copyStrided(src!, dst, at!, rank);
      },
    }));
  }
});

it("addStrided, in any number of chunks", () => {
  for (const axes of sums) {
    const [src, before] = [floats(reached(axes, 1), 1), floats(reached(axes, 2), 2)];
    const [rank, words] = [axes.length, axes.flat()];
    arena.reset();
    const [from, to] = [arena.input(src), arena.inout(before)];
    const list = arena.input(Int32Array.from(words));
    checkChunks(arena, table, {
      instruction: instruction("addStrided", { src: from, dst: to, rank, axes: words }),
      written: [{ at: to, count: before.length }],
      plain: () => arena.kernels.addStrided(from, to, list, rank),
    });
  }
});

it("padStrided, in any number of chunks", () => {
  for (const padding of paddings) {
    const [axes, rank] = [paddedAxes(padding), padding.whole.length];
    const operands = [counted(padding.shape).words, Uint32Array.from(axes)];
    check(operands, padded(padding), ([src, at], dst) => ({
      instruction: instruction("padStrided", { src: src!, dst, rank, axes }),
      plain() {
        arena.kernels.padStrided(src!, dst, at!, rank);
      },
    }));
  }
});

it("concat, in any number of chunks", () => {
  for (const rows of concatRows) {
    for (const widths of concatWidths) {
      const { parts, whole } = concatenated(rows, widths);
      const width = widths.reduce((sum, n) => sum + n, 0);
      check(parts, whole, (inputs, dst) => {
        const words = inputs.flatMap((at, i) => [at, widths[i]!]);
        const list = arena.input(Uint32Array.from(words));
        return {
          instruction: instruction("concat", {
            dst,
            rows,
            width,
            count: widths.length,
            parts: words,
          }),
          plain() {
            arena.kernels.concat(list, widths.length, dst, 0, rows);
          },
        };
      });
    }
  }
});
