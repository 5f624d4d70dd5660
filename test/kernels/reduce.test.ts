import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

function sumOf(x: Float32Array | number[], inner = 1): number[] {
  arena.reset();
  const [at, y] = [arena.input(x), arena.output(inner)];
  arena.kernels.sum(at, y, 1, x.length / inner, inner, 1);
  return [...arena.floats(y, inner)];
}

describe("sum", () => {
  it.each([1, 3, 6])("carries NaN and infinities, %d columns", (inner) => {
    const row = (first: number) => Array.from({ length: 5 * inner }, (_, i) => (i ? 1 : first));
    expect(sumOf(row(NaN), inner)[0]).toBeNaN();
    expect(sumOf(row(Infinity), inner)[0]).toBe(Infinity);
    expect(sumOf(row(-Infinity), inner)[0]).toBe(-Infinity);
    expect(sumOf(row(3), inner)[0]).toBe(7);
  });

  it("has an order that the shape alone gives: outer rows do not change each other", () => {
    const [outer, axis] = [7, 301];
    const x = floats(outer * axis, 5);
    arena.reset();
    const [at, y] = [arena.input(x), arena.output(outer)];
    arena.kernels.sum(at, y, outer, axis, 1, 1);
    const alone = Array.from({ length: outer }, (_, o) => x.slice(o * axis, (o + 1) * axis));
    const together = [...arena.floats(y, outer)];
    expect(together).toEqual(alone.map((row) => sumOf(row)[0]));
  });
});
