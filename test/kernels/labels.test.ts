import { beforeAll, describe, expect, it } from "vitest";
import { crossEntropy, crossEntropySlope } from "../../src/reference/losses.ts";
import { softmax } from "../../src/reference/softmax.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { U, expectWithin } from "../../src/verify/compare.ts";
import { floats, integers } from "../../src/verify/numbers.ts";

/** Losses against class indices besides the plain cross-entropy, which softmax.test.ts has. */

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

const lengths = [1, 2, 3, 4, 5, 8, 10, 33];
const shapes = lengths.flatMap((rows) => lengths.map((cols) => [rows, cols] as const));

/** Target probabilities of a label that holds 1 - smoothing, the rest shared out among all. */
function smoothed(label: number, cols: number, smoothing: number): Float64Array {
  const t = new Float64Array(cols).fill(smoothing / cols);
  t[label]! += 1 - smoothing;
  return t;
}

describe.each(shapes)("%d x %d", (rows, cols) => {
  const n = rows * cols;
  const x = floats(n, n, -20, 20);
  const labels = integers(rows, rows + cols, cols);
  const dloss = floats(rows, cols);
  const row = (values: Float32Array, i: number) => values.slice(i * cols, (i + 1) * cols);
  const all = Array.from(labels, (_, i) => i);

  it.each([0, 0.1, 1].map(Math.fround))("crossEntropySmoothed by %d", (smoothing) => {
    const exact = all.map((i) => {
      return crossEntropy(row(x, i), smoothed(labels[i]!, cols, smoothing));
    });
    const allowed = (e: number) => {
      return U * (cols / 4 + 8 * Math.log(cols) + 16 + (cols / 4 + 10) * e);
    };
    for (const layout of layouts(4)) {
      arena.reset(layout);
      const [at, labelsAt] = [arena.input(x), arena.input(labels)];
      const [p, loss] = [arena.output(n), arena.output(rows)];
      arena.kernels.crossEntropySmoothed(at, labelsAt, p, loss, rows, cols, smoothing);
      arena.checkCanaries();
      expectWithin(arena.floats(loss, rows), exact, allowed);
      const probabilities = all.flatMap((i) => softmax(row(x, i)));
      expectWithin(arena.floats(p, n), probabilities, (e) => 80 * U * e + 2 ** -148);
    }
  });

  it.each([0, 0.1, 1].map(Math.fround))("crossEntropySmoothedGrad by %d", (smoothing) => {
    const p = floats(n, 3, 0, 1);
    const targets = all.map((i) => smoothed(labels[i]!, cols, smoothing));
    const unit = [...p].map((v, at) => {
      const t = targets[Math.floor(at / cols)]!;
      return v - t[at % cols]!;
    });
    const g = (at: number) => dloss[Math.floor(at / cols)]!;
    const exact = unit.map((v, at) => v * g(at));
    const allowed = (_: number, at: number) => {
      const t = targets[Math.floor(at / cols)]![at % cols]!;
      return 4 * U * (p[at]! + t) * Math.abs(g(at)) + 2 ** -149;
    };
    for (const layout of layouts(4)) {
      arena.reset(layout);
      const [pAt, labelsAt, dlossAt] = [arena.input(p), arena.input(labels), arena.input(dloss)];
      const dx = arena.output(n);
      arena.kernels.crossEntropySmoothedGrad(pAt, labelsAt, dlossAt, dx, rows, cols, smoothing);
      arena.checkCanaries();
      expectWithin(arena.floats(dx, n), exact, allowed);
    }
  });

  it("nll and nllGrad", () => {
    for (const layout of layouts(3)) {
      arena.reset(layout);
      const [at, labelsAt, loss] = [arena.input(x), arena.input(labels), arena.output(rows)];
      arena.kernels.nll(at, labelsAt, loss, rows, cols);
      arena.checkCanaries();
      const picked = all.map((i) => -row(x, i)[labels[i]!]!);
      expect([...arena.floats(loss, rows)]).toEqual(picked);
    }
    for (const layout of layouts(3)) {
      arena.reset(layout);
      const [labelsAt, dlossAt] = [arena.input(labels), arena.input(dloss)];
      const dx = arena.output(n);
      arena.kernels.nllGrad(labelsAt, dlossAt, dx, rows, cols);
      arena.checkCanaries();
      const slopes = all.flatMap((i) =>
        Array.from({ length: cols }, (_, j) => (j === labels[i] ? -dloss[i]! : 0)),
      );
      expect([...arena.floats(dx, n)]).toEqual(slopes);
    }
  });
});

it("the slopes of a smoothed row agree with central differences of its float64 loss", () => {
  const [x, t, h] = [floats(6, 1, -3, 3), smoothed(2, 6, 0.2), 1e-5];
  const p = softmax(x);
  for (let j = 0; j < 6; j++) {
    const moved = (by: number) =>
      crossEntropy(
        Array.from(x, (v, l) => (l === j ? v + by : v)),
        t,
      );
    const difference = (moved(h) - moved(-h)) / (2 * h);
    expect(crossEntropySlope(p, t, j)).toBeCloseTo(difference, 7);
  }
});

it("a class of -Infinity costs nothing without smoothing, and everything with it", () => {
  for (const [smoothing, expected] of [
    [0, 0],
    [0.5, Infinity],
  ] as const) {
    arena.reset();
    const [x, labels] = [arena.input([3, -Infinity]), arena.input(Int32Array.of(0))];
    const [p, loss] = [arena.output(2), arena.output(1)];
    arena.kernels.crossEntropySmoothed(x, labels, p, loss, 1, 2, smoothing);
    expect([...arena.floats(loss, 1)]).toEqual([expected]);
  }
});
