import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats, integers } from "../../src/verify/numbers.ts";
import { KernelTable, checkSizes, floatWord, rowCounts } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena();
  table = new KernelTable(arena);
});

describe.each(["huber", "weightedBinaryCrossEntropyLogits"] as const)("%s", (kernel) => {
  it.each([1, 3, 8])("parametricLossRecord with %d parameters", (cols) => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [x, t, y] = [arena.input(floats(n, 1)), arena.input(floats(n, 2)), arena.output(n)];
      const parameters = floats(cols, 3, 0.1, 2);
      const p = arena.input(parameters);
      const words = [...parameters].map(floatWord);
      return {
        record: ["parametricLossRecord", table.index(kernel), x, t, y, n, cols, ...words],
        written: [{ at: y, count: n }],
        plain() {
          for (let i = 0; i < 4 * n; i += 4 * cols) {
            arena.kernels[kernel](x + i, t + i, p, 1, y + i, cols);
          }
        },
      };
    });
  });

  it.each([1, 3, 8])("parametricLossGradRecord with %d parameters", (cols) => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [x, t, dy] = [1, 2, 4].map((seed) => arena.input(floats(n, seed)));
      const parameters = floats(cols, 3, 0.1, 2);
      const [p, dx] = [arena.input(parameters), arena.output(n)];
      const words = [...parameters].map(floatWord);
      const grad = `${kernel}Grad` as const;
      const operands = [x!, t!, dy!, dx, n, cols, ...words];
      return {
        record: ["parametricLossGradRecord", table.index(grad), ...operands],
        written: [{ at: dx, count: n }],
        plain() {
          for (let i = 0; i < 4 * n; i += 4 * cols) {
            arena.kernels[grad](x! + i, t! + i, p, 1, dy! + i, 1, dx + i, cols);
          }
        },
      };
    });
  });
});

describe.each([1, 3, 10])("rows of %d", (cols) => {
  it("crossEntropySmoothedRecord", () => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [x, labels] = [arena.input(floats(n, 1)), arena.input(integers(rows, 2, cols))];
      const [p, loss] = [arena.output(n), arena.output(rows)];
      const operands = [x, labels, p, loss, rows, cols, floatWord(0.1)];
      return {
        record: ["crossEntropySmoothedRecord", ...operands],
        written: [
          { at: p, count: n },
          { at: loss, count: rows },
        ],
        plain() {
          arena.kernels.crossEntropySmoothed(x, labels, p, loss, rows, cols, 0.1);
        },
      };
    });
  });

  it("crossEntropySmoothedGradRecord", () => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [p, labels] = [arena.input(floats(n, 1)), arena.input(integers(rows, 2, cols))];
      const [dloss, dx] = [arena.input(floats(rows, 3)), arena.output(n)];
      const operands = [p, labels, dloss, dx, rows, cols, floatWord(0.1)];
      return {
        record: ["crossEntropySmoothedGradRecord", ...operands],
        written: [{ at: dx, count: n }],
        plain() {
          arena.kernels.crossEntropySmoothedGrad(p, labels, dloss, dx, rows, cols, 0.1);
        },
      };
    });
  });

  it("nllRecord", () => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const [x, loss] = [arena.input(floats(rows * cols, 1)), arena.output(rows)];
      const labels = arena.input(integers(rows, 2, cols));
      return {
        record: ["nllRecord", x, labels, loss, rows, cols],
        written: [{ at: loss, count: rows }],
        plain() {
          arena.kernels.nll(x, labels, loss, rows, cols);
        },
      };
    });
  });

  it("nllGradRecord", () => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const [dloss, dx] = [arena.input(floats(rows, 1)), arena.output(rows * cols)];
      const labels = arena.input(integers(rows, 2, cols));
      return {
        record: ["nllGradRecord", labels, dloss, dx, rows, cols],
        written: [{ at: dx, count: rows * cols }],
        plain() {
          arena.kernels.nllGrad(labels, dloss, dx, rows, cols);
        },
      };
    });
  });
});

it("randomStepRecord counts a step, on one thread only", () => {
  arena.reset();
  const state = arena.inout(Uint32Array.of(7, 8, 0xffffffff, 5));
  const program = table.program([["randomStepRecord", state]]);
  const from = arena.input(program);
  for (const thread of [0, 1, 2, 0]) {
    arena.kernels.run(from, from + program.byteLength, thread, 3);
  }
  arena.checkCanaries();
  expect([...arena.raw(state, 4)]).toEqual([7, 8, 1, 5]);
});
