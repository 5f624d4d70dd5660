import { beforeAll, describe, it } from "vitest";
import { float, instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats } from "../../src/verify/numbers.ts";
import { FunctionTable, checkSizes, rowCounts } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

describe.each(["huber", "weightedBinaryCrossEntropyLogits"] as const)("%s", (kernel) => {
  it.each([1, 3, 8])("parametricLoss with %d parameters", (cols) => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [x, t, y] = [arena.input(floats(n, 1)), arena.input(floats(n, 2)), arena.output(n)];
      const parameters = floats(cols, 3, 0.1, 2);
      const p = arena.input(parameters);
      return {
        instruction: instruction("parametricLoss", {
          kernel,
          x,
          t,
          y,
          n,
          cols,
          parameters: [...parameters].map(float),
        }),
        written: [{ at: y, count: n }],
        plain() {
          for (let i = 0; i < 4 * n; i += 4 * cols) {
            arena.kernels[kernel](x + i, t + i, p, 1, y + i, cols);
          }
        },
      };
    });
  });

  it.each([1, 3, 8])("parametricLossGrad with %d parameters", (cols) => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [x, t, dy] = [1, 2, 4].map((seed) => arena.input(floats(n, seed)));
      const parameters = floats(cols, 3, 0.1, 2);
      const [p, dx] = [arena.input(parameters), arena.output(n)];
      const grad = `${kernel}Grad` as const;
      return {
        instruction: instruction("parametricLossGrad", {
          kernel: grad,
          x: x!,
          t: t!,
          dy: dy!,
          dx,
          n,
          cols,
          parameters: [...parameters].map(float),
        }),
        written: [{ at: dx, count: n }],
        plain() {
          for (let i = 0; i < 4 * n; i += 4 * cols) {
            arena.kernels[grad](x! + i, t! + i, p, 1, dy! + i, dx + i, cols);
          }
        },
      };
    });
  });
});
