import { samples } from "../../src/verify/families/elementwise.ts";
import { expect, it } from "vitest";
import { type ActivationName, activationTable } from "../../src/graph/ops/activations.ts";
import type { MapRow } from "../../src/graph/ops/map.ts";
import { type UnaryName, unaryTable } from "../../src/graph/ops/unary.ts";
import type { Formula } from "../../src/reference/formula.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { extremes, floats, sizes } from "../../src/verify/numbers.ts";

/** Tests for every kernel of a function y = f(x) that acts element by element. */

export type Name = ActivationName | UnaryName;

const table = { ...activationTable, ...unaryTable };

/** Returns the array from which the gradient is computed: x or y. */
const gradientSource = (name: Name, p: number) => (table[name] as MapRow).gradientFrom(p);

export function forward(arena: Arena, name: Name, x: Float32Array, p: number): Float32Array {
  arena.reset();
  const [at, y] = [arena.input(x), arena.output(x.length)];
  arena.kernels[name](at, y, x.length, p);
  return arena.floats(y, x.length);
}

export function backward(
  arena: Arena,
  name: Name,
  x: Float32Array,
  y: Float32Array,
  dy: Float32Array,
  p: number,
): Float32Array {
  arena.reset();
  const [from, dyAt] = [arena.input(gradientSource(name, p) === "x" ? x : y), arena.input(dy)];
  const dx = arena.output(x.length);
  arena.kernels[`${name}Grad`](from, dyAt, dx, x.length, p);
  return arena.floats(dx, x.length);
}

/** The tests of one function with one parameter, whose arena is there when they run. */
export function itActsElementwise(
  arenaOf: () => Arena,
  name: Name,
  formula: Omit<Formula, "parameters">,
  p: number,
): void {
  const { value, slope, kinks } = formula;

  it.each(sizes)("gives the same bits in place for %d elements", (n) => {
    const arena = arenaOf();
    const [x, dy] = [samples(n, 4), samples(n, 5)];
    const y = forward(arena, name, x, p);
    const dx = backward(arena, name, x, y, dy, p);
    arena.reset();
    const [at, dyAt] = [arena.inout(x), arena.inout(dy)];
    arena.kernels[name](at, at, n, p);
    expectSameBits(arena.words(at, n), bitsOf(y), "y = x");
    const from = gradientSource(name, p) === "x" ? arena.input(x) : at;
    arena.kernels[`${name}Grad`](from, dyAt, dyAt, n, p);
    expectSameBits(arena.words(dyAt, n), bitsOf(dx), "dx = dy");
    arena.checkCanaries();
  });

  it("reads only what its gradient is said to be taken from", () => {
    const arena = arenaOf();
    const x = Float32Array.from([...extremes, ...floats(100, 9, -20, 20)]);
    const dy = floats(x.length, 10);
    const y = forward(arena, name, x, p);
    const both = backward(arena, name, x, y, dy, p);
    const from = table[name].gradientFrom(p) === "x" ? x : y;
    const dx = backward(arena, name, from, from, dy, p);
    // Where a tiny x underflows to a y of 0, the slope at 0 is as good.
    const differs = dx.findIndex((v, i) => !Object.is(v, both[i]) && y[i] !== 0);
    expect(differs, `at x = ${x[differs]}`).toBe(-1);
  });

  it("gives an element the same bits wherever it stands", () => {
    const arena = arenaOf();
    const x = Float32Array.from([...extremes, ...floats(100, 6, -20, 20), NaN]);
    const dy = floats(x.length, 7);
    const y = forward(arena, name, x, p);
    const dx = backward(arena, name, x, y, dy, p);
    for (let start = 1; start < 8; start++) {
      const rest = forward(arena, name, x.slice(start), p);
      expectSameBits(bitsOf(rest), bitsOf(y.slice(start)), `from ${start}`);
      const slopes = backward(arena, name, x.slice(start), y.slice(start), dy.slice(start), p);
      expectSameBits(bitsOf(slopes), bitsOf(dx.slice(start)), `gradient from ${start}`);
    }
  });

  it("carries NaN", () => {
    const arena = arenaOf();
    const nans = new Float32Array(9).fill(NaN);
    const ones = nans.map(() => 1);
    const y = forward(arena, name, nans, p);
    expect([...y]).toEqual([...nans]);
    expect([...backward(arena, name, ones, forward(arena, name, ones, p), nans, p)]).toEqual([
      ...nans,
    ]);
    const slopes = backward(arena, name, nans, y, ones, p);
    // Made of straight lines, it has a slope that does not hang on x; 0 would hide the NaN.
    if (kinks.length > 0 && name !== "reciprocal") expect(slopes).not.toContain(0);
    else if (name !== "log" && name !== "square") expect([...slopes]).toEqual([...nans]);
  });

  it("has a float64 slope that agrees with central differences", () => {
    let compared = 0;
    for (const x of floats(300, 8, -8, 8)) {
      const h = 1e-5 * Math.max(Math.abs(x), 1e-2);
      if (kinks.some((kink) => Math.abs(x - kink) < 2 * h)) continue;
      const difference = (value(x + h, p) - value(x - h, p)) / (2 * h);
      if (Number.isNaN(difference)) continue;
      const exact = slope(x, value(x, p), p);
      const size = Math.max(1, Math.abs(exact), Math.abs(value(x, p)));
      expect(Math.abs(exact - difference), `at ${x}`).toBeLessThan(1e-7 * size);
      compared++;
    }
    expect(compared).toBeGreaterThan(100);
  });
}
