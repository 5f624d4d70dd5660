import { beforeAll, expect, it } from "vitest";
import { crossEntropy, crossEntropySlope, smoothed } from "../../src/reference/losses.ts";
import { softmax } from "../../src/reference/softmax.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats } from "../../src/verify/numbers.ts";

/** Losses against class indices besides the plain cross-entropy, which softmax.test.ts has. */

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
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
    arena.kernels.crossEntropySmoothed(x, labels, 0, p, loss, 1, 2, smoothing, -100);
    expect([...arena.floats(loss, 1)]).toEqual([expected]);
  }
});
