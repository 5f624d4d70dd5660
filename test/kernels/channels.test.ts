import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { channelShapes } from "../../src/verify/families/channels.ts";
import { EPSILON, samples } from "../../src/verify/families/norm.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";
import { KernelTable, checkParts, floatWord } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(8);
  table = new KernelTable(arena);
});

/** Records of all channels together leave what the kernels leave. */
describe.each(channelShapes)("records of %d rows of %d channels", (rows, channels) => {
  const n = rows * channels;
  const x = samples(n, 5);
  const statistics = [floats(channels, 7, 2, 4), floats(channels, 8, 1, 2)];
  const [weight, bias] = [floats(channels, 9), floats(channels, 10)];
  const sizes = [rows, channels] as const;
  const epsilon = floatWord(EPSILON);
  const room = () => arena.inout(new Float64Array(2 * channels));

  /** Places x, dy, mean and variance. */
  function place(wide = false) {
    arena.reset();
    const stored = statistics.map((values) => (wide ? Float64Array.from(values) : values));
    return [x, floats(n, 6), ...stored].map((values) => arena.input(values)) as [
      ...[x: number, dy: number, mean: number, variance: number],
    ];
  }

  it("channelMomentsRecord", () => {
    const [at] = place();
    const [out, wide] = [arena.output(2 * channels), arena.output(4 * channels)];
    checkParts(arena, table, {
      record: ["channelMomentsRecord", at, out, wide, ...sizes],
      written: [
        { at: out, count: 2 * channels },
        { at: wide, count: 4 * channels },
      ],
      plain() {
        const places = [out, out + 4 * channels, wide, wide + 8 * channels] as const;
        arena.kernels.channelMoments(at, ...places, ...sizes, channels);
      },
    });
  });

  it.each([false, true])("channelNormRecord, and the kernel in place, wide: %s", (wide) => {
    const [at, , m, v] = place(wide);
    const [w, b, y] = [arena.input(weight), arena.input(bias), arena.output(n)];
    const scratch = room();
    const last = [...sizes, channels, EPSILON, scratch] as const;
    checkParts(arena, table, {
      record: ["channelNormRecord", at, m, v, Number(wide), w, b, y, ...sizes, epsilon, scratch],
      written: [{ at: y, count: n }],
      plain() {
        arena.kernels.channelNorm(at, m, v, wide, w, b, y, ...last);
      },
    });
    arena.kernels.channelNorm(at, m, v, wide, w, b, y, ...last);
    const own = arena.inout(x);
    arena.kernels.channelNorm(own, m, v, wide, w, b, own, ...last);
    expectSameBits(arena.words(own, n), arena.words(y, n), "in place");
  });

  it.each([false, true])("channelNormSumsRecord and channelNormGradRecord, wide: %s", (wide) => {
    const [at, dy, m, v] = place(wide);
    const given = [at, dy, m, v, Number(wide)] as const;
    const [w, sums, scratch] = [arena.input(weight), arena.output(2 * channels), room()];
    const [along, plain] = [sums, sums + 4 * channels];
    const last = [...sizes, channels, EPSILON, scratch] as const;
    checkParts(arena, table, {
      record: ["channelNormSumsRecord", ...given, sums, ...sizes, epsilon, scratch],
      written: [{ at: sums, count: 2 * channels }],
      plain() {
        arena.kernels.channelNormSums(at, dy, m, v, wide, along, plain, ...last);
      },
    });
    const dx = arena.output(n);
    checkParts(arena, table, {
      record: ["channelNormGradRecord", ...given, w, sums, dx, ...sizes, epsilon, scratch],
      written: [{ at: dx, count: n }],
      plain() {
        arena.kernels.channelNormGrad(at, dy, m, v, wide, w, along, plain, dx, ...last);
      },
    });
  });
});

it("movingAverageRecord takes the largest float for what is larger", () => {
  arena.reset();
  const most = 3.4028234663852886e38;
  const [old, x] = [arena.input([most, 1, NaN]), arena.input([most, most, 1])];
  const y = arena.output(3);
  const words = [floatWord(0.5), floatWord(2)];
  const program = table.program([["movingAverageRecord", old, x, y, 3, ...words]]);
  const at = arena.input(program);
  arena.kernels.run(at, at + program.byteLength, 0, 1);
  expect([...arena.floats(y, 3)]).toEqual([most, most, NaN]);
});

it("movingAverageRecord, also in place", () => {
  for (const n of [0, 1, 5, 16]) {
    arena.reset();
    const [old, x] = [floats(n, 1), floats(n, 2)];
    const [oldAt, xAt, y] = [arena.input(old), arena.input(x), arena.output(n)];
    const [kept, taken] = [Math.fround(0.9), Math.fround(0.1)];
    const wanted = old.map((v, i) => Math.fround(kept * v) + Math.fround(taken * x[i]!));
    const words = [floatWord(kept), floatWord(taken)];
    const program = table.program([["movingAverageRecord", oldAt, xAt, y, n, ...words]]);
    const at = arena.input(program);
    arena.kernels.run(at, at + program.byteLength, 0, 1);
    arena.checkCanaries();
    expectSameBits(arena.words(y, n), bitsOf(wanted));
    const own = arena.inout(old);
    const inPlace = table.program([["movingAverageRecord", own, xAt, own, n, ...words]]);
    const second = arena.input(inPlace);
    arena.kernels.run(second, second + inPlace.byteLength, 0, 1);
    expectSameBits(arena.words(own, n), bitsOf(wanted));
  }
});
