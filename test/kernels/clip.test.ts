import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { bitsOf, expectSameBits, expectWithin } from "../support/expect.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

/** x after clipping to a norm, and the norm before. */
function clipNorm(x: Float32Array, maxNorm: number, layout = { shift: 0 }) {
  arena.reset(layout);
  const at = arena.inout(x);
  const norm = arena.kernels.clipNorm(at, x.length, maxNorm);
  arena.checkCanaries();
  return { norm, clipped: arena.floats(at, x.length) };
}

const normOf = (x: Float32Array) => Math.sqrt(x.reduce((sum, e) => sum + e * e, 0));

describe("clipNorm", () => {
  it("leaves what is short as it is, to the bit", () => {
    const x = Float32Array.of(-0, 0, 2 ** -149, -1e-20, 0.5);
    expectSameBits(bitsOf(clipNorm(x, 0.6).clipped), bitsOf(x));
  });

  it("does not over- or underflow on the way", () => {
    const large = clipNorm(new Float32Array(9).fill(1e38), 3);
    expect(large.norm / 3e38).toBeCloseTo(1, 6);
    expectWithin(large.clipped, new Array<number>(9).fill(1), () => 2e-7);
    const small = clipNorm(new Float32Array(4).fill(2 ** -140), 1e-30);
    expect(small.norm).toBe(2 ** -139);
  });

  it("is accurate where many small numbers follow a large one", () => {
    const x = new Float32Array(100_000).fill(1e-4);
    x[0] = 1000;
    expect(Math.abs(clipNorm(x, 1).norm - normOf(x))).toBeLessThan(1e-9);
  });

  it("carries NaN to all, and infinity as NaN in its own place, as PyTorch does", () => {
    const nan = clipNorm(Float32Array.of(1, NaN, 2, 3, 4), 1);
    expect([nan.norm, ...nan.clipped]).toEqual(new Array(6).fill(NaN));
    const infinite = clipNorm(Float32Array.of(1, -Infinity, 2, 3, -4), 1);
    expect(infinite.norm).toBe(Infinity);
    expect([...infinite.clipped]).toEqual([0, NaN, 0, 0, -0]);
  });
});

it("clipValue keeps NaN and the sign of 0, and cuts infinities", () => {
  arena.reset();
  const at = arena.inout([NaN, -0, Infinity, -Infinity, NaN]);
  arena.kernels.clipValue(at, 5, 2);
  expect([...arena.floats(at, 5)]).toEqual([NaN, -0, 2, -2, NaN]);
});
