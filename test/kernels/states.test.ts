import { beforeAll, describe, expect, it } from "vitest";
import { PIECES } from "../../build/constants.ts";
import type { InstructionWords } from "../../build/instructions.ts";
import { instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats } from "../../src/verify/numbers.ts";
import { FunctionTable, checkChunks, counts } from "../support/instructions.ts";

/** Instructions that advance what optimizers go by, and those that clip gradients. */

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

describe("states are advanced by one chunk alone", () => {
  type Advance = Extract<keyof InstructionWords<number>, `advance${string}`>;

  /** Hyperparameters after some steps, by chunks of three each time. */
  function advanced(name: Advance, steps: number, numbers: readonly number[]): number[] {
    arena.reset();
    const at = arena.inout(Float64Array.from(numbers));
    const chunks = Array.from({ length: 3 * steps }, (_, i) => i % 3);
    table.run([[`${name}Instruction`, at]], chunks, 3);
    arena.checkCanaries();
    return [...new Float64Array(arena.memory.buffer.slice(at, at + 8 * numbers.length))];
  }

  it("adam multiplies each power by its own beta", () => {
    const [one, two] = [0.9 * 0.9, 0.99 * 0.99];
    const after = advanced("advanceAdam", 2, [0.1, 0, 0.9, 0.99, 1e-6, 0, 0, 1, 1]);
    expect(after).toEqual([0.1, 0, 0.9, 0.99, 1e-6, 1 - one, 1 - two, one, two]);
  });

  it("momentum goes on to the next gain and shrinks the bias", () => {
    const after = advanced("advanceMomentum", 2, [0.1, 0, 0.9, 9, 0, 1, 0.5, 1, 0.9]);
    expect(after).toEqual([0.1, 0, 0.9, 0.5, 1 - 0.9 * 0.9, 0.5, 0.5, 0.9 * 0.9, 0.9]);
  });

  it("momentum and adagrad have the learning rate of the step from what divides it", () => {
    arena.reset();
    const zeros = new Float32Array(1);
    const [p, q] = [arena.inout([1]), arena.inout([1])];
    const [g, v, s] = [arena.input([1]), arena.inout(zeros), arena.inout(zeros)];
    const momentum = arena.input(Float64Array.of(0.5, 0, 0.9, 1, 0.25, 1, 1, 1, 1));
    const adagrad = arena.input(Float64Array.of(0.5, 0, 0, 0, 4, 1, 1));
    table.run([
      instruction("momentum", { p, g, v, n: 1, nesterov: false, hyperparameters: momentum }),
      instruction("adagrad", { p: q, g, s, n: 1, hyperparameters: adagrad }),
    ]);
    expect([...arena.floats(p, 1), ...arena.floats(q, 1)]).toEqual([1 - 0.5 / 0.25, 1 - 0.5 / 4]);
  });

  it("random numbers go on to the next step", () => {
    arena.reset();
    const state = arena.inout(Uint32Array.of(7, 8, 0xffffffff, 5));
    table.run([instruction("advanceRandomState", { state })], [0, 1, 2, 0], 3);
    arena.checkCanaries();
    expect([...arena.raw(state, 4)]).toEqual([7, 8, 1, 5]);
  });

  it("adagrad's divisor grows by the decay from the second step on", () => {
    const rates = [0.1, 0, 1e-3, 0, 0, 0.5, 0];
    const divisors = [1, 2, 3].map((steps) => advanced("advanceAdagrad", steps, rates)[4]);
    expect(divisors).toEqual([1, 1.5, 2]);
  });

  it("radam's rectification is 0 until the variance can be rectified", () => {
    const rates = [0.1, 0, 0.9, 0.999, 1e-3, 0, 0, 1, 1, 0, 0];
    const at = (steps: number) => advanced("advanceRadam", steps, rates).slice(9);
    expect([1, 2, 3, 4, 5].map(at)).toEqual([1, 2, 3, 4, 5].map((t) => [t, 0]));
    const [t, rectification] = at(6) as [number, number];
    const longest = 1999;
    const length = longest - (12 * 0.999 ** 6) / (1 - 0.999 ** 6);
    const over = (length - 4) * (length - 2) * longest;
    expect(t).toBe(6);
    expect(rectification).toBeCloseTo(
      Math.sqrt(over / ((longest - 4) * (longest - 2) * length)),
      10,
    );
  });

  it("nadam's mu grows to beta1", () => {
    const start = [0.1, 0, 0.9, 0.99, 1e-3, 0, 0, 0, 1, 1, 1, 0.5, 0];
    const after = advanced("advanceNadam", 2, start);
    const [first, second, third] = [0.9 * 0.75, 0.9 * 0.875, 0.9 * 0.9375];
    const product = first * second;
    expect(after[10]).toBeCloseTo(product, 14);
    expect(after[5]).toBeCloseTo(third / (1 - product * third), 14);
    expect(after[6]).toBeCloseTo((1 - second) / (1 - product), 14);
    expect(after[7]).toBeCloseTo(1 - 0.99 ** 2, 14);
  });

  describe("powers of a half end at 0, not among the subnormals, which are slow", () => {
    // 2^-1030 is subnormal, and would become 0 by itself from step 1075 on.
    const STEPS = 1030;

    it("of adam", () => {
      const after = advanced("advanceAdam", STEPS, [0.1, 0, 0.5, 0.5, 1e-3, 0, 0, 1, 1]);
      expect(after.slice(5)).toEqual([1, 1, 0, 0]);
    });

    it("of a moving average", () => {
      const after = advanced("advanceMomentum", STEPS, [0.1, 0, 0.5, 1, 0, 1, 1, 1, 0.5]);
      expect([after[4], after[7]]).toEqual([1, 0]);
    });

    it("of nadam", () => {
      const start = [0.1, 0, 0.5, 0.5, 1e-3, 0, 0, 0, 1, 1, 1, 0.5, 0];
      const after = advanced("advanceNadam", STEPS, start);
      expect(after.slice(5, 11)).toEqual([0.5, 0.5, 1, 0, 0, 0]);
    });
  });
});

describe("clipping", () => {
  const sums = 1 + PIECES;

  it("leaves as many sums of parts as optimizers make room for", () => {
    arena.reset();
    const x = arena.input(floats(1000, 1));
    const clipping = arena.inout(new Float64Array(sums).fill(-1));
    table.run([instruction("sumSquares", { x, n: 1000, clipping })]);
    const [limit, ...pieces] = new Float64Array(
      arena.memory.buffer.slice(clipping, clipping + 8 * sums),
    );
    expect(limit).toBe(-1);
    expect(pieces.filter((piece) => piece > 0)).toHaveLength(PIECES);
    arena.checkCanaries();
  });

  it.each([0.5, 1e9])("to a norm of %d", (maxNorm) => {
    for (const n of [...counts, 5000]) {
      arena.reset({ shift: n % 4 });
      const [x, clipping] = [arena.inout(floats(n, 1)), arena.inout(new Float64Array(sums))];
      new Float64Array(arena.memory.buffer, clipping, 1)[0] = maxNorm;
      table.run([instruction("sumSquares", { x, n, clipping })], [2, 0, 1], 3);
      checkChunks(
        arena,
        table,
        {
          instruction: instruction("clipNorm", { x, n, clipping }),
          written: [{ at: x, count: n }],
          plain() {
            arena.kernels.clipNorm(x, n, maxNorm);
          },
        },
        `${n}`,
      );
    }
  });

  it("to a norm comes to the kernel's bits as instructions of a program", () => {
    arena.reset();
    const [a, b] = [arena.inout(floats(777, 1)), arena.inout(floats(777, 1))];
    const clipping = arena.inout(Float64Array.of(1, ...new Array<number>(PIECES).fill(NaN)));
    table.run([
      instruction("sumSquares", { x: a, n: 777, clipping }),
      instruction("clipNorm", { x: a, n: 777, clipping }),
    ]);
    arena.kernels.clipNorm(b, 777, 1);
    expect(arena.raw(a, 777)).toEqual(arena.raw(b, 777));
  });
});
