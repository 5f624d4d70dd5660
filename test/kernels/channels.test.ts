import { beforeAll, describe, it } from "vitest";
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
  const [mean, variance] = [floats(channels, 7, 2, 4), floats(channels, 8, 1, 2)];
  const [weight, bias] = [floats(channels, 9), floats(channels, 10)];
  const sizes = [rows, channels] as const;
  const epsilon = floatWord(EPSILON);
  const room = () => arena.inout(new Float64Array(2 * channels));

  /** Places x, dy, mean and variance. */
  function place() {
    arena.reset();
    return [x, floats(n, 6), mean, variance].map((values) => arena.input(values)) as [
      ...[x: number, dy: number, mean: number, variance: number],
    ];
  }

  it("channelMomentsRecord", () => {
    const [at] = place();
    const [out, scratch] = [arena.output(2 * channels), room()];
    checkParts(arena, table, {
      record: ["channelMomentsRecord", at, out, ...sizes, scratch],
      written: [{ at: out, count: 2 * channels }],
      plain() {
        arena.kernels.channelMoments(at, out, out + 4 * channels, ...sizes, channels, scratch);
      },
    });
  });

  it("channelNormRecord, and the kernel in place", () => {
    const [at, , m, v] = place();
    const [w, b, y] = [arena.input(weight), arena.input(bias), arena.output(n)];
    const scratch = room();
    const last = [...sizes, channels, EPSILON, scratch] as const;
    checkParts(arena, table, {
      record: ["channelNormRecord", at, m, v, w, b, y, ...sizes, epsilon, scratch],
      written: [{ at: y, count: n }],
      plain() {
        arena.kernels.channelNorm(at, m, v, w, b, y, ...last);
      },
    });
    arena.kernels.channelNorm(at, m, v, w, b, y, ...last);
    const own = arena.inout(x);
    arena.kernels.channelNorm(own, m, v, w, b, own, ...last);
    expectSameBits(arena.words(own, n), arena.words(y, n), "in place");
  });

  it("channelNormSumsRecord and channelNormGradRecord", () => {
    const [at, dy, m, v] = place();
    const [w, sums, scratch] = [arena.input(weight), arena.output(2 * channels), room()];
    const [along, plain] = [sums, sums + 4 * channels];
    const last = [...sizes, channels, EPSILON, scratch] as const;
    checkParts(arena, table, {
      record: ["channelNormSumsRecord", at, dy, m, v, sums, ...sizes, epsilon, scratch],
      written: [{ at: sums, count: 2 * channels }],
      plain() {
        arena.kernels.channelNormSums(at, dy, m, v, along, plain, ...last);
      },
    });
    const dx = arena.output(n);
    checkParts(arena, table, {
      record: ["channelNormGradRecord", at, dy, m, v, w, sums, dx, ...sizes, epsilon, scratch],
      written: [{ at: dx, count: n }],
      plain() {
        arena.kernels.channelNormGrad(at, dy, m, v, w, along, plain, dx, ...last);
      },
    });
  });
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
