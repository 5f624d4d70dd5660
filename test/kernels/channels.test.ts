import { beforeAll, describe, it } from "vitest";
import { moments } from "../../src/reference/norm.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { U, bitsOf, expectSameBits, expectWithin } from "../../src/verify/compare.ts";
import { floats } from "../../src/verify/numbers.ts";
import { outputError, samples } from "../support/normalised.ts";
import { KernelTable, checkLanes, floatWord } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(8);
  table = new KernelTable(arena);
});

const EPSILON = Math.fround(1e-5);

const channelShapes = [1, 2, 5, 17].flatMap((rows) =>
  [1, 2, 3, 4, 5, 8, 11, 16, 33].map((channels) => [rows, channels] as const),
);

describe.each(channelShapes)("%d rows of %d channels", (rows, channels) => {
  const n = rows * channels;
  const x = samples(n, 5);
  const dy = floats(n, 6);
  const [weight, bias] = [floats(channels, 7), floats(channels, 8)];
  const column = (of: Float32Array, c: number) => [...of].filter((_, i) => i % channels === c);
  const exact = Array.from({ length: channels }, (_, c) => moments(column(x, c)));
  const [mean, variance] = [0, 1].map((i) => Float32Array.from(exact, (pair) => pair[i]!)) as [
    Float32Array,
    Float32Array,
  ];
  const scale = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + EPSILON));
  const hat = Array.from(x, (v, i) => (v - mean[i % channels]!) * scale[i % channels]!);
  const room = () => arena.inout(new Float64Array(2 * channels));

  it("channelMoments", () => {
    const expected = [...exact.map(([m]) => m), ...exact.map(([, v]) => v)];
    for (const layout of layouts(2)) {
      arena.reset(layout);
      const [at, out] = [arena.input(x), arena.output(2 * channels)];
      const scratch = room();
      const sizes = [rows, channels] as const;
      arena.kernels.channelMoments(at, out, out + 4 * channels, ...sizes, channels, scratch);
      arena.checkCanaries();
      expectWithin(arena.floats(out, 2 * channels), expected, (e) => U * Math.abs(e));
    }
    arena.reset();
    const [at, out] = [arena.input(x), arena.output(2 * channels)];
    const scratch = room();
    checkLanes(arena, table, {
      record: ["channelMomentsRecord", at, out, rows, channels, scratch],
      written: [{ at: out, count: 2 * channels }],
      plain() {
        const sizes = [rows, channels, channels] as const;
        arena.kernels.channelMoments(at, out, out + 4 * channels, ...sizes, scratch);
      },
    });
  });

  it("channelNorm, also in place", () => {
    const expected = hat.map((h, i) => h * weight[i % channels]! + bias[i % channels]!);
    const error = (_: number, i: number) => {
      const c = i % channels;
      return outputError(hat[i]!, mean[c]!, scale[c]!, weight[c]!, bias[c]!);
    };
    let bits = new Uint32Array(0);
    for (const layout of layouts(6)) {
      arena.reset(layout);
      const operands = [x, mean, variance, weight, bias].map((values) => arena.input(values));
      const y = arena.output(n);
      const [at, m, v, w, b] = operands as [number, number, number, number, number];
      const sizes = [rows, channels, channels, EPSILON, room()] as const;
      arena.kernels.channelNorm(at, m, v, w, b, y, ...sizes);
      arena.checkCanaries();
      expectWithin(arena.floats(y, n), expected, error);
      bits = arena.words(y, n);
    }
    arena.reset();
    const [at, m, v] = [arena.inout(x), arena.input(mean), arena.input(variance)];
    const [w, b] = [arena.input(weight), arena.input(bias)];
    arena.kernels.channelNorm(at, m, v, w, b, at, rows, channels, channels, EPSILON, room());
    expectSameBits(arena.words(at, n), bits, "in place");
    arena.reset();
    const again = [x, mean, variance, weight, bias].map((values) => arena.input(values));
    const [y, scratch] = [arena.output(n), room()];
    const epsilon = floatWord(EPSILON);
    checkLanes(arena, table, {
      record: ["channelNormRecord", ...again, y, rows, channels, epsilon, scratch],
      written: [{ at: y, count: n }],
      plain() {
        const [x0, m0, v0, w0, b0] = again as [number, number, number, number, number];
        const sizes = [rows, channels, channels, EPSILON, scratch] as const;
        arena.kernels.channelNorm(x0, m0, v0, w0, b0, y, ...sizes);
      },
    });
  });

  it("channelNormSums and channelNormGrad", () => {
    const sums = [new Float64Array(channels), new Float64Array(channels)] as const;
    const magnitude = new Float64Array(channels);
    dy.forEach((d, i) => {
      const c = i % channels;
      sums[0][c]! += d * hat[i]!;
      sums[1][c]! += d;
      magnitude[c]! += Math.abs(d) * (1 + Math.abs(hat[i]!));
    });
    arena.reset();
    const [at, dyAt] = [arena.input(x), arena.input(dy)];
    const [m, v] = [arena.input(mean), arena.input(variance)];
    const [out, scratch] = [arena.output(2 * channels), room()];
    const sizes = [rows, channels] as const;
    const epsilon = floatWord(EPSILON);
    const plain = () => {
      const [along, flat] = [out, out + 4 * channels];
      const last = [channels, EPSILON, scratch] as const;
      arena.kernels.channelNormSums(at, dyAt, m, v, along, flat, ...sizes, ...last);
    };
    plain();
    arena.checkCanaries();
    expectWithin(arena.floats(out, 2 * channels), [...sums[0], ...sums[1]], (_, i) => {
      return 4 * U * magnitude[i % channels]!;
    });
    checkLanes(arena, table, {
      record: ["channelNormSumsRecord", at, dyAt, m, v, out, ...sizes, epsilon, scratch],
      written: [{ at: out, count: 2 * channels }],
      plain,
    });
    const [w, dx] = [arena.input(weight), arena.output(n)];
    const gradient = () => {
      const [along, flat] = [out, out + 4 * channels];
      const last = [channels, EPSILON, scratch] as const;
      arena.kernels.channelNormGrad(at, dyAt, m, v, w, along, flat, dx, ...sizes, ...last);
    };
    gradient();
    arena.checkCanaries();
    const expected = Array.from(dy, (d, i) => {
      const c = i % channels;
      const g = d - sums[1][c]! / rows - (hat[i]! * sums[0][c]!) / rows;
      return weight[c]! * scale[c]! * g;
    });
    expectWithin(arena.floats(dx, n), expected, (_, i) => {
      const c = i % channels;
      const size = 1 + (magnitude[c]! * (1 + Math.abs(hat[i]!))) / rows;
      return 8 * U * Math.abs(weight[c]! * scale[c]!) * size;
    });
    checkLanes(arena, table, {
      record: ["channelNormGradRecord", at, dyAt, m, v, w, out, dx, ...sizes, epsilon, scratch],
      written: [{ at: dx, count: n }],
      plain: gradient,
    });
  });
});

it("keeps the variance of numbers far from 0, over many rows", () => {
  const [rows, channels] = [50_000, 5];
  const x = floats(rows * channels, 9, 9999, 10001);
  const scratchFloats = 4 * channels;
  arena.reset();
  const [at, out] = [arena.input(x), arena.output(2 * channels)];
  const scratch = arena.output(scratchFloats);
  arena.kernels.channelMoments(at, out, out + 4 * channels, rows, channels, channels, scratch);
  const columns = Array.from({ length: channels }, (_, c) =>
    moments([...x].filter((_, i) => i % channels === c)),
  );
  const expected = [...columns.map(([m]) => m), ...columns.map(([, v]) => v)];
  expectWithin(arena.floats(out, 2 * channels), expected, (e) => U * Math.abs(e));
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
