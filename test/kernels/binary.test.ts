import { beforeAll, describe, it } from "vitest";
import { binary } from "../../src/reference/binary.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { steps } from "../../src/verify/families/arithmetic.ts";
import { createArena } from "../support/arena.ts";
import { expectRounded } from "../support/expect.ts";
import { floats, sizes } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

const names = Object.keys(binary) as (keyof typeof binary)[];

describe.each(names)("%s", (name) => {
  const formula = binary[name];

  describe.each(steps)("with steps %d and %d", (aStep, bStep) => {
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
});
