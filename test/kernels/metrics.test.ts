import { beforeAll, describe, expect, it } from "vitest";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats, integers } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

const lengths = [1, 2, 3, 4, 5, 10, 33];
const shapes = lengths.flatMap((rows) => lengths.map((cols) => [rows, cols] as const));

/** Places of the first largest of each row. */
function argmax(x: Float32Array, cols: number): number[] {
  return Array.from({ length: x.length / cols }, (_, i) => {
    const row = [...x.slice(i * cols, (i + 1) * cols)];
    return row.indexOf(Math.max(...row));
  });
}

describe.each(shapes)("%d x %d", (rows, cols) => {
  // Few different values, so that the largest is often there twice.
  const few = (seed: number) => floats(rows * cols, seed + rows + cols, -3, 3).map(Math.round);
  const [x, t] = [few(1), few(2)];

  it("countLabels counts rows whose first largest is at the label", () => {
    const best = argmax(x, cols);
    const labels = integers(rows, 3, cols).map((label, i) => (i % 2 ? label : best[i]!));
    const expected = best.filter((place, i) => place === labels[i]).length;
    for (const layout of layouts(3)) {
      arena.reset(layout);
      const [at, labelsAt, out] = [arena.input(x), arena.input(labels), arena.output(1)];
      arena.kernels.countLabels(at, labelsAt, out, rows, cols);
      arena.checkCanaries();
      expect([...arena.floats(out, 1)]).toEqual([expected]);
    }
  });

  it("countArgmax counts rows whose first largest are at one place", () => {
    const wanted = argmax(t, cols);
    const expected = argmax(x, cols).filter((place, i) => place === wanted[i]).length;
    for (const layout of layouts(3)) {
      arena.reset(layout);
      const [at, tAt, out] = [arena.input(x), arena.input(t), arena.output(1)];
      arena.kernels.countArgmax(at, tAt, out, rows, cols);
      arena.checkCanaries();
      expect([...arena.floats(out, 1)]).toEqual([expected]);
    }
  });

  it.each([0, 0.5])("countBinary counts elements on their side of %d", (threshold) => {
    const truth = t.map((v) => Number(v > 0));
    const n = rows * cols;
    const expected = x.filter((v, i) => v > threshold === truth[i]! > 0.5).length;
    for (const layout of layouts(3)) {
      arena.reset(layout);
      const [at, tAt, out] = [arena.input(x), arena.input(truth), arena.output(1)];
      arena.kernels.countBinary(at, tAt, out, n, threshold);
      arena.checkCanaries();
      expect([...arena.floats(out, 1)]).toEqual([expected]);
    }
  });
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
