import { beforeAll, it } from "vitest";
import { instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats } from "../../src/verify/numbers.ts";
import { FunctionTable, checkChunks } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

const sizes = [
  [1, 1, 1],
  [3, 5, 7],
  [9, 4, 8],
  [13, 17, 400],
  [4, 3, 0],
  [0, 3, 4],
] as const;

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

it.each(sizes)("batchGemm of %d x %d x %d is sgemm for each matrix", (m, n, k) => {
  for (const axes of batches) {
    const batch = axes.reduce((product, [length]) => product * length!, 1);
    const matrices = (side: number): number =>
      1 + axes.reduce((sum, axis) => sum + Math.max(0, axis[0]! - 1) * axis[side]!, 0);
    for (const flags of [0, 1, 2, 3]) {
      const [transA, transB] = [(flags & 1) > 0, flags > 1];
      const [lda, ldb] = [transA ? m : k, transB ? k : n];
      arena.reset();
      const a = arena.input(floats(matrices(1) * m * k, 1));
      const b = arena.input(floats(matrices(2) * k * n, 2));
      const c = arena.output(batch * m * n);
      // Each thread packs into scratch of its own.
      const bytes = Math.ceil(arena.kernels.sgemmScratchBytes(m, n, k) / 16) * 16;
      const scratch = arena.inout(new Uint8Array(8 * bytes + 16));
      checkChunks(
        arena,
        table,
        {
          instruction: instruction("batchGemm", {
            transA,
            transB,
            m,
            n,
            k,
            a,
            b,
            c,
            scratch,
            scratchBytes: bytes,
            batch,
            rank: axes.length,
            axes: axes.flat(),
          }),
          written: [{ at: c, count: batch * m * n }],
          plain() {
            for (let i = 0; i < batch; i++) {
              let rest = i;
              const places = [0, 0];
              for (const [length, inA, inB] of axes.toReversed()) {
                places[0]! += (rest % length!) * inA!;
                places[1]! += (rest % length!) * inB!;
                rest = Math.floor(rest / length!);
              }
              const [fromA, fromB] = [a + 4 * places[0]! * m * k, b + 4 * places[1]! * k * n];
              const [to, ldc] = [c + 4 * i * m * n, n];
              const op = [transA, transB, m, n, k, 1] as const;
              arena.kernels.sgemm(...op, fromA, lda, fromB, ldb, 0, to, ldc, scratch);
            }
          },
        },
        JSON.stringify([axes, flags]),
      );
    }
  }
});
