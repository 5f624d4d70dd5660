import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { EPSILON, samples } from "../../src/verify/families/norm.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

describe("accuracy", () => {
  it("gives equal numbers a mean of 0 and no NaN", () => {
    arena.reset();
    const [at, y, stats] = [
      arena.input(new Float32Array(9).fill(1e8)),
      arena.output(9),
      arena.output(3),
    ];
    arena.kernels.groupNorm(at, 0, 0, y, stats, 1, 1, 9, 1, EPSILON, true, 0, 1);
    expect([...arena.floats(y, 9)]).toEqual(new Array(9).fill(0));
  });

  it("carries NaN to its group and to no other", () => {
    const x = samples(14, 1);
    x[5] = NaN;
    arena.reset();
    const [at, y, stats] = [arena.input(x), arena.output(14), arena.output(6)];
    arena.kernels.groupNorm(at, 0, 0, y, stats, 2, 1, 7, 1, EPSILON, true, 0, 2);
    const result = arena.floats(y, 14);
    expect([...result.slice(0, 7)]).toEqual(new Array(7).fill(NaN));
    expect(result.slice(7).some(Number.isNaN)).toBe(false);
  });

  it("gives a group the same bits wherever its example stands", () => {
    const x = samples(3 * 13, 2);
    const of = (part: Float32Array): Uint32Array => {
      arena.reset();
      const rows = part.length / 13;
      const [at, y] = [arena.input(part), arena.output(part.length)];
      const stats = arena.output(3 * rows);
      arena.kernels.groupNorm(at, 0, 0, y, stats, rows, 1, 13, 1, EPSILON, true, 0, rows);
      return bitsOf(arena.floats(y, part.length));
    };
    expectSameBits(of(x.slice(13, 26)), of(x).slice(13, 26));
  });
});
