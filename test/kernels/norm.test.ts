import { beforeAll, describe, expect, it } from "vitest";
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

interface Shape {
  readonly batch: number;
  readonly space: number;
  readonly channels: number;
  readonly groups: number;
}

const shapes: Shape[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 33].map((channels) => {
    return { batch: 3, space: 1, channels, groups: 1 };
  }),
  { batch: 2, space: 5, channels: 12, groups: 4 },
  { batch: 2, space: 3, channels: 34, groups: 2 },
  { batch: 3, space: 4, channels: 5, groups: 5 },
  { batch: 1, space: 7, channels: 40, groups: 8 },
  { batch: 0, space: 3, channels: 4, groups: 2 },
  { batch: 5, space: 0, channels: 4, groups: 2 },
];

/** Mean and scale of each group of each example, and which of them an element belongs to. */
function statistics(x: Float32Array, { batch, space, channels, groups }: Shape, centred: boolean) {
  const size = channels / groups;
  const groupOf = (i: number): number => {
    const example = Math.floor(i / (space * channels));
    return example * groups + Math.floor((i % channels) / size);
  };
  const members = Array.from({ length: batch * groups }, (): number[] => []);
  x.forEach((value, i) => members[groupOf(i)]!.push(value));
  const of = members.map((values): [number, number] => {
    const [mean, variance] = moments(values);
    if (centred) return [mean, 1 / Math.sqrt(variance + EPSILON)];
    return [0, 1 / Math.sqrt(variance + mean * mean + EPSILON)];
  });
  const hat = Array.from(x, (value, i) => (value - of[groupOf(i)]![0]) * of[groupOf(i)]![1]);
  return { of, groupOf, hat };
}

describe.each(shapes)("groups of $batch x $space x $channels in $groups", (shape) => {
  const { batch, space, channels, groups } = shape;
  const n = batch * space * channels;
  const x = samples(n, channels);
  const dy = floats(n, 2);
  const [weight, bias] = [floats(channels, 3), floats(channels, 4)];
  const sizes = [batch, space, channels, groups] as const;
  const count = batch * groups;

  it.each([
    [true, true],
    [false, true],
    [true, false],
  ])("groupNorm, centred %s, affine %s", (centred, affine) => {
    const { of, groupOf, hat } = statistics(x, shape, centred);
    const [w, b] = affine ? [weight, bias] : [weight.map(() => 1), bias.map(() => 0)];
    const expected = hat.map((h, i) => h * w[i % channels]! + b[i % channels]!);
    const prepare = () => {
      const at = arena.input(x);
      const given = affine ? [arena.input(weight), arena.input(bias)] : [0, 0];
      const [y, stats] = [arena.output(n), arena.output(2 * count)];
      const [wAt, bAt] = given as [number, number];
      const args = [at, wAt, bAt, y, stats, ...sizes] as const;
      return { args, y, stats };
    };
    for (const layout of layouts(affine ? 5 : 3)) {
      arena.reset(layout);
      const { args, y, stats } = prepare();
      arena.kernels.groupNorm(...args, EPSILON, centred, 0, count);
      arena.checkCanaries();
      expectWithin(arena.floats(y, n), expected, (_, i) => {
        const [mean, scale] = of[groupOf(i)]!;
        return outputError(hat[i]!, mean, scale, w[i % channels]!, b[i % channels]!);
      });
      if (space === 0) continue;
      const flat = [...of.map(([mean]) => mean), ...of.map(([, scale]) => scale)];
      expectWithin(arena.floats(stats, 2 * count), flat, (e) => U * Math.abs(e));
    }
    arena.reset();
    const { args, y, stats } = prepare();
    checkLanes(arena, table, {
      record: ["groupNormRecord", ...args, floatWord(EPSILON), Number(centred)],
      written: [
        { at: y, count: n },
        { at: stats, count: 2 * count },
      ],
      plain() {
        arena.kernels.groupNorm(...args, EPSILON, centred, 0, count);
      },
    });
  });

  it.each([true, false])("groupNormGrad and groupNormSums, centred %s", (centred) => {
    const { of, groupOf, hat } = statistics(x, shape, centred);
    const stats = Float32Array.from([...of.map(([m]) => m), ...of.map(([, s]) => s)]);
    const slope = Array.from(dy, (d, i) => d * weight[i % channels]!);
    const mean = (values: (i: number) => number) => {
      const sums = new Float64Array(count);
      slope.forEach((_, i) => (sums[groupOf(i)]! += values(i)));
      return sums.map((sum) => sum / (n / count));
    };
    const [plain, along] = [mean((i) => slope[i]!), mean((i) => slope[i]! * hat[i]!)];
    const expected = slope.map((s, i) => {
      const group = groupOf(i);
      return of[group]![1] * (s - (centred ? plain[group]! : 0) - hat[i]! * along[group]!);
    });
    const hatError = (i: number) =>
      3 * Math.abs(hat[i]!) + 2 * Math.abs(of[groupOf(i)]![0] * of[groupOf(i)]![1]);
    for (const layout of layouts(5)) {
      arena.reset(layout);
      const [at, dyAt, wAt] = [arena.input(x), arena.input(dy), arena.input(weight)];
      const [statsAt, dx] = [arena.input(stats), arena.output(n)];
      arena.kernels.groupNormGrad(at, dyAt, wAt, statsAt, dx, ...sizes, centred, 0, count);
      arena.checkCanaries();
      expectWithin(arena.floats(dx, n), expected, (_, i) => {
        const size = 3 * Math.abs(slope[i]!) + 2 * Math.abs(plain[groupOf(i)]!);
        return 2 * U * of[groupOf(i)]![1] * (size + 8 * hatError(i));
      });
    }
    const sums = [new Float64Array(channels), new Float64Array(channels)] as const;
    const magnitude = new Float64Array(channels);
    dy.forEach((d, i) => {
      sums[0][i % channels]! += d * hat[i]!;
      sums[1][i % channels]! += d;
      magnitude[i % channels]! += Math.abs(d) * (Math.abs(hat[i]!) + hatError(i));
    });
    arena.reset();
    const [at, dyAt] = [arena.input(x), arena.input(dy)];
    const [statsAt, out] = [arena.input(stats), arena.output(2 * channels)];
    const scratch = arena.inout(new Float64Array(2 * channels));
    const both = [at, dyAt, statsAt, out] as const;
    const kernel = () => {
      const [along, plain] = [out, out + 4 * channels];
      const from = [at, dyAt, statsAt, along, plain] as const;
      arena.kernels.groupNormSums(...from, ...sizes, 0, channels, scratch);
    };
    kernel();
    arena.checkCanaries();
    expectWithin(arena.floats(out, 2 * channels), [...sums[0], ...sums[1]], (_, i) => {
      return (
        4 * U * (magnitude[i % channels]! + Math.abs(sums[i < channels ? 0 : 1][i % channels]!))
      );
    });
    checkLanes(arena, table, {
      record: ["groupNormSumsRecord", ...both, ...sizes, scratch],
      written: [{ at: out, count: 2 * channels }],
      plain: kernel,
    });
    const [wAt, dx] = [arena.input(weight), arena.output(n)];
    const args = [at, dyAt, wAt, statsAt, dx, ...sizes] as const;
    checkLanes(arena, table, {
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
      arena.output(2),
    ];
    arena.kernels.groupNorm(at, 0, 0, y, stats, 1, 1, 9, 1, EPSILON, true, 0, 1);
    expect([...arena.floats(y, 9)]).toEqual(new Array(9).fill(0));
  });

  it("carries NaN to its group and to no other", () => {
    const x = samples(14, 1);
    x[5] = NaN;
    arena.reset();
    const [at, y, stats] = [arena.input(x), arena.output(14), arena.output(4)];
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
      const stats = arena.output(2 * rows);
      arena.kernels.groupNorm(at, 0, 0, y, stats, rows, 1, 13, 1, EPSILON, true, 0, rows);
      return bitsOf(arena.floats(y, part.length));
    };
    expectSameBits(of(x.slice(13, 26)), of(x).slice(13, 26));
  });
});
