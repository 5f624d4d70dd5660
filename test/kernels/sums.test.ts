import { beforeAll, describe, expect, it } from "vitest";
import { float, instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { floats } from "../../src/verify/numbers.ts";
import { createArena } from "../support/arena.ts";
import { FunctionTable, checkChunks } from "../support/instructions.ts";

/** Sums so long that float32 alone loses their digits; assembly/sums.ts has their order. */

/** Relative errors, where all terms have one sign. */
const LIMIT = 1e-6;

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

/** Terms whose sums in float32 are rounded the same way again and again, and others. */
const kinds = {
  "0.1": () => 0.1,
  "1 + 2^-23": () => 1 + 2 ** -23,
  // Each is half a unit of 1, and is lost if it is added to that alone.
  "1, and 2^-24": (i: number) => (i === 0 ? 1 : 2 ** -24),
  "1 now and then, and 2^-24": (i: number) => (i % 24 === 0 ? 1 : 2 ** -24),
  "positive numbers": (i: number) => ((i * 0.61803398875) % 1) + 2 ** -20,
} satisfies Readonly<Record<string, (i: number) => number>>;

/** [rows, cols] of floats, all columns alike, and the sum of one. */
function columns(rows: number, cols: number, of: (i: number) => number) {
  const x = new Float32Array(rows * cols);
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const value = Math.fround(of(i));
    x.fill(value, i * cols, (i + 1) * cols);
    sum += value;
  }
  return { x, sum };
}

function sumOf(x: Float32Array, axis: number, inner: number, scale = 1): Float32Array {
  arena.reset();
  const [at, y] = [arena.inout(x), arena.output(inner)];
  arena.kernels.sum(at, y, 1, axis, inner, scale);
  arena.checkCanaries();
  return arena.floats(y, inner);
}

/** The largest relative error. */
function errorOf(values: Float32Array, expected: number): number {
  return Math.max(...Array.from(values, (value) => Math.abs(value / expected - 1)));
}

describe.each(Object.entries(kinds))("a long sum of %s", (_, of) => {
  it.each([33, 48, 64, 1000, 2047, 2048, 2049, 65_537, 1_000_000])(
    "has its digits, %d terms",
    (n) => {
      for (const cols of n > 1e5 ? [1, 4] : [1, 2, 3, 4, 16, 17, 37]) {
        const { x, sum } = columns(n, cols, of);
        expect(errorOf(sumOf(x, n, cols), sum), `${cols} columns`).toBeLessThan(LIMIT);
      }
    },
  );
});

describe("sums of a million", () => {
  it("of four columns of 0.1 are 100000.0015", () => {
    const sums = sumOf(columns(1e6, 4, () => 0.1).x, 1e6, 4);
    expect(errorOf(sums, 100000.0015)).toBeLessThan(LIMIT);
  });

  it("are scaled to their mean", () => {
    for (const cols of [1, 3]) {
      const means = sumOf(columns(1e6, cols, () => 0.1).x, 1e6, cols, 1e-6);
      expect(errorOf(means, 0.1)).toBeLessThan(LIMIT);
    }
  });

  it("of a row overflow only where the result does", () => {
    const x = new Float32Array(1e6).fill(1e30);
    expect(sumOf(x, 1e6, 1)[0]! / 1e36).toBeCloseTo(1, 6);
    x[999_999] = NaN;
    expect(sumOf(x, 1e6, 1)[0]).toBeNaN();
    x[999_999] = -Infinity;
    expect(sumOf(x, 1e6, 1)[0]).toBe(-Infinity);
  });
});

describe("the order of a column's sum", () => {
  it.each([32, 33, 48, 49, 64, 97, 1001])("is not that of its neighbours, %d rows", (rows) => {
    const cols = 39;
    const x = floats(rows * cols, rows);
    const together = sumOf(x, rows, cols);
    for (let j = 0; j + 2 <= cols; j += 2) {
      const two = Float32Array.from({ length: 2 * rows }, (_, at) => {
        return x[(at >> 1) * cols + j + (at & 1)]!;
      });
      expect([...sumOf(two, rows, 2)]).toEqual([...together.subarray(j, j + 2)]);
    }
  });

  it("is that of any number of chunks", () => {
    const [rows, cols] = [1001, 70];
    arena.reset();
    const [x, y] = [arena.input(floats(rows * cols, 1)), arena.output(cols)];
    checkChunks(arena, new FunctionTable(arena), {
      instruction: instruction("sum", {
        x,
        y,
        outer: 1,
        axis: rows,
        inner: cols,
        scale: float(1),
      }),
      written: [{ at: y, count: cols }],
      plain() {
        arena.kernels.sum(x, y, 1, rows, cols, 1);
      },
    });
  });

  it("is that of the rows as far as 32 of them", () => {
    const [rows, cols] = [32, 17];
    const x = floats(rows * cols, 2);
    const sums = new Float32Array(cols);
    x.forEach((value, at) => (sums[at % cols]! += value));
    expect([...sumOf(x, rows, cols)]).toEqual([...sums]);
  });
});

describe("an embedding's gradient", () => {
  function gradientOf(ids: Int32Array, dy: Float32Array, vocabulary: number, width: number) {
    arena.reset();
    const rows = ids.length;
    const chains = Math.floor(rows / 16);
    const [idsAt, dyAt] = [arena.inout(ids), arena.inout(dy)];
    const dtable = arena.output(vocabulary * width);
    const totals = arena.inout(new Float64Array(chains * width).fill(NaN));
    const owners = arena.inout(new Int32Array(chains).fill(-1));
    const states = arena.inout(new Int32Array(vocabulary).fill(-1));
    const sizes = [rows, vocabulary, width, false, 0, vocabulary] as const;
    arena.kernels.embedGrad(idsAt, dyAt, dtable, ...sizes, totals, owners, states);
    arena.checkCanaries();
    return arena.floats(dtable, vocabulary * width);
  }

  it.each([1, 3, 4, 21])("of one id a million times has its digits, width %d", (width) => {
    const rows = width > 4 ? 1e5 : 1e6;
    const { x: dy, sum } = columns(rows, width, () => 0.1);
    const gradient = gradientOf(new Int32Array(rows).fill(2), dy, 4, width);
    expect(errorOf(gradient.subarray(2 * width, 3 * width), sum)).toBeLessThan(LIMIT);
    expect(gradient.filter((v) => v === 0).length).toBe(3 * width);
  });

  it.each([1, 5, 40])("of ids that take turns has its digits, width %d", (width) => {
    // Id v comes v times in a round: some fill no chain, some one and some many.
    const round = Array.from({ length: 60 }, (_, v) => new Array<number>(v).fill(v)).flat();
    const ids = Int32Array.from([...round, ...round.reverse()]);
    const dy = new Float32Array(ids.length * width).fill(0.1);
    const gradient = gradientOf(ids, dy, 60, width);
    for (let v = 1; v < 60; v++) {
      const sums = gradient.subarray(v * width, (v + 1) * width);
      expect(errorOf(sums, 2 * v * Math.fround(0.1)), `id ${v}`).toBeLessThan(LIMIT);
    }
  });
});

describe("a row of a million", () => {
  const cols = 1_000_003;
  /** All chances are alike. */
  const chance = Math.fround(1 / cols);

  function rowOf(kernel: "softmax" | "logSoftmax", value: number): Float32Array {
    arena.reset();
    const [x, y] = [arena.inout(new Float32Array(cols).fill(value)), arena.output(cols)];
    arena.kernels[kernel](x, y, 1, cols);
    return arena.floats(y, cols).slice(0, 1);
  }

  it("has the chances and their logarithms", () => {
    expect(errorOf(rowOf("softmax", 3), 1 / cols)).toBeLessThan(LIMIT);
    expect(errorOf(rowOf("logSoftmax", 3), -Math.log(cols))).toBeLessThan(LIMIT);
  });

  it("has the logarithm where one is ahead of the others", () => {
    arena.reset();
    const x = new Float32Array(cols).fill(-3);
    x[7] = 0;
    const y = arena.output(cols);
    arena.kernels.logSoftmax(arena.inout(x), y, 1, cols);
    const logSum = Math.log1p((cols - 1) * Math.exp(-3));
    expect(errorOf(arena.floats(y, cols).slice(7, 8), -logSum)).toBeLessThan(LIMIT);
  });

  it("has the gradient of softmax", () => {
    arena.reset();
    // dy is 1 for even and 2 for odd places: Σ y · dy is 1.5, but for 3 more even places than odd.
    const y = new Float32Array(cols).fill(chance);
    const dy = Float32Array.from({ length: cols }, (_, i) => 1 + (i % 2));
    const dot = y.reduce((sum, p, i) => sum + p * dy[i]!, 0);
    const dx = arena.output(cols);
    arena.kernels.softmaxGrad(arena.inout(y), arena.inout(dy), dx, 1, cols);
    const [even, odd] = arena.floats(dx, cols);
    // The dot is 1.5, and its error is that of a difference of 0.5.
    expect(Math.abs(even! / (chance * (1 - dot)) - 1)).toBeLessThan(3 * LIMIT);
    expect(Math.abs(odd! / (chance * (2 - dot)) - 1)).toBeLessThan(3 * LIMIT);
  });

  it("has the cross-entropy, of a class and of chances, and smoothed", () => {
    arena.reset();
    const x = arena.inout(new Float32Array(cols).fill(0.5));
    const p = arena.output(cols);
    const t = arena.inout(new Float32Array(cols).fill(chance));
    const [label, loss] = [arena.inout(Int32Array.of(5)), arena.output(1)];
    const [kernels, expected] = [arena.kernels, Math.log(cols)];
    kernels.crossEntropy(x, label, p, loss, 1, cols);
    expect(errorOf(arena.floats(loss, 1), expected)).toBeLessThan(LIMIT);
    kernels.crossEntropySmoothed(x, label, 0, p, loss, 1, cols, 0.1, -100);
    expect(errorOf(arena.floats(loss, 1), expected)).toBeLessThan(LIMIT);
    kernels.crossEntropyProbabilities(x, t, p, loss, 1, cols);
    expect(errorOf(arena.floats(loss, 1), expected * chance * cols)).toBeLessThan(LIMIT);
  });
});
