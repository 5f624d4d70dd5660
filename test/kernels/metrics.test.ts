import { beforeAll, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

it("counts nothing in no rows", () => {
  arena.reset();
  const [x, labels] = [arena.input([]), arena.input(new Int32Array(0))];
  const out = arena.output(3);
  arena.kernels.countLabels(x, labels, out, 0, 4);
  arena.kernels.countArgmax(x, x, out + 4, 0, 4);
  arena.kernels.countBinary(x, x, out + 8, 0, 0.5);
  expect([...arena.floats(out, 3)]).toEqual([0, 0, 0]);
});

it("takes a threshold as above, not at", () => {
  arena.reset();
  const [x, t, out] = [arena.input([0.5, 0.5]), arena.input([0.5, 1]), arena.output(1)];
  arena.kernels.countBinary(x, t, out, 2, 0.5);
  expect([...arena.floats(out, 1)]).toEqual([1]);
});
