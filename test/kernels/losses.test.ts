import { beforeAll, describe, expect, it } from "vitest";
import { type ElementLoss, elementLosses } from "../../src/reference/losses.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { boundsOf } from "../../src/verify/families/losses.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

function lossOf(name: ElementLoss, x: readonly number[], t: readonly number[]): number[] {
  arena.reset();
  const [xAt, tAt, y] = [arena.input(x), arena.input(t), arena.output(x.length)];
  arena.kernels[name](xAt, tAt, y, x.length);
  return [...arena.floats(y, x.length)];
}

function slopeOf(name: ElementLoss, x: readonly number[], t: readonly number[]): number[] {
  arena.reset();
  const [xAt, tAt] = [arena.input(x), arena.input(t)];
  const dy = arena.input(x.map(() => 1));
  const dx = arena.output(x.length);
  arena.kernels[`${name}Grad`](xAt, tAt, dy, dx, x.length);
  return [...arena.floats(dx, x.length)];
}

describe.each(Object.keys(elementLosses) as ElementLoss[])("%s", (name) => {
  const formula = elementLosses[name];
  const { x: makeX, t: makeT } = boundsOf(name);

  it("writes its gradient over dy", () => {
    const [x, t, dy] = [makeX(33, 6), makeT(33, 7), floats(33, 8)];
    arena.reset();
    const [xAt, tAt, dyAt] = [arena.input(x), arena.input(t), arena.inout(dy)];
    const dx = arena.output(33);
    arena.kernels[`${name}Grad`](xAt, tAt, dyAt, dx, 33);
    arena.kernels[`${name}Grad`](xAt, tAt, dyAt, dyAt, 33);
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
