import { beforeAll, describe, expect, it } from "vitest";
import { type ElementLoss, elementLosses, sigmoid } from "../../src/reference/losses.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { U, bitsOf, expectSameBits, expectWithin, ulp } from "../../src/verify/compare.ts";
import { extremes, floats, generator, sizes } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

/** What a loss is fed, and how far off it may be. */
interface Case {
  readonly x: (n: number, seed: number) => Float32Array;
  readonly t: (n: number, seed: number) => Float32Array;
  /** Largest errors of the loss and, for dy = 1, of its gradient. */
  readonly value: (x: number, t: number, exact: number) => number;
  readonly slope: (x: number, t: number, exact: number) => number;
}

/** Random numbers in a range, every third one extreme. */
function mixed(low: number, high: number, special: readonly number[]) {
  return (n: number, seed: number): Float32Array => {
    const next = generator(seed + 77);
    const numbers = floats(n, seed, low, high);
    for (let i = 0; i < n; i += 3) numbers[i] = special[Math.floor(next() * special.length)]!;
    return numbers;
  };
}

const large = extremes.filter((x) => Math.abs(x) <= 1e31 || Math.abs(x) === Infinity);
const logits = extremes.filter((x) => Math.abs(x) <= 1e31);
const chances = extremes.filter((x) => x >= 0 && x <= 1);
const targets = mixed(0, 1, [0, 1, 0, 1, 0.5]);

const cases: Record<ElementLoss, Case> = {
  squaredError: {
    x: mixed(-9, 9, large),
    t: mixed(-9, 9, large),
    value: (_x, _t, exact) => 3 * ulp(exact),
    slope: (_x, _t, exact) => 2 * ulp(exact),
  },
  absoluteError: {
    x: mixed(-9, 9, large),
    t: mixed(-9, 9, large),
    value: (_x, _t, exact) => ulp(exact),
    slope: () => 0,
  },
  binaryCrossEntropy: {
    x: mixed(0, 1, chances),
    t: targets,
    // 1 - x is rounded before its logarithm is taken, which costs u of the loss for t = 0.
    value: (_x, t, exact) => 9 * U * exact + 1.01 * U * (1 - t),
    // x - t may be subnormal before it is divided by 1e-12.
    slope: (_x, _t, exact) => 6 * ulp(exact) + 2 ** -149 / 1e-12,
  },
  binaryCrossEntropyLogits: {
    x: mixed(-20, 20, logits),
    t: targets,
    value: (_x, t, exact) => (t === 0 || t === 1 ? 2 * ulp(exact) : 6 * U * exact),
    slope: (x, t, exact) =>
      t === 0 || t === 1
        ? 3 * ulp(exact)
        : 6 * U * ((1 - t) * sigmoid(x) + t * sigmoid(-x)) + 2 * ulp(exact),
  },
  kullbackLeibler: {
    x: mixed(-20, 0, [0, -100, -1e4, -1e-10]),
    t: targets,
    value: (x, t, exact) => U * (9 * Math.abs(t * x) + 9) * t + 2 * ulp(exact),
    slope: () => 0,
  },
};

function lossOf(name: ElementLoss, x: readonly number[], t: readonly number[]): number[] {
  arena.reset();
  const [xAt, tAt, y] = [arena.input(x), arena.input(t), arena.output(x.length)];
  arena.kernels[name](xAt, tAt, y, x.length);
  return [...arena.floats(y, x.length)];
}

function slopeOf(name: ElementLoss, x: readonly number[], t: readonly number[]): number[] {
  arena.reset();
  const [xAt, tAt, dy] = [arena.input(x), arena.input(t), arena.input([1])];
  const dx = arena.output(x.length);
  arena.kernels[`${name}Grad`](xAt, tAt, dy, 0, dx, x.length);
  return [...arena.floats(dx, x.length)];
}

describe.each(Object.keys(cases) as ElementLoss[])("%s", (name) => {
  const formula = elementLosses[name];
  const { x: makeX, t: makeT, value, slope } = cases[name];

  it.each(sizes)("is the formula for %d elements, and touches nothing else", (n) => {
    const [x, t] = [makeX(n, 1), makeT(n, 2)];
    const exact = Array.from(x, (v, i) => formula.value(v, t[i]!));
    for (const layout of layouts(3)) {
      arena.reset(layout);
      const [xAt, tAt, y] = [arena.input(x), arena.input(t), arena.output(n)];
      arena.kernels[name](xAt, tAt, y, n);
      arena.checkCanaries();
      expectWithin(arena.floats(y, n), exact, (e, i) => value(x[i]!, t[i]!, e));
    }
  });

  describe.each([0, 1])("with step %d of dy", (dyStep) => {
    it.each(sizes)("has the gradient of the formula for %d elements", (n) => {
      const [x, t, dy] = [makeX(n, 3), makeT(n, 4), floats(dyStep ? n : 1, 5)];
      const slopes = Array.from(x, (v, i) => formula.slope(v, t[i]!));
      const exact = slopes.map((s, i) => s * dy[i * dyStep]!);
      const allowed = (e: number, i: number) =>
        slope(x[i]!, t[i]!, slopes[i]!) * Math.abs(dy[i * dyStep]!) + ulp(e);
      for (const layout of layouts(4)) {
        arena.reset(layout);
        const [xAt, tAt, dyAt] = [arena.input(x), arena.input(t), arena.input(dy)];
        const dx = arena.output(n);
        arena.kernels[`${name}Grad`](xAt, tAt, dyAt, dyStep, dx, n);
        arena.checkCanaries();
        expectWithin(arena.floats(dx, n), exact, allowed);
      }
    });
  });

  it("writes its gradient over dy", () => {
    const [x, t, dy] = [makeX(33, 6), makeT(33, 7), floats(33, 8)];
    arena.reset();
    const [xAt, tAt, dyAt] = [arena.input(x), arena.input(t), arena.inout(dy)];
    const dx = arena.output(33);
    arena.kernels[`${name}Grad`](xAt, tAt, dyAt, 1, dx, 33);
    arena.kernels[`${name}Grad`](xAt, tAt, dyAt, 1, dyAt, 33);
    expectSameBits(arena.words(dyAt, 33), bitsOf(arena.floats(dx, 33)));
    arena.checkCanaries();
  });

  it("carries NaN of each operand", () => {
    const halves = [0.5, 0.5, 0.5, 0.5, 0.5];
    const nans = halves.map(() => NaN);
    expect(lossOf(name, nans, halves)).toEqual(nans);
    expect(lossOf(name, halves, nans)).toEqual(nans);
    expect(slopeOf(name, nans, halves)).toEqual(halves.map((t) => formula.slope(NaN, t)));
    expect(slopeOf(name, halves, nans)).toEqual(nans);
  });

  it("has a float64 slope that agrees with central differences", () => {
    const h = 1e-6;
    const [t, x] = [makeT(300, 9), floats(300, 10, 0.05, 0.95)];
    x.forEach((v, i) => {
      if (Math.abs(t[i]!) > 9 || Math.abs(t[i]! - v) < 2 * h) return;
      const difference = (formula.value(v + h, t[i]!) - formula.value(v - h, t[i]!)) / (2 * h);
      expect(formula.slope(v, t[i]!)).toBeCloseTo(difference, 6);
    });
  });
});

describe("binaryCrossEntropy at certain predictions", () => {
  it("is 100 where it is wrong and 0 where it is right, as in PyTorch", () => {
    const losses = lossOf("binaryCrossEntropy", [0, 1, 0, 1], [1, 0, 0, 1]);
    expect(losses.map(Math.abs)).toEqual([100, 100, 0, 0]);
  });

  it("has the finite slopes of PyTorch", () => {
    const large = Math.fround(1 / Math.fround(1e-12));
    const slopes = slopeOf("binaryCrossEntropy", [0, 1, 0, 1], [1, 0, 0, 1]);
    expect(slopes).toEqual([-large, large, 0, 0]);
  });
});

describe("binaryCrossEntropyLogits far out", () => {
  it("is exact at ±800", () => {
    const x = [800, 800, 800, -800, -800, -800];
    const t = [0, 1, 0.5, 0, 1, 0.5];
    expect(lossOf("binaryCrossEntropyLogits", x, t)).toEqual([800, 0, 400, 0, 800, 400]);
    const slopes = slopeOf("binaryCrossEntropyLogits", x, t);
    expect(slopes).toEqual([1, 0, 0.5, 0, -1, -0.5]);
  });

  it("is right at infinity for both labels", () => {
    const x = [Infinity, Infinity, -Infinity, -Infinity];
    expect(lossOf("binaryCrossEntropyLogits", x, [0, 1, 0, 1])).toEqual([Infinity, 0, 0, Infinity]);
    expect(slopeOf("binaryCrossEntropyLogits", x, [0, 1, 0, 1])).toEqual([1, 0, 0, -1]);
  });
});
