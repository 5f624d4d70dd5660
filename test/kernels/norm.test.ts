import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { EPSILON, normShapes, samples } from "../../src/verify/families/norm.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";
import { KernelTable, checkParts, floatWord } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(8);
  table = new KernelTable(arena);
});

describe.each(normShapes)("records of $batch x $space x $channels in $groups", (shape) => {
  const { batch, space, channels, groups } = shape;
  const n = batch * space * channels;
  const sizes = [batch, space, channels, groups] as const;
  const count = batch * groups;

  it.each([
    [true, true],
    [false, true],
    [true, false],
  ])("groupNormRecord, centred %s, affine %s", (centred, affine) => {
    arena.reset();
    const at = arena.input(samples(n, channels));
    const [weight, bias] = [3, 4].map((seed) => arena.input(floats(channels, seed)));
    const [y, stats] = [arena.output(n), arena.output(3 * count)];
    const args = [at, affine ? weight! : 0, affine ? bias! : 0, y, stats, ...sizes] as const;
    checkParts(arena, table, {
      record: ["groupNormRecord", ...args, floatWord(EPSILON), Number(centred)],
      written: [
        { at: y, count: n },
        { at: stats, count: 3 * count },
      ],
      plain() {
        arena.kernels.groupNorm(...args, EPSILON, centred, 0, count);
      },
    });
  });

  it.each([true, false])("groupNormSumsRecord and groupNormGradRecord, centred %s", (centred) => {
    arena.reset();
    const [at, dy] = [arena.input(samples(n, channels)), arena.input(floats(n, 2))];
    const [weight, stats] = [arena.input(floats(channels, 3)), arena.input(floats(3 * count, 4))];
    const [out, dx] = [arena.output(2 * channels), arena.output(n)];
    const scratch = arena.inout(new Float64Array(2 * channels));
    checkParts(arena, table, {
      record: ["groupNormSumsRecord", at, dy, stats, out, ...sizes, scratch],
      written: [{ at: out, count: 2 * channels }],
      plain() {
        const from = [at, dy, stats, out, out + 4 * channels] as const;
        arena.kernels.groupNormSums(...from, ...sizes, 0, channels, scratch);
      },
    });
    const args = [at, dy, weight, stats, dx, ...sizes] as const;
    checkParts(arena, table, {
      record: ["groupNormGradRecord", ...args, Number(centred)],
      written: [{ at: dx, count: n }],
      plain() {
        arena.kernels.groupNormGrad(...args, centred, 0, count);
      },
    });
  });
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
