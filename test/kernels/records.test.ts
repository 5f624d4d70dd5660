import { beforeAll, describe, it, vi } from "vitest";
import type { KernelName } from "../../src/wasm/build.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats, integers } from "../../src/verify/numbers.ts";
import {
  type Prepared,
  KernelTable,
  checkParts,
  checkSizes,
  counts,
  floatWord,
  rowCounts,
} from "../support/records.ts";

/** Records of graph operations: the same as plain calls of their kernels, however many threads. */

// For slow machines; on a quiet one no test takes more than a second or two.
vi.setConfig({ testTimeout: 60_000 });

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(16);
  table = new KernelTable(arena);
});

it.each(["relu", "leakyRelu", "sigmoid", "tanh"] as const)("mapRecord of %s", (kernel) => {
  checkSizes(arena, table, counts, (n) => {
    const [x, y] = [arena.input(floats(n, 1)), arena.output(n)];
    return {
      record: ["mapRecord", table.index(kernel), x, y, n, floatWord(0.5)],
      written: [{ at: y, count: n }],
      plain() {
        arena.kernels[kernel](x, y, n, 0.5);
      },
    };
  });
});

it.each(["reluGrad", "tanhGrad"] as const)("mapGradRecord of %s", (kernel) => {
  checkSizes(arena, table, counts, (n) => {
    const [x, y, dy] = [1, 2, 3].map((seed) => arena.input(floats(n, seed)));
    const dx = arena.output(n);
    return {
      record: ["mapGradRecord", table.index(kernel), x!, y!, dy!, dx, n, floatWord(1)],
      written: [{ at: dx, count: n }],
      plain() {
        arena.kernels[kernel](x!, y!, dy!, dx, n, 1);
      },
    };
  });
});

it.each(["squaredError", "binaryCrossEntropyLogits"] as const)("lossRecord of %s", (kernel) => {
  checkSizes(arena, table, counts, (n) => {
    const [x, t, y] = [arena.input(floats(n, 1)), arena.input(floats(n, 2)), arena.output(n)];
    return {
      record: ["lossRecord", table.index(kernel), x, t, y, n],
      written: [{ at: y, count: n }],
      plain() {
        arena.kernels[kernel](x, t, y, n);
      },
    };
  });
});

it.each([0, 1])("lossGradRecord with step %d", (step) => {
  checkSizes(arena, table, counts, (n) => {
    const [x, t] = [arena.input(floats(n, 1)), arena.input(floats(n, 2))];
    const [dy, dx] = [arena.input(floats(step ? n : 1, 3)), arena.output(n)];
    return {
      record: ["lossGradRecord", table.index("squaredErrorGrad"), x, t, dy, step, dx, n],
      written: [{ at: dx, count: n }],
      plain() {
        arena.kernels.squaredErrorGrad(x, t, dy, step, dx, n);
      },
    };
  });
});

describe("zipRecord", () => {
  /** Axes [length, step of a, step of b], outermost first. */
  it.each([
    [[[7, 1, 1]]],
    [[[9, 0, 1]]],
    [[[1, 0, 0]]],
    [[[0, 0, 0]]],
    // [3, 4] and [4].
    [
      [
        [3, 4, 0],
        [4, 1, 1],
      ],
    ],
    // [3, 1] and [3, 5].
    [
      [
        [3, 1, 5],
        [5, 0, 1],
      ],
    ],
    // [3, 1, 4] and [5, 1].
    [
      [
        [3, 4, 0],
        [5, 0, 1],
        [4, 1, 0],
      ],
    ],
    // [2, 1, 3, 1] and [4, 1, 5].
    [
      [
        [2, 3, 0],
        [4, 0, 5],
        [3, 1, 0],
        [5, 0, 1],
      ],
    ],
  ])("broadcasts along %j", (axes) => {
    const reach = (which: 1 | 2) =>
      1 + axes.reduce((sum, axis) => sum + Math.max(axis[0]! - 1, 0) * axis[which]!, 0);
    const n = axes.reduce((product, axis) => product * axis[0]!, 1);
    arena.reset();
    const [a, b] = [arena.input(floats(reach(1), 1)), arena.input(floats(reach(2), 2))];
    const y = arena.output(n);
    const place = (which: 1 | 2, at: number) => {
      let [moved, rest] = [0, at];
      for (const axis of axes.toReversed()) {
        moved += (rest % axis[0]!) * axis[which]!;
        rest = Math.floor(rest / axis[0]!);
      }
      return 4 * moved;
    };
    const prepared: Prepared = {
      record: ["zipRecord", table.index("sub"), a, b, y, axes.length, ...axes.flat()],
      written: [{ at: y, count: n }],
      plain() {
        for (let at = 0; at < n; at++) {
          arena.kernels.sub(a + place(1, at), 0, b + place(2, at), 0, y + 4 * at, 1);
        }
      },
    };
    checkParts(arena, table, prepared);
  });
});

/** No activation. */
const NONE = -1;

describe.each([
  [false, false],
  [false, true],
  [true, false],
  [true, true],
])("gemmRecord, transposed: %s, %s", (transA, transB) => {
  it.each<[number, number, boolean, "relu" | "leakyRelu" | "tanh" | undefined]>([
    [7, 9, false, undefined],
    [13, 5, true, undefined],
    [8, 16, false, "tanh"],
    [10, 3, true, "relu"],
    [5, 0, true, "leakyRelu"],
    [520, 400, true, "leakyRelu"],
  ])("of %d columns, k = %d, bias: %s, activation: %s", (n, k, hasBias, activation) => {
    checkSizes(arena, table, [0, 1, 3, 4, 5, 8, 33, 97, 100], (m) => {
      const [a, b] = [arena.input(floats(m * k, 1)), arena.input(floats(k * n, 2))];
      const [bias, c] = [hasBias ? arena.input(floats(n, 3)) : 0, arena.output(m * n)];
      const scratchBytes = arena.kernels.sgemmScratchBytes(m, n, k);
      const scratch = arena.output((8 * scratchBytes) / 4);
      const [lda, ldb] = [transA ? m : k, transB ? k : n].map((ld) => Math.max(ld, 1));
      const flags = [Number(transA), Number(transB)];
      const epilogue = [bias, activation ? table.index(activation) : NONE, floatWord(0.25)];
      const matrices = [a, lda!, b, ldb!, c, n, scratch, scratchBytes];
      const sums = transB ? 0 : arena.output(n);
      return {
        record: ["gemmRecord", ...flags, m, n, k, ...matrices, ...epilogue, sums],
        written: [{ at: c, count: m * n }, ...(sums ? [{ at: sums, count: n }] : [])],
        plain() {
          const { sgemm, add, sum } = arena.kernels;
          if (sums) sum(b, sums, 1, k, n, 1);
          sgemm(transA, transB, m, n, k, 1, a, lda!, b, ldb!, 0, c, n, scratch);
          for (let i = 0; hasBias && i < m; i++) add(c + 4 * i * n, 1, bias, 1, c + 4 * i * n, n);
          if (activation) arena.kernels[activation](c, c, m * n, 0.25);
        },
      };
    });
  });
});

it.each([
  [5, 1],
  [300, 1],
  [7, 6],
  [1, 4],
])("sumRecord and sumGradRecord over an axis of %d, inner %d", (axis, inner) => {
  for (const [name, kernel, from, to] of [
    ["sumRecord", "sum", axis * inner, inner],
    ["sumGradRecord", "sumGrad", inner, axis * inner],
  ] as const) {
    checkSizes(arena, table, rowCounts, (outer) => {
      const [x, y] = [arena.input(floats(outer * from, 1)), arena.output(outer * to)];
      return {
        record: [name, x, y, outer, axis, inner, floatWord(0.3)],
        written: [{ at: y, count: outer * to }],
        plain() {
          arena.kernels[kernel](x, y, outer, axis, inner, 0.3);
        },
      };
    });
  }
});

describe.each([1, 3, 10])("rows of %d", (cols) => {
  it("rowsRecord of softmax", () => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const [x, y] = [arena.input(floats(rows * cols, 1, -5, 5)), arena.output(rows * cols)];
      return {
        record: ["rowsRecord", table.index("softmax"), x, y, rows, cols],
        written: [{ at: y, count: rows * cols }],
        plain() {
          arena.kernels.softmax(x, y, rows, cols);
        },
      };
    });
  });

  it("rowsGradRecord of softmax", () => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [y, dy, dx] = [arena.input(floats(n, 1)), arena.input(floats(n, 2)), arena.output(n)];
      return {
        record: ["rowsGradRecord", table.index("softmaxGrad"), y, dy, dx, rows, cols],
        written: [{ at: dx, count: n }],
        plain() {
          arena.kernels.softmaxGrad(y, dy, dx, rows, cols);
        },
      };
    });
  });

  const targets = (rows: number, byIndex: boolean) =>
    arena.input(byIndex ? integers(rows, 3, cols) : floats(rows * cols, 3, 0, 1));

  it.each([
    ["crossEntropy", "crossEntropyGrad", true],
    ["crossEntropyProbabilities", "crossEntropyProbabilitiesGrad", false],
  ] as const satisfies [KernelName, KernelName, boolean][])("%s", (forward, backward, byIndex) => {
    const width = byIndex ? 1 : cols;
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [x, t] = [arena.input(floats(n, 1, -5, 5)), targets(rows, byIndex)];
      const [p, loss] = [arena.output(n), arena.output(rows)];
      const kernel = table.index(forward);
      return {
        record: ["crossEntropyRecord", kernel, x, t, width, p, loss, rows, cols],
        written: [
          { at: p, count: n },
          { at: loss, count: rows },
        ],
        plain() {
          arena.kernels[forward](x, t, p, loss, rows, cols);
        },
      };
    });
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [p, t] = [arena.input(floats(n, 1, 0, 1)), targets(rows, byIndex)];
      const [dloss, dx] = [arena.input(floats(rows, 4)), arena.output(n)];
      const kernel = table.index(backward);
      return {
        record: ["crossEntropyGradRecord", kernel, p, t, width, dloss, dx, rows, cols],
        written: [{ at: dx, count: n }],
        plain() {
          arena.kernels[backward](p, t, dloss, dx, rows, cols);
        },
      };
    });
  });
});
