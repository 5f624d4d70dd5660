import { beforeAll, describe, it } from "vitest";
import { LINEAR } from "../../build/constants.ts";
import { float, instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats } from "../../src/verify/numbers.ts";
import {
  type Prepared,
  FunctionTable,
  checkChunks,
  checkSizes,
  rowCounts,
} from "../support/instructions.ts";

/** Instructions unpacked by hand: the same as plain calls of their kernels, in any number of chunks. */

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

describe("zip", () => {
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
      instruction: instruction("zip", {
        kernel: "sub",
        a,
        b,
        y,
        rank: axes.length,
        axes: axes.flat(),
      }),
      written: [{ at: y, count: n }],
      plain() {
        for (let at = 0; at < n; at++) {
          arena.kernels.sub(a + place(1, at), 0, b + place(2, at), 0, y + 4 * at, 1);
        }
      },
    };
    checkChunks(arena, table, prepared);
  });
});

describe.each([
  [false, false],
  [false, true],
  [true, false],
  [true, true],
])("gemm, transposed: %s, %s", (transA, transB) => {
  it.each<[number, number, number, boolean, "relu" | "leakyRelu" | "tanh" | undefined]>([
    [7, 9, 0, false, undefined],
    [7, 9, 1, false, undefined],
    [13, 5, 0, true, undefined],
    [8, 16, 0, false, "tanh"],
    [10, 3, 1, true, "relu"],
    [10, 400, 0, true, "relu"],
    [5, 0, 0, true, "leakyRelu"],
    [5, 0, 1, true, "leakyRelu"],
    [520, 400, 1, true, "leakyRelu"],
  ])(
    "of %d columns, k = %d, beta = %d, bias: %s, activation: %s",
    (n, k, beta, hasBias, activation) => {
      checkSizes(arena, table, [0, 1, 3, 4, 5, 8, 33, 97, 100], (m) => {
        const [a, b] = [arena.input(floats(m * k, 1)), arena.input(floats(k * n, 2))];
        const bias = hasBias ? arena.input(floats(n, 3)) : 0;
        const c = beta ? arena.inout(floats(m * n, 4)) : arena.output(m * n);
        const scratchBytes = arena.kernels.sgemmScratchBytes(m, n, k);
        const scratch = arena.output((8 * scratchBytes) / 4);
        const [lda, ldb] = [transA ? m : k, transB ? k : n].map((ld) => Math.max(ld, 1));
        const sums = transB ? 0 : arena.output(n);
        return {
          instruction: instruction("gemm", {
            transA,
            transB,
            m,
            n,
            k,
            alpha: float(beta ? -0.5 : 1),
            a,
            lda: lda!,
            b,
            ldb: ldb!,
            beta: float(beta),
            c,
            ldc: n,
            scratch,
            scratchBytes,
            bias,
            activation: activation ?? LINEAR,
            parameter: float(0.25),
            columnSums: sums,
          }),
          written: [{ at: c, count: m * n }, ...(sums ? [{ at: sums, count: n }] : [])],
          plain() {
            const { sgemm, add, sum } = arena.kernels;
            if (sums) sum(b, sums, 1, k, n, 1);
            const alpha = beta ? -0.5 : 1;
            sgemm(transA, transB, m, n, k, alpha, a, lda!, b, ldb!, beta, c, n, scratch);
            for (let i = 0; hasBias && i < m; i++) add(c + 4 * i * n, 1, bias, 1, c + 4 * i * n, n);
            if (activation) arena.kernels[activation](c, c, m * n, 0.25);
          },
        };
      });
    },
  );
});

it.each([
  [5, 1],
  [300, 1],
  [7, 6],
  [1, 4],
])("sum over an axis of %d, inner %d", (axis, inner) => {
  checkSizes(arena, table, rowCounts, (outer) => {
    const [x, y] = [arena.input(floats(outer * axis * inner, 1)), arena.output(outer * inner)];
    return {
      instruction: instruction("sum", { x, y, outer, axis, inner, scale: float(0.3) }),
      written: [{ at: y, count: outer * inner }],
      plain() {
        arena.kernels.sum(x, y, outer, axis, inner, 0.3);
      },
    };
  });
});
