import { beforeAll, describe, expect, it } from "vitest";
import {
  type ActivationName,
  activationNames,
  chooseActivation,
} from "../../src/graph/ops/activations.ts";
import { activations } from "../reference/activations.ts";
import { Arena, layouts } from "../support/arena.ts";
import { bitsOf, expectSameBits, expectUlps } from "../support/compare.ts";
import { extremes, floats, sizes } from "../support/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.create();
});

/** Every activation with every parameter that is to be tried. */
const cases = activationNames.flatMap((name) =>
  activations[name].parameters.map((p) => [name, p] as const),
);

/** n numbers: random ones, and extreme ones among them from the front where there is room. */
function samples(n: number, seed: number): Float32Array {
  const x = floats(n, seed, -12, 12);
  for (let i = 0; i < n - 2; i += 3) x[i] = extremes[(i / 3 + 5 * seed + n) % extremes.length]!;
  return x;
}

function forward(name: ActivationName, x: Float32Array, p: number): Float32Array {
  arena.reset();
  const [at, y] = [arena.input(x), arena.output(x.length)];
  arena.kernels[name](at, y, x.length, p);
  return arena.floats(y, x.length);
}

function backward(
  name: ActivationName,
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

describe.each(cases)("%s with parameter %d", (name, p) => {
  const formula = activations[name];
  const kernel = (...args: Parameters<typeof arena.kernels.relu>) => {
    arena.kernels[name](...args);
  };

  it.each(sizes)("is the formula for %d elements, and touches nothing else", (n) => {
    const x = samples(n, 1);
    const expected = Array.from(x, (v) => formula.value(v, p));
    for (const layout of layouts(2)) {
      arena.reset(layout);
      const [at, y] = [arena.input(x), arena.output(n)];
      kernel(at, y, n, p);
      arena.checkCanaries();
      expectUlps(arena.floats(y, n), expected, formula.ulps.value);
    }
  });

  it.each(sizes)("has the gradient of the formula for %d elements", (n) => {
    const [x, dy] = [samples(n, 2), samples(n, 3)];
    const y = forward(name, x, p);
    const expected = Array.from(x, (v, i) => formula.slope(v, y[i]!, p) * dy[i]!);
    for (const layout of layouts(4)) {
      arena.reset(layout);
      const [xAt, yAt, dyAt] = [arena.input(x), arena.input(y), arena.input(dy)];
      const dx = arena.output(n);
      arena.kernels[`${name}Grad`](xAt, yAt, dyAt, dx, n, p);
      arena.checkCanaries();
      expectUlps(arena.floats(dx, n), expected, formula.ulps.slope);
    }
  });

  it.each(sizes)("gives the same bits in place for %d elements", (n) => {
    const [x, dy] = [samples(n, 4), samples(n, 5)];
    const y = forward(name, x, p);
    const dx = backward(name, x, y, dy, p);
    arena.reset();
    const [at, dyAt] = [arena.inout(x), arena.inout(dy)];
    kernel(at, at, n, p);
    expectSameBits(arena.words(at, n), bitsOf(y), "y = x");
    const yAt = at;
    arena.kernels[`${name}Grad`](arena.input(x), yAt, dyAt, dyAt, n, p);
    expectSameBits(arena.words(dyAt, n), bitsOf(dx), "dx = dy");
    arena.checkCanaries();
  });

  it("gives an element the same bits wherever it stands", () => {
    const x = Float32Array.from([...extremes, ...floats(100, 6, -20, 20), NaN]);
    const dy = floats(x.length, 7);
    const y = forward(name, x, p);
    const dx = backward(name, x, y, dy, p);
    for (let start = 1; start < 8; start++) {
      const rest = forward(name, x.slice(start), p);
      expectSameBits(bitsOf(rest), bitsOf(y.slice(start)), `from ${start}`);
      const slopes = backward(name, x.slice(start), y.slice(start), dy.slice(start), p);
      expectSameBits(bitsOf(slopes), bitsOf(dx.slice(start)), `gradient from ${start}`);
    }
  });

  it("carries NaN", () => {
    const x = new Float32Array(9).fill(NaN);
    expect([...forward(name, x, p)]).toEqual([...x]);
    const one = x.map(() => 1);
    expect([...backward(name, one, forward(name, one, p), x, p)]).toEqual([...x]);
  });

  it("has a float64 slope that agrees with central differences", () => {
    const h = 1e-5;
    for (const x of floats(500, 8, -8, 8)) {
      if (formula.kinks.some((kink) => Math.abs(x - kink) < 2 * h)) continue;
      const difference = (formula.value(x + h, p) - formula.value(x - h, p)) / (2 * h);
      expect(formula.slope(x, formula.value(x, p), p)).toBeCloseTo(difference, 8);
    }
  });
});

describe("from y alone, as layers call it", () => {
  const defaults = activationNames.map((name) => chooseActivation(name));
  it.each(defaults)("$name with parameter $parameter has the same gradient", (choice) => {
    const { name, parameter } = choice;
    const x = Float32Array.from([...extremes, ...floats(100, 9, -20, 20)]);
    const dy = floats(x.length, 10);
    const y = forward(name, x, Math.fround(parameter));
    const expected = backward(name, x, y, dy, Math.fround(parameter));
    const dx = backward(name, y, y, dy, Math.fround(parameter));
    // Where a tiny x underflows to a y of 0, the slope at 0 is as good.
    const differs = dx.findIndex((v, i) => v !== expected[i] && y[i] !== 0);
    expect(differs, `at x = ${x[differs]}`).toBe(-1);
  });
});

describe("at zero", () => {
  const zeros = Float32Array.of(-0, 0, -0, 0, -0);

  it("relu has the slope it is told", () => {
    const dy = Float32Array.of(1, 2, 3, 4, 5);
    expect([...backward("relu", zeros, zeros, dy, 0)]).toEqual([0, 0, 0, 0, 0]);
    expect([...backward("relu", zeros, zeros, dy, 1)]).toEqual([...dy]);
  });

  it("tanh, relu and leakyRelu keep -0", () => {
    for (const name of ["tanh", "relu", "leakyRelu"] as const) {
      expect([...forward(name, zeros, 0.5)], name).toEqual([...zeros]);
    }
  });

  it("relu's gradient selects: an infinite or NaN dy is not let through a slope of 0", () => {
    const dy = Float32Array.of(NaN, Infinity, -Infinity, NaN, 1);
    const x = new Float32Array(5).fill(-1);
    expect([
      ...backward(
        "relu",
        x,
        x.map(() => 0),
        dy,
        0,
      ),
    ]).toEqual([0, 0, 0, 0, 0]);
  });
});
