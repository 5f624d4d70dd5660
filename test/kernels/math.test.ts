import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { ulpsOff } from "../../src/verify/compare.ts";
import { bitPatterns, extremes } from "../../src/verify/numbers.ts";

/**
 * The elementary functions, through the kernels that give them away unchanged, over every 4093rd
 * of the 2^32 floats. Exhaustive runs stay below the same bounds.
 */

const STEP = 4093;
const CHUNK = 65536;

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

interface Elementary {
  readonly exact: (x: number) => number;
  readonly ulps: number;
  /** Returns true for arguments at which an export computes the function. */
  readonly domain: (x: number) => boolean;
  readonly run: (x: Float32Array) => Float32Array;
}

/** y of a kernel that works on elements. */
function elements(
  x: Float32Array,
  kernel: (x: number, y: number, ones: number, n: number) => void,
): Float32Array {
  arena.reset();
  const [at, ones, y] = [arena.input(x), arena.input(x.map(() => 1)), arena.output(x.length)];
  kernel(at, y, ones, x.length);
  return arena.floats(y, x.length);
}

const minus = (x: Float32Array) => x.map((v) => -v);

const functions: Record<string, Elementary> = {
  sigmoid: {
    exact: (x) => 1 / (1 + Math.exp(-x)),
    ulps: 2,
    domain: () => true,
    run: (x) =>
      elements(x, (x, y, _ones, n) => {
        arena.kernels.sigmoid(x, y, n, 0);
      }),
  },
  tanh: {
    exact: Math.tanh,
    ulps: 4,
    domain: () => true,
    run: (x) =>
      elements(x, (x, y, _ones, n) => {
        arena.kernels.tanh(x, y, n, 0);
      }),
  },
  // The loss of a target of 1 is -log x, from -100 on.
  log: {
    exact: (x) => Math.max(Math.log(x), -100),
    ulps: 3,
    domain: (x) => x >= 0 && x <= 1,
    run: (x) =>
      minus(
        elements(x, (x, y, t, n) => {
          arena.kernels.binaryCrossEntropy(x, t, y, n);
        }),
      ),
  },
  // The loss of a target of 1 is log(1 + e^-x).
  softplus: {
    exact: (x) => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))),
    ulps: 2.1,
    domain: () => true,
    run: (x) =>
      elements(minus(x), (x, y, t, n) => {
        arena.kernels.binaryCrossEntropyLogits(x, t, y, n);
      }),
  },
  // The softmax of (x, 0) is e^x where 1 + e^x rounds to 1.
  exp: {
    exact: Math.exp,
    ulps: 2,
    domain: (x) => x < -17.4,
    run(x) {
      arena.reset();
      const at = arena.input(
        Float32Array.from({ length: 2 * x.length }, (_, i) => (i % 2 ? 0 : x[i / 2]!)),
      );
      const y = arena.output(2 * x.length);
      arena.kernels.softmax(at, y, x.length, 2);
      return arena.floats(y, 2 * x.length).filter((_, i) => i % 2 === 0);
    },
  },
};

/** The largest error over some floats, in ulp, and where it is. */
function worst({ exact, domain, run }: Elementary, x: Float32Array): { ulps: number; at: number } {
  const y = run(x);
  let [ulps, at] = [0, NaN];
  x.forEach((v, i) => {
    if (!domain(v)) return;
    const off = ulpsOff(y[i]!, exact(v));
    if (off > ulps || Number.isNaN(off)) [ulps, at] = [Number.isNaN(off) ? Infinity : off, v];
  });
  return { ulps, at };
}

describe.each(Object.entries(functions))("%s", (_name, f) => {
  it("is within its bound all over float32", () => {
    let largest = { ulps: 0, at: NaN };
    for (const x of bitPatterns(STEP, CHUNK)) {
      const here = worst(f, x);
      if (here.ulps > largest.ulps) largest = here;
    }
    expect(largest.ulps, `at ${largest.at}`).toBeLessThanOrEqual(f.ulps);
    expect(largest.ulps, "nothing was compared").toBeGreaterThan(0.4);
  });

  it("is within its bound at special values", () => {
    const { ulps, at } = worst(f, Float32Array.from(extremes));
    expect(ulps, `at ${at}`).toBeLessThanOrEqual(f.ulps);
  });

  it("carries NaN of every kind", () => {
    const words = [0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff];
    expect([...f.run(new Float32Array(Uint32Array.from(words).buffer))]).toEqual(
      words.map(() => NaN),
    );
  });
});

it("log is within its bound above 1, at the sums of equal logits", () => {
  let [largest, at] = [0, 0];
  for (let cols = 1; cols <= 4096; cols += cols < 64 ? 1 : 13) {
    arena.reset();
    const [x, labels] = [arena.input(new Float32Array(cols)), arena.input(Int32Array.of(0))];
    const [y, loss] = [arena.output(cols), arena.output(1)];
    arena.kernels.crossEntropy(x, labels, y, loss, 1, cols);
    const off = ulpsOff(arena.floats(loss, 1)[0]!, Math.log(cols));
    if (off > largest) [largest, at] = [off, cols];
  }
  expect(largest, `at ${at}`).toBeLessThanOrEqual(3);
});

it("keeps the sign of zero where the function has it", () => {
  const signs = (run: (x: Float32Array) => Float32Array) => [...run(Float32Array.of(-0, 0))];
  expect(signs(functions.tanh!.run)).toEqual([-0, 0]);
  expect(signs(functions.sigmoid!.run)).toEqual([0.5, 0.5]);
});
