import { beforeAll, describe, expect, it } from "vitest";
import { binary } from "../../src/reference/binary.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { expectRounded } from "../../src/verify/compare.ts";
import { extremes, floats, sizes } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

/** Whether operands a and b move along with y (1) or are one number for all of it (0). */
const steps = [
  [1, 1],
  [1, 0],
  [0, 1],
  [0, 0],
] as const;

const names = Object.keys(binary) as (keyof typeof binary)[];

describe.each(names)("%s", (name) => {
  const formula = binary[name];

  describe.each(steps)("with steps %d and %d", (aStep, bStep) => {
    it.each(sizes)("is rounded once for %d elements, and touches nothing else", (n) => {
      const a = floats(aStep ? n : 1, 1, -9, 9);
      const b = floats(bStep ? n : 1, 2, -9, 9);
      const expected = Array.from({ length: n }, (_, i) => formula(a[i * aStep]!, b[i * bStep]!));
      for (const layout of layouts(3)) {
        arena.reset(layout);
        const [aAt, bAt, y] = [arena.input(a), arena.input(b), arena.output(n)];
        arena.kernels[name](aAt, aStep, bAt, bStep, y, n);
        arena.checkCanaries();
        expectRounded(arena.floats(y, n), expected);
      }
    });

    it.each(sizes)("may write over an operand of %d elements", (n) => {
      const [a, b] = [floats(aStep ? n : 1, 3), floats(bStep ? n : 1, 4)];
      const expected = Array.from({ length: n }, (_, i) => formula(a[i * aStep]!, b[i * bStep]!));
      arena.reset();
      const [aAt, bAt] = [arena.inout(a), arena.inout(b)];
      if (aStep) {
        arena.kernels[name](aAt, aStep, bAt, bStep, aAt, n);
        expectRounded(arena.floats(aAt, n), expected, "over a");
      }
      arena.reset();
      const [aAgain, bAgain] = [arena.inout(a), arena.inout(b)];
      if (bStep) {
        arena.kernels[name](aAgain, aStep, bAgain, bStep, bAgain, n);
        expectRounded(arena.floats(bAgain, n), expected, "over b");
      }
      arena.checkCanaries();
    });
  });

  it("is right for every pair of extreme numbers", () => {
    const numbers = [...extremes, NaN];
    for (const number of numbers) {
      for (const [aStep, bStep] of [steps[1], steps[2]]) {
        arena.reset();
        const all = arena.input(numbers);
        const one = arena.input([number]);
        const y = arena.output(numbers.length);
        const [a, b] = aStep ? [all, one] : [one, all];
        arena.kernels[name](a, aStep, b, bStep, y, numbers.length);
        const expected = numbers.map((x) => (aStep ? formula(x, number) : formula(number, x)));
        expectRounded(arena.floats(y, numbers.length), expected, `${number}`);
      }
    }
    expect(numbers.length).toBeGreaterThan(70);
  });
});
