import { describe, expect, it } from "vitest";
import { cosPi, exp, log, pow } from "../../src/base/portable-math.ts";
import { generator } from "../../src/verify/numbers.ts";
import { preciseCosPi, preciseExp, preciseLog, precisePow, ulpsOff } from "../support/precise.ts";

const next = generator(64);
const random = (low: number, high: number) => low + (high - low) * next();

/** The largest error over some pairs, in ulps, and where it is. */
function worstPow(pairs: readonly (readonly [number, number])[]): number {
  return Math.max(...pairs.map(([x, y]) => ulpsOff(pow(x, y), precisePow(x, y))));
}

const pairs = (count: number, pair: (i: number) => [number, number]) =>
  Array.from({ length: count }, (_, i) => pair(i));

describe("cosPi", () => {
  it("is within 1 ulp", () => {
    const points = [
      ...Array.from({ length: 1000 }, () => random(0, 2)),
      ...Array.from({ length: 200 }, () => random(0, 1e6)),
      ...Array.from({ length: 200 }, (_, i) => 0.5 + (i - 100) * 2 ** -52 * 3 ** (i % 20)),
      ...Array.from({ length: 200 }, (_, i) => (i - 100) / 24),
      ...Array.from({ length: 60 }, (_, i) => 2 ** -i),
    ].filter((x) => x % 1 !== 0.5 && x % 1 !== -0.5);
    expect(Math.max(...points.map((x) => ulpsOff(cosPi(x), preciseCosPi(x))))).toBeLessThan(1);
  });

  it("is exact at multiples of a half", () => {
    const at = [0, 0.5, 1, 1.5, 2, 2.5, 3, 1e6, 1e6 + 0.5, 2 ** 53];
    expect(at.map((x) => Math.abs(cosPi(x)))).toEqual([1, 0, 1, 0, 1, 0, 1, 1, 0, 1]);
    expect([1, 3, -1, 2, -2].map(cosPi)).toEqual([-1, -1, -1, 1, 1]);
    expect(cosPi(-0.3)).toBe(cosPi(0.3));
  });

  it("is NaN where there is no cosine", () => {
    expect([NaN, Infinity, -Infinity].map(cosPi)).toEqual([NaN, NaN, NaN]);
  });
});

describe("exp", () => {
  it("is within 1 ulp", () => {
    const points = [
      ...Array.from({ length: 500 }, () => random(-30, 0)),
      ...Array.from({ length: 300 }, () => random(-708, 709)),
      ...Array.from({ length: 60 }, (_, i) => 2 ** -i),
      ...Array.from({ length: 60 }, (_, i) => -(2 ** -i)),
      ...Array.from({ length: 100 }, (_, i) => (i - 50.5) * Math.LN2),
    ];
    expect(Math.max(...points.map((x) => ulpsOff(exp(x), preciseExp(x))))).toBeLessThan(1);
    // Subnormal results are rounded twice.
    const small = Array.from({ length: 100 }, () => random(-745, -709));
    expect(Math.max(...small.map((x) => ulpsOff(exp(x), preciseExp(x))))).toBeLessThan(1.1);
  });

  it("is 1 at 0, and ends where float64 does", () => {
    expect([exp(0), exp(-0), exp(-Infinity), exp(-746), exp(710), exp(Infinity)]).toEqual([
      ...[1, 1, 0, 0, Infinity, Infinity],
    ]);
    expect(exp(709.78)).toBeLessThan(Infinity);
    expect(exp(-745)).toBe(5e-324);
    expect(exp(NaN)).toBeNaN();
  });
});

describe("log", () => {
  it("is within 1 ulp", () => {
    const points = [
      ...Array.from({ length: 300 }, () => random(0, 2)),
      ...Array.from({ length: 300 }, () => 10 ** random(-300, 300)),
      ...Array.from({ length: 100 }, (_, i) => 1 + (i + 1) * 2 ** -52),
      ...[2 ** -1074, 2 ** -1030, Number.MAX_VALUE],
    ];
    expect(Math.max(...points.map((x) => ulpsOff(log(x), preciseLog(x))))).toBeLessThan(1);
  });

  it("is that of IEEE 754 at the edges", () => {
    expect([log(1), log(0), log(Infinity), log(-1), log(NaN)]).toEqual([
      ...[0, -Infinity, Infinity, NaN, NaN],
    ]);
  });
});

describe("pow", () => {
  it("of whole exponents is within 1 ulp", () => {
    expect(worstPow(pairs(300, (i) => [random(0.5, 1.1), i]))).toBeLessThan(1);
    expect(worstPow(pairs(100, (i) => [1 - 1e-4 * next(), i * 9973]))).toBeLessThan(1);
    expect(worstPow(pairs(50, (i) => [0.1, 2 * i + 1]))).toBeLessThan(1);
    expect(worstPow(pairs(100, (i) => [random(0, 2), -i]))).toBeLessThan(1);
    expect(worstPow(pairs(50, (i) => [1 + 2 ** -i, 2 ** 33]).slice(28))).toBeLessThan(1);
  });

  it("of other exponents is within 1 ulp", () => {
    expect(worstPow(pairs(500, () => [random(0, 1), random(0, 10)]))).toBeLessThan(1);
    expect(worstPow(pairs(500, () => [random(0, 100), random(-20, 20)]))).toBeLessThan(1);
    expect(worstPow(pairs(100, (i) => [1 + (i - 50) * 2 ** -52, random(-9, 9)]))).toBeLessThan(1);
    expect(worstPow(pairs(100, () => [10 ** random(-300, 300), random(-1, 1)]))).toBeLessThan(1);
    expect(worstPow(pairs(50, () => [random(1, 2) * 2 ** -1060, random(-0.9, 0.9)]))).toBeLessThan(
      1,
    );
    expect(
      worstPow([
        [0.96, 0.004],
        [Math.SQRT2, 0.5],
        [2, 0.5],
        [Math.SQRT1_2, 3.3],
      ]),
    ).toBeLessThan(1);
  });

  it("rounds into subnormal numbers, and over- and underflows", () => {
    const subnormal = pairs(50, (i) => [0.5, 1020.5 + i]);
    // Rounded twice: once to 53 bits, once to what is left of them.
    expect(worstPow(subnormal)).toBeLessThanOrEqual(1);
    expect([pow(0.1, 400), pow(0.1, 400.5), pow(10, 400), pow(10, 400.5)]).toEqual([
      0,
      0,
      Infinity,
      Infinity,
    ]);
    expect(pow(2, -1074)).toBe(2 ** -1074);
    expect(pow(2, 1023)).toBe(2 ** 1023);
  });

  it("is that of IEEE 754 at the edges", () => {
    const edges = [0, 0.5, 1, 2, Infinity];
    const exponents = [-Infinity, -2, -0.5, 0, 0.5, 2, 3, Infinity];
    for (const x of edges) {
      for (const y of exponents) {
        // 1 to an infinite power is 1 in IEEE 754 and NaN in JavaScript.
        const expected = x === 1 ? 1 : Math.pow(x, y);
        expect(ulps(pow(x, y), expected), `${x}^${y}`).toBeLessThan(1);
      }
    }
    expect([pow(NaN, 1), pow(2, NaN), pow(-2, 2), pow(-1, 0.5)]).toEqual([NaN, NaN, NaN, NaN]);
    expect([pow(NaN, 0), pow(0, 0), pow(-3, 0)]).toEqual([1, 1, 1]);
  });
});

/** Units between two results; 0 for infinities that agree. */
function ulps(actual: number, expected: number): number {
  if (actual === expected) return 0;
  return Math.abs(actual - expected) / (Math.abs(expected) * 2 ** -52);
}
