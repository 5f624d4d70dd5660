import { beforeAll, describe, expect, it } from "vitest";
import { crossEntropy, crossEntropySlope, oneHot } from "../../src/reference/losses.ts";
import { softmax, softmaxGrad } from "../../src/reference/softmax.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { U, bitsOf, expectSameBits, expectWithin, ulp } from "../../src/verify/compare.ts";
import { floats, generator, integers } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

const lengths = [1, 2, 3, 4, 5, 8, 10, 33];
const shapes = lengths.flatMap((rows) => lengths.map((cols) => [rows, cols] as const));

/** Rows of every kind in turn: small, spread out, huge, and all equal. */
function logits(rows: number, cols: number): Float32Array {
  const ranges = [1, 30, 1e4, 0];
  const next = generator(rows * 100 + cols);
  return Float32Array.from({ length: rows * cols }, (_, at) => {
    const range = ranges[Math.floor(at / cols) % 4]!;
    return range === 0 ? 1e4 : range * (2 * next() - 1);
  });
}

/** Rows of targets that sum to anything, with zeros among them. */
function chances(rows: number, cols: number): Float32Array {
  return floats(rows * cols, rows + cols, -0.5, 1).map((t) => Math.max(t, 0));
}

function byRow<T>(x: Float32Array, cols: number, f: (row: Float32Array, i: number) => T[]): T[] {
  const rows = x.length / cols;
  return Array.from({ length: rows }, (_, i) => f(x.slice(i * cols, (i + 1) * cols), i)).flat();
}

/** Errors of ln Σ e^x, in u: of the terms, of their sum and of the logarithm. */
function logSumError(cols: number): number {
  return cols / 4 + 8 * Math.log(cols) + 16;
}

function forward(x: Float32Array, cols: number): Float32Array {
  arena.reset();
  const [at, y] = [arena.input(x), arena.output(x.length)];
  arena.kernels.softmax(at, y, x.length / cols, cols);
  return arena.floats(y, x.length);
}

/** e^(x - max) inherits the rounding of x - max. */
function softmaxTolerance(x: Float32Array, cols: number) {
  return (expected: number, at: number) => {
    const row = x.slice(at - (at % cols), at - (at % cols) + cols);
    const below = Math.max(...row) - x[at]!;
    return (below + logSumError(cols)) * U * expected + 2 ** -148;
  };
}

describe.each(shapes)("%d x %d", (rows, cols) => {
  const x = logits(rows, cols);
  const labels = integers(rows, rows + cols, cols);
  const t = chances(rows, cols);
  const dloss = floats(rows, cols);
  const n = rows * cols;
  const probabilities = byRow(x, cols, softmax);
  const closeToSoftmax = (y: Float32Array) => {
    expectWithin(y, probabilities, softmaxTolerance(x, cols));
  };

  it("softmax", () => {
    for (const layout of layouts(2)) {
      arena.reset(layout);
      const [at, y] = [arena.input(x), arena.output(n)];
      arena.kernels.softmax(at, y, rows, cols);
      arena.checkCanaries();
      closeToSoftmax(arena.floats(y, n));
    }
    const apart = bitsOf(forward(x, cols));
    arena.reset();
    const at = arena.inout(x);
    arena.kernels.softmax(at, at, rows, cols);
    arena.checkCanaries();
    expectSameBits(arena.words(at, n), apart, "in place");
  });

  it("softmaxGrad", () => {
    const [y, dy] = [forward(x, cols), floats(n, 3, -5, 5)];
    const row = (values: Float32Array, i: number) => values.slice(i * cols, (i + 1) * cols);
    const exact = byRow(y, cols, (yRow, i) => softmaxGrad(yRow, row(dy, i)));
    const allowed = (e: number, at: number) => {
      const [yRow, dyRow] = [y, dy].map((v) => row(v, Math.floor(at / cols)));
      const size = yRow!.reduce((sum, v, j) => sum + Math.abs(v * dyRow![j]!), 0);
      return U * ((cols / 4 + 4) * size * y[at]! + 3 * Math.abs(e)) + 2 ** -149;
    };
    for (const layout of layouts(3)) {
      arena.reset(layout);
      const [yAt, dyAt, dx] = [arena.input(y), arena.input(dy), arena.output(n)];
      arena.kernels.softmaxGrad(yAt, dyAt, dx, rows, cols);
      arena.checkCanaries();
      expectWithin(arena.floats(dx, n), exact, allowed);
    }
    arena.reset();
    const [yAt, dyAt] = [arena.input(y), arena.inout(dy)];
    arena.kernels.softmaxGrad(yAt, dyAt, dyAt, rows, cols);
    arena.checkCanaries();
    expectWithin(arena.floats(dyAt, n), exact, allowed, "in place");
  });

  it("crossEntropy by class index", () => {
    const exact = byRow(x, cols, (row, i) => [crossEntropy(row, oneHot(labels[i]!, cols))]);
    for (const layout of layouts(4)) {
      arena.reset(layout);
      const [at, labelsAt] = [arena.input(x), arena.input(labels)];
      const [p, loss] = [arena.output(n), arena.output(rows)];
      arena.kernels.crossEntropy(at, labelsAt, p, loss, rows, cols);
      arena.checkCanaries();
      closeToSoftmax(arena.floats(p, n));
      expectWithin(arena.floats(loss, rows), exact, (e) => U * (logSumError(cols) + 3 * e));
    }
  });

  it("crossEntropyGrad by class index", () => {
    const p = forward(x, cols);
    const exact = byRow(p, cols, (row, i) => {
      const target = oneHot(labels[i]!, cols);
      return Array.from(row, (_, j) => crossEntropySlope(row, target, j) * dloss[i]!);
    });
    for (const layout of layouts(4)) {
      arena.reset(layout);
      const [pAt, labelsAt, dlossAt] = [arena.input(p), arena.input(labels), arena.input(dloss)];
      const dx = arena.output(n);
      arena.kernels.crossEntropyGrad(pAt, labelsAt, dlossAt, dx, rows, cols);
      arena.checkCanaries();
      expectWithin(arena.floats(dx, n), exact, (e) => 2 * ulp(e));
    }
  });

  it("crossEntropyProbabilities", () => {
    const target = (i: number) => t.slice(i * cols, (i + 1) * cols);
    const exact = byRow(x, cols, (row, i) => [crossEntropy(row, target(i))]);
    const allowed = (e: number, i: number) => {
      const mass = target(i).reduce((sum, v) => sum + v, 0);
      return U * (mass * logSumError(cols) + (cols + 6) * e);
    };
    for (const layout of layouts(4)) {
      arena.reset(layout);
      const [at, tAt, p] = [arena.input(x), arena.input(t), arena.output(n)];
      const loss = arena.output(rows);
      arena.kernels.crossEntropyProbabilities(at, tAt, p, loss, rows, cols);
      arena.checkCanaries();
      closeToSoftmax(arena.floats(p, n));
      expectWithin(arena.floats(loss, rows), exact, allowed);
    }
  });

  it("crossEntropyProbabilitiesGrad", () => {
    const p = forward(x, cols);
    const target = (i: number) => t.slice(i * cols, (i + 1) * cols);
    const exact = byRow(p, cols, (row, i) =>
      Array.from(row, (_, j) => crossEntropySlope(row, target(i), j) * dloss[i]!),
    );
    const allowed = (e: number, at: number) => {
      const i = Math.floor(at / cols);
      const mass = target(i).reduce((sum, v) => sum + v, 0);
      return (
        U * ((cols / 4 + 4) * p[at]! * mass * Math.abs(dloss[i]!) + 3 * Math.abs(e)) + 2 ** -149
      );
    };
    for (const layout of layouts(4)) {
      arena.reset(layout);
      const [pAt, tAt, dlossAt] = [arena.input(p), arena.input(t), arena.input(dloss)];
      const dx = arena.output(n);
      arena.kernels.crossEntropyProbabilitiesGrad(pAt, tAt, dlossAt, dx, rows, cols);
      arena.checkCanaries();
      expectWithin(arena.floats(dx, n), exact, allowed);
    }
  });
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
