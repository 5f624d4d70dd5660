import { beforeAll, describe, expect, it } from "vitest";
import {
  type Stream,
  type Words,
  normalBelow,
  normalQuantile,
  philox,
  unit,
  words,
} from "../../src/reference/random.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { counts } from "../../src/verify/families/random.ts";
import { createArena } from "../support/arena.ts";
import { bitsOf, expectSameBits, expectWithin } from "../support/expect.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

/** The lowest and the highest that 23 bits can be stand in the first 256 words of these seeds' stream 0. */
const lowest = { seed: 42591 };
const highest = { seed: 5947 };

function kernelWords(n: number, { low, high, stream }: Stream): Uint32Array {
  arena.reset();
  const y = arena.output(n);
  arena.kernels.randomWords(y, n, low, high, stream);
  return arena.words(y, n);
}

type Draw = "randomUniform" | "randomNormal" | "randomTruncatedNormal";

function draw(kernel: Draw, n: number, a: number, b: number, of: Stream): Float32Array {
  arena.reset();
  const y = arena.output(n);
  arena.kernels[kernel](y, n, a, b, of.low, of.high, of.stream);
  arena.checkCanaries();
  return arena.floats(y, n);
}

describe("the reference of Philox4x32-10", () => {
  const same = (word: number): Words => [word, word, word, word];
  it.each<[Words, [number, number], Words]>([
    [same(0), [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [same(0xffffffff), [0xffffffff, 0xffffffff], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])("gives Random123's known answers, %#", (counter, key, answer) => {
    expect(philox(counter, key)).toEqual(answer);
  });
});

describe("randomWords", () => {
  it("gives Random123's known answer for counter 0 and key 0", () => {
    const answer = Uint32Array.of(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    expect(kernelWords(4, { low: 0, high: 0, stream: 0 })).toEqual(answer);
  });
});

describe("randomUniform", () => {
  it.each([
    [0, 1],
    [-1, 1],
    [-0.125, 0.125],
    [-Math.sqrt(6 / 784), Math.sqrt(6 / 784)],
  ])("stays inside (%d, %d) at its lowest and its highest word", (low, high) => {
    const [least, most] = [lowest, highest].map(({ seed }) => {
      return draw("randomUniform", 256, low, high, { low: seed, high: 0, stream: 0 });
    });
    const range = Math.fround(high) - Math.fround(low);
    expect(Math.min(...least!)).toBeGreaterThan(Math.fround(low));
    expect(Math.min(...least!)).toBeLessThan(low + range * 2 ** -21);
    expect(Math.max(...most!)).toBeLessThan(Math.fround(high));
    expect(Math.max(...most!)).toBeGreaterThan(high - range * 2 ** -21);
  });

  it("has the mean, variance and spread of a uniform variable", () => {
    const n = 1_000_000;
    const x = draw("randomUniform", n, 0, 1, { low: 42, high: 0, stream: 7 });
    const bins = new Float64Array(256);
    let [sum, squares] = [0, 0];
    for (const v of x) {
      sum += v;
      squares += (v - 0.5) ** 2;
      bins[Math.floor(v * 256)]! += 1;
    }
    expect(Math.abs(sum / n - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(squares / n - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    expectChiSquare(bins, n / 256);
  });
});

describe("randomNormal", () => {
  it("is right in its tails", () => {
    for (const { seed } of [lowest, highest]) {
      const of = { low: seed, high: 0, stream: 0 };
      const exact = Array.from(words(256, of), (word) => normalQuantile(unit(word)));
      const x = draw("randomNormal", 256, 0, 1, of);
      expectWithin(x, exact, (e) => 4e-7 * Math.abs(e));
      expect(Math.max(...x.map(Math.abs))).toBeGreaterThan(5.1);
    }
  });

  it("has the mean, variance and quantiles of a normal variable", () => {
    const n = 1_000_000;
    const x = draw("randomNormal", n, 0, 1, { low: 42, high: 0, stream: 8 });
    let [sum, squares] = [0, 0];
    for (const v of x) {
      sum += v;
      squares += v * v;
    }
    expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(squares / n - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    for (const edge of [-4, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 4]) {
      const p = normalBelow(edge);
      const below = x.reduce((count, v) => count + Number(v < edge), 0);
      expect(Math.abs(below / n - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
    }
  });
});

describe("randomTruncatedNormal", () => {
  it("stays within two deviations, at its lowest and its highest word too", () => {
    for (const { seed } of [lowest, highest]) {
      const x = draw("randomTruncatedNormal", 256, 0, 1, { low: seed, high: 0, stream: 0 });
      const largest = Math.max(...x.map(Math.abs));
      expect(largest).toBeLessThanOrEqual(2 + 2 ** -21);
      expect(largest).toBeGreaterThan(1.99999);
    }
  });
});

it.each<Draw>(["randomUniform", "randomNormal", "randomTruncatedNormal"])(
  "%s: a part is the same part of the whole",
  (f) => {
    const of = { low: 5, high: 6, stream: 7 };
    const whole = bitsOf(draw(f, 1001, 0, 1, of));
    for (const n of counts) {
      expectSameBits(bitsOf(draw(f, n, 0, 1, of)), whole.slice(0, n), `${n}`);
    }
  },
);

function shuffled(n: number, of: Stream): Int32Array {
  const y = arena.output(n);
  arena.kernels.shuffle(y, n, arena.output(n), of.low, of.high, of.stream);
  arena.checkCanaries();
  return new Int32Array(arena.words(y, n).buffer);
}

describe("shuffle", () => {
  it("gives a permutation", () => {
    arena.reset();
    const order = shuffled(60_000, { low: 9, high: 0, stream: 3 });
    expect(order).not.toEqual(order.toSorted());
    expect(order.toSorted()).toEqual(Int32Array.from(order, (_, i) => i));
  });

  it("gives every order of four equally often", () => {
    const seen = new Map<string, number>();
    const draws = 24_000;
    for (let seed = 0; seed < draws; seed++) {
      arena.reset();
      const order = shuffled(4, { low: seed, high: 0, stream: 1 }).join();
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(24);
    expectChiSquare([...seen.values()], draws / 24);
  });
});

/** Fails where counts are further from what is expected than in about one of 10^6 experiments. */
function expectChiSquare(observed: ArrayLike<number>, expected: number): void {
  const freedom = observed.length - 1;
  const square = Array.from(observed).reduce((sum, o) => sum + (o - expected) ** 2 / expected, 0);
  // Wilson and Hilferty: the cube root of a chi-square variable is nearly normal.
  const spread = Math.sqrt(2 / (9 * freedom));
  const deviations = (Math.cbrt(square / freedom) - (1 - spread ** 2)) / spread;
  expect(Math.abs(deviations)).toBeLessThan(5);
}
