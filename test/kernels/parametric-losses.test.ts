import { beforeAll, describe, expect, it } from "vitest";
import { type ParametricLoss, parametricLosses, sigmoid } from "../../src/reference/losses.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { U, expectWithin, ulp } from "../../src/verify/compare.ts";
import { floats, sizes } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

interface Case {
  readonly t: (n: number) => Float32Array;
  readonly p: (n: number) => Float32Array;
  /** Largest errors of the loss and, for dy = 1, of its gradient. */
  readonly value: (exact: number) => number;
  readonly slope: (x: number, t: number, p: number, exact: number) => number;
}

const cases: Record<ParametricLoss, Case> = {
  huber: {
    t: (n) => floats(n, 2, -3, 3),
    p: (n) => floats(n, 3, 0.1, 3),
    value: (exact) => 6 * ulp(exact),
    slope: (_x, _t, _p, exact) => ulp(exact),
  },
  weightedBinaryCrossEntropyLogits: {
    t: (n) => floats(n, 2, -0.3, 1.3).map((t) => Math.min(Math.max(t, 0), 1)),
    p: (n) => floats(n, 3, 0, 5),
    value: (exact) => 8 * U * exact,
    slope: (x, t, p) => 8 * U * ((1 - t) * sigmoid(x) + p * t * sigmoid(-x)) + 2 ** -149,
  },
};

describe.each(Object.keys(cases) as ParametricLoss[])("%s", (name) => {
  const formula = parametricLosses[name];
  const { t: makeT, p: makeP, value, slope } = cases[name];

  describe.each([0, 1])("with step %d of its parameter", (pStep) => {
    it.each(sizes)("is the formula for %d elements, and touches nothing else", (n) => {
      const [x, t, p] = [floats(n, 1, -20, 20), makeT(n), makeP(pStep ? n : 1)];
      const exact = Array.from(x, (v, i) => formula.value(v, t[i]!, p[i * pStep]!));
      for (const layout of layouts(4)) {
        arena.reset(layout);
        const [xAt, tAt, pAt] = [arena.input(x), arena.input(t), arena.input(p)];
        const y = arena.output(n);
        arena.kernels[name](xAt, tAt, pAt, pStep, y, n);
        arena.checkCanaries();
        expectWithin(arena.floats(y, n), exact, value);
      }
    });

    it.each(sizes)("has the gradient of the formula for %d elements", (n) => {
      for (const dyStep of [0, 1]) {
        const [x, t, p] = [floats(n, 1, -20, 20), makeT(n), makeP(pStep ? n : 1)];
        const dy = floats(dyStep ? n : 1, 4);
        const slopes = Array.from(x, (v, i) => formula.slope(v, t[i]!, p[i * pStep]!));
        const exact = slopes.map((s, i) => s * dy[i * dyStep]!);
        const allowed = (e: number, i: number) =>
          slope(x[i]!, t[i]!, p[i * pStep]!, slopes[i]!) * Math.abs(dy[i * dyStep]!) + ulp(e);
        for (const layout of layouts(5)) {
          arena.reset(layout);
          const [xAt, tAt, pAt] = [arena.input(x), arena.input(t), arena.input(p)];
          const [dyAt, dx] = [arena.input(dy), arena.output(n)];
          arena.kernels[`${name}Grad`](xAt, tAt, pAt, pStep, dyAt, dyStep, dx, n);
          arena.checkCanaries();
          expectWithin(arena.floats(dx, n), exact, allowed);
        }
      }
    });
  });

  it("carries NaN", () => {
    arena.reset();
    const [nan, one, y] = [arena.input([NaN]), arena.input([1]), arena.output(2)];
    arena.kernels[name](nan, one, one, 0, y, 1);
    arena.kernels[`${name}Grad`](nan, one, one, 0, one, 0, y + 4, 1);
    expect([...arena.floats(y, 2)]).toEqual([NaN, NaN]);
  });

  it("has a float64 slope that agrees with central differences", () => {
    const h = 1e-6;
    const [x, t, p] = [floats(300, 5, -5, 5), makeT(300), makeP(300)];
    x.forEach((v, i) => {
      const f = (at: number) => formula.value(at, t[i]!, p[i]!);
      const difference = (f(v + h) - f(v - h)) / (2 * h);
      expect(formula.slope(v, t[i]!, p[i]!)).toBeCloseTo(difference, 5);
    });
  });
});
