import { expect, it } from "vitest";
import { type ActivationName, activationTable } from "../../src/graph/ops/activations.ts";
import { type UnaryName, unaryTable } from "../../src/graph/ops/unary.ts";
import type { Formula } from "../../src/reference/formula.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { bitsOf, expectSameBits, expectWithin, ulp } from "../../src/verify/compare.ts";
import { extremes, floats, sizes } from "../../src/verify/numbers.ts";

/** What every kernel of a function y = f(x) that acts element by element must do. */

export type Name = ActivationName | UnaryName;

const table = { ...activationTable, ...unaryTable };

/** n numbers: random ones, and extreme ones among them from the front where there is room. */
function samples(n: number, seed: number): Float32Array {
  const x = floats(n, seed, -12, 12);
  for (let i = 0; i < n - 2; i += 3) x[i] = extremes[(i / 3 + 5 * seed + n) % extremes.length]!;
  return x;
}

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
  const [xAt, yAt, dyAt] = [arena.input(x), arena.input(y), arena.input(dy)];
  const dx = arena.output(x.length);
  arena.kernels[`${name}Grad`](xAt, yAt, dyAt, dx, x.length, p);
  return arena.floats(dx, x.length);
}

/** The tests of one function with one parameter, whose arena is there when they run. */
export function itActsElementwise(
  arenaOf: () => Arena,
  name: Name,
  formula: Omit<Formula, "parameters">,
  p: number,
): void {
  const { value, slope, ulps, off, kinks } = formula;

  function expectValues(x: Float32Array, y: Float32Array, what: string): void {
    const exact = Array.from(x, (v) => value(v, p));
    const allowed = (e: number, i: number) => ulps.value * ulp(e) + (off?.value?.(x[i]!, p) ?? 0);
    expectWithin(y, exact, allowed, what);
  }

  /** Whether dx = slope · dy, where a slope of 0 stops infinities. */
  function expectSlopes(
    x: Float32Array,
    y: Float32Array,
    dy: Float32Array,
    dx: Float32Array,
  ): void {
    const exact = Array.from(x, (v, i) => {
      const s = slope(v, y[i]!, p);
      return s === 0 && !Number.isFinite(dy[i]!) && dx[i] === 0 ? 0 : s * dy[i]!;
    });
    const allowed = (e: number, i: number) => {
      const more = off?.slope?.(x[i]!, p);
      return ulps.slope * ulp(e) + (more ? more * Math.abs(dy[i]!) : 0);
    };
    expectWithin(dx, exact, allowed, "dx");
  }

  it.each(sizes)("is the formula for %d elements, and touches nothing else", (n) => {
    const arena = arenaOf();
    const x = samples(n, 1);
    for (const layout of layouts(2)) {
      arena.reset(layout);
      const [at, y] = [arena.input(x), arena.output(n)];
      arena.kernels[name](at, y, n, p);
      arena.checkCanaries();
      expectValues(x, arena.floats(y, n), "y");
    }
  });

  it.each(sizes)("has the gradient of the formula for %d elements", (n) => {
    const arena = arenaOf();
    const [x, dy] = [samples(n, 2), samples(n, 3)];
    const y = forward(arena, name, x, p);
    for (const layout of layouts(4)) {
      arena.reset(layout);
      const [xAt, yAt, dyAt] = [arena.input(x), arena.input(y), arena.input(dy)];
      const dx = arena.output(n);
      arena.kernels[`${name}Grad`](xAt, yAt, dyAt, dx, n, p);
      arena.checkCanaries();
      expectSlopes(x, y, dy, arena.floats(dx, n));
    }
  });

  it.each(sizes)("gives the same bits in place for %d elements", (n) => {
    const arena = arenaOf();
    const [x, dy] = [samples(n, 4), samples(n, 5)];
    const y = forward(arena, name, x, p);
    const dx = backward(arena, name, x, y, dy, p);
    arena.reset();
    const [at, dyAt] = [arena.inout(x), arena.inout(dy)];
    arena.kernels[name](at, at, n, p);
    expectSameBits(arena.words(at, n), bitsOf(y), "y = x");
    arena.kernels[`${name}Grad`](arena.input(x), at, dyAt, dyAt, n, p);
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
