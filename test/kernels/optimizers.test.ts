import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";
import { type Blocks, STEP_NUMBERS } from "../../src/verify/families/optimizer-steps.ts";
import { createOptimizer, takeStep } from "../../src/verify/families/optimizer-steps.ts";
import { settingsOf } from "../../src/verify/families/optimizers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

describe.each(settingsOf)("%s %o", (name, settings) => {
  const optimizer = createOptimizer(name, settings);
  const run = (blocks: Blocks, n: number, t: number): void => {
    takeStep(arena.kernels, optimizer, blocks, n, t);
  };

  /** Places p, g and three blocks of state. */
  function place(p: Float32Array, g: Float32Array, state: readonly Float32Array[]): Blocks {
    const [pAt, gAt] = [arena.inout(p), arena.input(g)];
    const [m, v, w] = state.map((block) => arena.inout(block)) as [number, number, number];
    const room = arena.inout(new Float64Array(STEP_NUMBERS));
    return { p: pAt, g: gAt, m, v, w, room };
  }

  it("gives a parameter the same bits wherever it stands", () => {
    const n = 19;
    const [p, g, m] = [floats(n, 2), floats(n, 3), floats(n, 4)];
    const square = m.map((x) => 0.01 + x * x);
    const from = (start: number) => {
      arena.reset();
      const rest = (x: Float32Array) => x.slice(start);
      // Every block serves as a square somewhere, and none may be below 0 then.
      const blocks = place(rest(p), rest(g), [square, square, square].map(rest));
      run(blocks, n - start, 7);
      return arena.floats(blocks.p, n - start);
    };
    const whole = from(0);
    for (let i = 1; i < 8; i++) expectSameBits(bitsOf(from(i)), bitsOf(whole.slice(i)));
  });

  it("carries a NaN gradient, to its own parameter only, and keeps it", () => {
    const g = Float32Array.of(1, NaN, 1, 1, 1, NaN);
    arena.reset();
    const zeros = new Float32Array(6);
    const blocks = place(new Float32Array(6).fill(1), g, [zeros, zeros, zeros]);
    run(blocks, 6, 1);
    expect([...arena.floats(blocks.p, 6)].map(Number.isNaN)).toEqual([...g].map(Number.isNaN));
    new Float32Array(arena.memory.buffer, blocks.g, 6).fill(1);
    run(blocks, 6, 2);
    expect([...arena.floats(blocks.p, 6)].map(Number.isNaN)).toEqual([...g].map(Number.isNaN));
  });

  it("leaves no subnormal number in the state", () => {
    const tiny = [2 ** -126, 2 ** -127, 3 * 2 ** -149, 2 ** -149];
    const n = 2 * tiny.length + 1;
    const start = Float32Array.from({ length: n }, (_, i) => tiny[i % tiny.length]!);
    const subnormals = (x: Float32Array) => x.filter((e) => e !== 0 && Math.abs(e) < 2 ** -126);
    arena.reset();
    const zeros = new Float32Array(n);
    const blocks = place(zeros, zeros, [start, start, start]);
    run(blocks, n, 1000);
    const after = [blocks.m, blocks.v, blocks.w].map((at) => arena.floats(at, n));
    // Blocks that are no state are as they were; amsgrad's maximum is only ever given what v is.
    const hasMaximum = name === "amsgrad" || settings.amsgrad;
    const clean = after.filter((block) => subnormals(block).length === 0);
    expect(clean.length).toBe(hasMaximum ? 2 : optimizer.moments);
  });
});

describe("moments", () => {
  const tiny = 2 ** -126;

  /** Adam's after a step with gradients of 0, in body and tail. */
  function decayed(start: number): { m: Set<number>; v: Set<number> } {
    arena.reset();
    const zeros = new Float32Array(7);
    const [p, g] = [arena.inout(zeros), arena.input(zeros)];
    const [m, v] = [arena.inout(zeros.map(() => start)), arena.inout(zeros.map(() => start))];
    const biases = [1 - 0.9 ** 1000, 1 - 0.999 ** 1000] as const;
    arena.kernels.adam(p, g, m, v, 7, 0.01, 0.9, 0.999, 1e-8, ...biases);
    return { m: new Set(arena.floats(m, 7)), v: new Set(arena.floats(v, 7)) };
  }

  it.each([tiny, tiny / 2, 2 ** -149, 2 ** -149 * 3])("are 0 once they are subnormal, %d", (x) => {
    expect(decayed(x)).toEqual({ m: new Set([0]), v: new Set([0]) });
  });

  it("are kept while they are normal", () => {
    const { m, v } = decayed(4 * tiny);
    expect(Math.min(...m, ...v)).toBeGreaterThanOrEqual(tiny);
  });

  it("stay at the smallest normal number, which is not subnormal", () => {
    arena.reset();
    const [p, g] = [arena.inout([0]), arena.input([0])];
    const v = arena.inout([tiny]);
    arena.kernels.momentum(p, g, v, 1, 0.1, 0, 1, 1, false);
    expect(arena.floats(v, 1)[0]).toBe(tiny);
  });
});

it("adam rounds 1 - beta2 once, from float64", () => {
  arena.reset();
  const [p, g] = [arena.inout([0]), arena.input([1])];
  const [m, v] = [arena.inout([0]), arena.inout([0])];
  arena.kernels.adam(p, g, m, v, 1, 0.001, 0.9, 0.999, 1e-8, 1 - 0.9, 1 - 0.999);
  expect(arena.floats(m, 1)[0]).toBe(Math.fround(1 - 0.9));
  expect(arena.floats(v, 1)[0]).toBe(Math.fround(1 - 0.999));
  expect(arena.floats(p, 1)[0]).toBeCloseTo(-0.001, 9);
});

it("rmsprop's centred spread stays above 0 where gradients do not change", () => {
  arena.reset();
  const n = 5;
  const g = arena.input(new Float32Array(n).fill(1.1));
  const [p, s] = [arena.inout(new Float32Array(n)), arena.inout(new Float32Array(n))];
  const mean = arena.inout(new Float32Array(n));
  for (let t = 0; t < 5000; t++) {
    arena.kernels.rmsprop(p, g, s, mean, 0, n, 0.01, 0, 0.99, 1e-8, 0);
    expect(arena.floats(s, n)[t % n]).toBeGreaterThanOrEqual(0);
  }
  expect([...arena.floats(p, n)].every(Number.isFinite)).toBe(true);
});

it("a parameter that is infinite stays so without weight decay", () => {
  arena.reset();
  const [p, g] = [arena.inout([Infinity, -Infinity, 1]), arena.input([1, 1, 1])];
  arena.kernels.sgd(p, g, 3, 1, 0);
  expect([...arena.floats(p, 3)]).toEqual([Infinity, -Infinity, 0]);
});
