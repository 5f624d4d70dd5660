import { beforeAll, it } from "vitest";
import { LINEAR } from "../../build/constants.ts";
import { float, instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats } from "../../src/verify/numbers.ts";
import { FunctionTable, type Prepared, checkChunks } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

const sizes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [3, 5, 7],
  [9, 4, 8],
  [13, 17, 400],
  [4, 3, 0],
  [0, 3, 4],
];

/** Lengths of the batch's axes, and how far a and b move along them, in matrices. */
const batches = [
  [[3, 1, 1]],
  [[4, 0, 1]],
  [
    [2, 1, 0],
    [3, 2, 1],
  ],
  [[0, 1, 1]],
];

/** Address of the matrix of A (1) or B (2) for product `index` of a batch, in matrices. */
function placeOf(axes: readonly number[][], index: number, side: 1 | 2): number {
  let place = 0;
  for (const axis of axes.toReversed()) {
    place += (index % axis[0]!) * axis[side]!;
    index = Math.floor(index / axis[0]!);
  }
  return place;
}

/** A batch of products, with all that can be done to them in passing or nothing of it. */
function prepare(
  [m, n, k]: readonly [number, number, number],
  axes: readonly number[][],
  [transA, transB, isFull]: readonly [boolean, boolean, boolean],
): Prepared {
  const batch = axes.reduce((product, [length]) => product * length!, 1);
  const matrices = (side: 1 | 2): number =>
    1 + axes.reduce((sum, axis) => sum + Math.max(0, axis[0]! - 1) * axis[side]!, 0);
  const [lda, ldb] = [transA ? m : k, transB ? k : n];
  const a = arena.input(floats(matrices(1) * m * k, 1));
  const b = arena.input(floats(matrices(2) * k * n, 2));
  const count = batch * m * n;
  const c = isFull ? arena.inout(floats(count, 3)) : arena.output(count);
  const bias = isFull ? arena.input(floats(n, 4)) : 0;
  const [alpha, beta] = isFull ? [-0.5, 1] : [1, 0];
  // Each thread packs into scratch of its own.
  const bytes = Math.ceil(arena.kernels.sgemmScratchBytes(m, n, k) / 16) * 16;
  const scratch = arena.inout(new Uint8Array(8 * bytes + 16));
  return {
    instruction: instruction("batchGemm", {
      transA,
      transB,
      m,
      n,
      k,
      alpha: float(alpha),
      a,
      b,
      beta: float(beta),
      c,
      scratch,
      scratchBytes: bytes,
      bias,
      activation: isFull ? "leakyRelu" : LINEAR,
      parameter: float(0.25),
      batch,
      rank: axes.length,
      axes: axes.flat(),
    }),
    written: [{ at: c, count }],
    plain() {
      const { sgemm, add, leakyRelu } = arena.kernels;
      for (let i = 0; i < batch; i++) {
        const fromA = a + 4 * placeOf(axes, i, 1) * m * k;
        const fromB = b + 4 * placeOf(axes, i, 2) * k * n;
        const to = c + 4 * i * m * n;
        sgemm(transA, transB, m, n, k, alpha, fromA, lda, fromB, ldb, beta, to, n, scratch);
      }
      if (!isFull) return;
      for (let row = c; row < c + 4 * count; row += 4 * n) add(row, 1, bias, 1, row, n);
      leakyRelu(c, c, count, 0.25);
    },
  };
}

const choices = [false, true];

it.each(sizes)("batchGemm of %d x %d x %d is sgemm for each matrix", (...size) => {
  for (const axes of batches) {
    for (const transA of choices) {
      for (const transB of choices) {
        for (const isFull of choices) {
          arena.reset();
          const how = [transA, transB, isFull] as const;
          checkChunks(arena, table, prepare(size, axes, how), JSON.stringify([axes, how]));
        }
      }
    }
  }
});
