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
  arena.kernels.countLabels(x, labels, out, 0, 4, -100);
  arena.kernels.countArgmax(x, x, out + 4, 0, 4);
  arena.kernels.countBinary(x, x, out + 8, 0, 0.5);
  expect([...arena.floats(out, 3)]).toEqual([0, 0, 0]);
});

const N = NaN;

/** [rows, classes, scores, labels, right answers] */
const nanRows = [
  ["of NaN alone", 1, 3, [N, N, N], [0], 0],
  ["with a NaN in front of the largest", 1, 3, [N, 1, 5], [2], 0],
  ["with a NaN after the largest", 1, 3, [5, 1, N], [0], 0],
  ["with a NaN where the label is", 2, 2, [N, 1, 1, 2], [0, 1], 1],
  ["of one class", 2, 1, [N, 7], [0, 0], 1],
  ["with a NaN past a vector", 2, 6, [9, 0, 0, 0, 0, N, 9, 0, 0, 0, 0, 0], [0, 0], 1],
] as const;

it.each(nanRows)("counts a row %s as wrong", (_, rows, cols, scores, labels, right) => {
  const oneHot = Array.from(scores, (_, i) => Number(labels[Math.floor(i / cols)] === i % cols));
  arena.reset();
  const [x, t] = [arena.input(scores), arena.input(oneHot)];
  const [at, out] = [arena.input(Int32Array.from(labels)), arena.output(3)];
  arena.kernels.countLabels(x, at, out, rows, cols, -100);
  arena.kernels.countArgmax(x, t, out + 4, rows, cols);
  // NaN in the targets, and in both at the same place.
  arena.kernels.countArgmax(x, x, out + 8, rows, cols);
  expect([...arena.floats(out, 3)]).toEqual([right, right, right]);
});

it("counts an element of NaN as wrong, whatever the other is", () => {
  arena.reset();
  const [x, t] = [arena.input([N, N, N, 1, -1]), arena.input([0, 1, N, N, N])];
  const out = arena.output(1);
  arena.kernels.countBinary(x, t, out, 5, 0);
  expect([...arena.floats(out, 1)]).toEqual([0]);
});

it("takes a threshold as above, not at", () => {
  arena.reset();
  const [x, t, out] = [arena.input([0.5, 0.5]), arena.input([0.5, 1]), arena.output(1)];
  arena.kernels.countBinary(x, t, out, 2, 0.5);
  expect([...arena.floats(out, 1)]).toEqual([1]);
});
