import { beforeAll, describe, expect, it } from "vitest";
import { crossEntropy, crossEntropySlope } from "../../src/reference/losses.ts";
import { softmax } from "../../src/reference/softmax.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { logits, rowShapes } from "../../src/verify/families/softmax.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

function forward(x: Float32Array, cols: number): Float32Array {
  arena.reset();
  const [at, y] = [arena.input(x), arena.output(x.length)];
  arena.kernels.softmax(at, y, x.length / cols, cols);
  return arena.floats(y, x.length);
}

it.each(rowShapes)("gives the same bits in place for %d x %d", (rows, cols) => {
  const n = rows * cols;
  const [x, dy] = [logits([rows, cols]), floats(n, 3, -5, 5)];
  const y = forward(x, cols);
  arena.reset();
  const [yAt, dyAt, dx] = [arena.input(y), arena.input(dy), arena.output(n)];
  arena.kernels.softmaxGrad(yAt, dyAt, dx, rows, cols);
  const apart = arena.words(dx, n);
  arena.reset();
  const [at, both] = [arena.inout(x), arena.inout(dy)];
  arena.kernels.softmax(at, at, rows, cols);
  expectSameBits(arena.words(at, n), bitsOf(y), "y = x");
  arena.kernels.softmaxGrad(at, both, both, rows, cols);
  expectSameBits(arena.words(both, n), apart, "dx = dy");
  arena.checkCanaries();
});

describe("softmax at the edges", () => {
  it("shares equal logits out evenly, however large", () => {
    for (const logit of [0, -0, 1e4, -1e4, 3e38, -3e38]) {
      for (const cols of [1, 2, 4, 8]) {
        const x = new Float32Array(cols).fill(logit);
        expect([...forward(x, cols)]).toEqual(Array.from(x, () => 1 / cols));
      }
    }
  });

  it("gives all to a logit that is far above the others", () => {
    expect([...forward(Float32Array.of(-1e4, 1e4, 0, -Infinity, -3e38), 5)]).toEqual([
      0, 1, 0, 0, 0,
    ]);
  });

  it("carries NaN to its whole row, in body and tail, and to no other row", () => {
    for (let place = 0; place < 7; place++) {
      const x = floats(14, 1);
      x[place] = NaN;
      const y = forward(x, 7);
      expect([...y.slice(0, 7)]).toEqual(new Array(7).fill(NaN));
      expect(y.slice(7).some(Number.isNaN)).toBe(false);
    }
  });

  it("does nothing for no rows", () => {
    arena.reset();
    const [x, y] = [arena.input([]), arena.output(0)];
    arena.kernels.softmax(x, y, 0, 5);
    arena.checkCanaries();
  });
});

it("crossEntropyProbabilities adds nothing for a class without weight, were it -Infinity", () => {
  arena.reset();
  const [x, t] = [arena.input([0, -Infinity, 0]), arena.input([0.5, 0, 0.5])];
  const [p, loss] = [arena.output(3), arena.output(1)];
  arena.kernels.crossEntropyProbabilities(x, t, p, loss, 1, 3);
  expect(arena.floats(loss, 1)[0]).toBeCloseTo(Math.LN2, 6);
  expect([...arena.floats(p, 3)]).toEqual([0.5, 0, 0.5]);
});

describe("the gradient of crossEntropy", () => {
  it("agrees with central differences of the float64 loss", () => {
    const [x, t] = [floats(7, 4, -3, 3), Float64Array.from(floats(7, 5, 0, 1))];
    const p = softmax(x);
    const moved = (j: number, h: number) =>
      crossEntropy(
        Array.from(x, (v, l) => (l === j ? v + h : v)),
        t,
      );
    for (let j = 0; j < 7; j++) {
      const difference = (moved(j, 1e-5) - moved(j, -1e-5)) / 2e-5;
      expect(crossEntropySlope(p, t, j)).toBeCloseTo(difference, 7);
    }
  });

  it("is exact for a row that is sure and wrong", () => {
    const x = Float32Array.of(1e4, 0, 0);
    const p = forward(x, 3);
    arena.reset();
    const [pAt, label] = [arena.input(p), arena.input(Int32Array.of(2))];
    const [dloss, dx] = [arena.input([1]), arena.output(3)];
    arena.kernels.crossEntropyGrad(pAt, label, dloss, dx, 1, 3);
    expect([...arena.floats(dx, 3)]).toEqual([1, 0, -1]);
  });
});
