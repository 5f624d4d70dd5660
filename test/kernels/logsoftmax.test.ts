import { beforeAll, describe, expect, it } from "vitest";
import { logSoftmax, logSoftmaxGrad } from "../../src/reference/softmax.ts";
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
  arena.kernels.logSoftmax(at, y, x.length / cols, cols);
  return arena.floats(y, x.length);
}

describe.each(rowShapes)("logSoftmax of %d x %d", (rows, cols) => {
  const x = logits([rows, cols]);
  const n = rows * cols;

  it("gives the same bits in place", () => {
    const [y, dy] = [forward(x, cols), floats(n, 3, -5, 5)];
    arena.reset();
    const [yAt, dyAt, dx] = [arena.input(y), arena.input(dy), arena.output(n)];
    arena.kernels.logSoftmaxGrad(yAt, dyAt, dx, rows, cols);
    const apart = arena.words(dx, n);
    arena.reset();
    const [at, both] = [arena.inout(x), arena.inout(dy)];
    arena.kernels.logSoftmax(at, at, rows, cols);
    expectSameBits(arena.words(at, n), bitsOf(y), "y = x");
    arena.kernels.logSoftmaxGrad(at, both, both, rows, cols);
    expectSameBits(arena.words(both, n), apart, "dx = dy");
    arena.checkCanaries();
  });
});

describe("logSoftmax at the edges", () => {
  it("keeps the digits of a chance near 1", () => {
    for (const far of [5, 10, 17, 50, 87]) {
      const y = forward(Float32Array.of(0, -far, -far, -far, -far), 5);
      const logSum = Math.log1p(4 * Math.exp(-far));
      expect(y[0]! / -logSum).toBeCloseTo(1, 5);
      expect(y[1]).toBeCloseTo(-far - logSum, 4);
    }
  });

  it("of equal logits is -ln of their number, however large they are", () => {
    for (const logit of [0, -0, 1e4, -3e38, 3e38]) {
      for (const cols of [1, 2, 3, 7, 100]) {
        for (const v of forward(new Float32Array(cols).fill(logit), cols)) {
          expect(v).toBeCloseTo(-Math.log(cols), 5);
        }
      }
    }
  });

  it("takes -∞ for a chance of 0, and its gradient passes dy", () => {
    const y = forward(Float32Array.of(1, -Infinity, 1), 3);
    expect(y[1]).toBe(-Infinity);
    expect(y[0]).toBeCloseTo(-Math.LN2, 6);
    arena.reset();
    const [yAt, dyAt, dx] = [arena.input(y), arena.input([1, 2, 3]), arena.output(3)];
    arena.kernels.logSoftmaxGrad(yAt, dyAt, dx, 1, 3);
    expect([...arena.floats(dx, 3)]).toEqual([-2, 2, 0]);
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
    arena.kernels.logSoftmax(x, y, 0, 5);
    arena.checkCanaries();
  });

  it("has a gradient that agrees with central differences", () => {
    const [x, dy] = [Float64Array.from(floats(100, 4, -3, 3)), floats(100, 5)];
    const loss = (): number => logSoftmax(x).reduce((sum, v, j) => sum + v * dy[j]!, 0);
    const gradient = logSoftmaxGrad(logSoftmax(x), dy);
    x.forEach((v, j) => {
      const h = 1e-5;
      x[j] = v + h;
      const above = loss();
      x[j] = v - h;
      const below = loss();
      x[j] = v;
      expect(gradient[j]).toBeCloseTo((above - below) / (2 * h), 7);
    });
  });
});
