import { beforeAll, describe, expect, it } from "vitest";
import { float, instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats, integers } from "../../src/verify/numbers.ts";
import { FunctionTable, checkSizes, rowCounts } from "../support/instructions.ts";

/** Instructions around the graph, and programs of several instructions. */

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

describe.each([false, true])("a batch by index: %s", (byIndex) => {
  const SOURCES = 20;
  const picks = (rows: number) => (byIndex ? arena.input(integers(rows, 2, SOURCES)) : 0);

  it.each([1, 3, 8])("gather of rows of %d", (width) => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const src = arena.input(floats(SOURCES * width, 1));
      const [indices, dst] = [picks(rows), arena.output(rows * width)];
      return {
        instruction: instruction("gather", { src, indices, dst, rows, width }),
        written: [{ at: dst, count: rows * width }],
        plain() {
          arena.kernels.gather(src, indices, dst, rows, width);
        },
      };
    });
  });

  it.each([1, 3, 8])("gatherBytes of rows of %d", (width) => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const scale = float(1 / 255);
      const src = arena.input(Uint8Array.from(integers(SOURCES * width, 1, 256)));
      const [indices, dst] = [picks(rows), arena.output(rows * width)];
      return {
        instruction: instruction("gatherBytes", { src, indices, dst, rows, width, scale }),
        written: [{ at: dst, count: rows * width }],
        plain() {
          arena.kernels.gatherBytes(src, indices, dst, rows, width, 1 / 255);
        },
      };
    });
  });
});

it.each([1, 3, 8])("scatter of rows of %d", (width) => {
  const [ROWS, LENGTH, STRIDE] = [3, 7, width + 2];
  checkSizes(arena, table, rowCounts, (batch) => {
    const src = arena.input(floats(batch * ROWS * STRIDE, 1));
    const dst = arena.inout(floats(batch * LENGTH * width, 2));
    const indices = arena.input(Int32Array.of(6, 0, 7));
    const [rows, length, srcStride] = [ROWS, LENGTH, STRIDE];
    return {
      instruction: instruction("scatter", {
        src,
        indices,
        dst,
        batch,
        rows,
        length,
        width,
        srcStride,
      }),
      written: [{ at: dst, count: batch * LENGTH * width }],
      plain() {
        for (let i = 0; i < batch; i++) {
          const [from, to] = [src + 4 * i * ROWS * STRIDE, dst + 4 * i * LENGTH * width];
          arena.kernels.scatter(from, STRIDE, indices, to, ROWS, LENGTH, width);
        }
      },
    };
  });
});

it("gather does nothing where the batch is there already", () => {
  arena.reset();
  const rows = arena.input(floats(12, 1));
  const indices = arena.input(Int32Array.of(2, 1, 0));
  table.run([instruction("gather", { src: rows, indices, dst: rows, rows: 3, width: 4 })]);
  arena.checkCanaries();
});

describe("a program", () => {
  it("runs its instructions in order", () => {
    arena.reset();
    const [x, y] = [arena.inout([1, 2, 3, 4, 5]), arena.output(5)];
    const two = arena.input([2]);
    const axes = [5, 1, 0];
    table.run([
      instruction("zip", { kernel: "mul", a: x, b: two, y, rank: 1, axes }),
      instruction("zip", { kernel: "add", a: y, b: two, y, rank: 1, axes }),
      instruction("map", { kernel: "relu", x: y, y: x, n: 5, parameter: float(0) }),
      instruction("sum", { x, y, outer: 1, axis: 5, inner: 1, scale: float(0.5) }),
    ]);
    arena.checkCanaries();
    expect([...arena.floats(x, 5)]).toEqual([4, 6, 8, 10, 12]);
    expect([...arena.floats(y, 5)]).toEqual([20, 6, 8, 10, 12]);
  });

  it("may be empty", () => {
    arena.reset();
    table.run([]);
    arena.checkCanaries();
  });
});
