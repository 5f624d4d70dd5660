import { beforeAll, describe, expect, it } from "vitest";
import { type ParametricLoss, parametricLosses } from "../../src/reference/losses.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { parametricBounds } from "../../src/verify/families/losses.ts";
import { floats } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

describe.each(Object.keys(parametricBounds) as ParametricLoss[])("%s", (name) => {
  const formula = parametricLosses[name];
  const { t: makeT, p: makeP } = parametricBounds[name];

  it("carries NaN", () => {
    arena.reset();
    const [nan, one, y] = [arena.input([NaN]), arena.input([1]), arena.output(2)];
    arena.kernels[name](nan, one, one, 0, y, 1);
    arena.kernels[`${name}Grad`](nan, one, one, 0, one, y + 4, 1);
    expect([...arena.floats(y, 2)]).toEqual([NaN, NaN]);
  });

  it("has a float64 slope that agrees with central differences", () => {
    const h = 1e-6;
    const [x, t, p] = [floats(300, 5, -5, 5), makeT(300, 2), makeP(300, 3)];
    x.forEach((v, i) => {
      const f = (at: number) => formula.value(at, t[i]!, p[i]!);
      const difference = (f(v + h) - f(v - h)) / (2 * h);
      expect(formula.slope(v, t[i]!, p[i]!)).toBeCloseTo(difference, 5);
    });
  });
});
