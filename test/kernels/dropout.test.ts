import { beforeAll, describe, expect, it } from "vitest";
import { keptByDropout } from "../../src/reference/random.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { floats, sizes } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

const [LOW, HIGH, STREAM, STEP] = [0x12345678, 0x9abcdef0, 5, 1234567] as const;

const SCALE = Math.fround(1 / 0.7);
const THRESHOLD = Math.floor(0.3 * 2 ** 32);

const SEED = { low: LOW, high: HIGH, stream: STREAM };

function expected(x: Float32Array): Float32Array {
  const mask = keptByDropout(x.length, THRESHOLD, SEED, STEP);
  return x.map((value, i) => (mask[i] ? value * SCALE : 0));
}

describe.each([...sizes, 65, 1000])("%d elements", (n) => {
  const x = floats(n, 1);

  it("drops what Philox says in place", () => {
    arena.reset();
    const at = arena.inout(x);
    arena.kernels.dropout(at, at, 0, n, THRESHOLD, SCALE, LOW, HIGH, STREAM, STEP);
    arena.checkCanaries();
    expectSameBits(arena.words(at, n), bitsOf(expected(x)));
  });
});

it("drops NaN and infinities like all others, and carries those that stay", () => {
  const values = [NaN, Infinity, -Infinity];
  const x = Float32Array.from({ length: 50 }, (_, i) => values[i % 3]!);
  arena.reset();
  const [at, y] = [arena.input(x), arena.output(50)];
  arena.kernels.dropout(at, y, 0, 50, THRESHOLD, SCALE, LOW, HIGH, STREAM, STEP);
  const mask = keptByDropout(50, THRESHOLD, SEED, STEP);
  expect([...arena.floats(y, 50)]).toEqual(Array.from(x, (v, i) => (mask[i] ? v : 0)));
});

it.each([0.1, 0.5, 0.9])("drops a share of %d, another in every step", (rate) => {
  const n = 20_000;
  const threshold = Math.floor(rate * 2 ** 32);
  const masks = [1, 2].map((step) => {
    arena.reset();
    const [at, y] = [arena.input(new Float32Array(n).fill(1)), arena.output(n)];
    arena.kernels.dropout(at, y, 0, n, threshold, 1, LOW, HIGH, STREAM, step);
    return Array.from(arena.floats(y, n));
  });
  const [first, second] = masks as [number[], number[]];
  const deviation = Math.sqrt(rate * (1 - rate) * n);
  for (const mask of [first, second]) {
    const dropped = mask.filter((value) => value === 0).length;
    expect(Math.abs(dropped - rate * n)).toBeLessThan(4 * deviation);
  }
  // Independent masks drop both with probability rate².
  const both = first.filter((value, i) => value === 0 && second[i] === 0).length;
  expect(Math.abs(both - rate * rate * n)).toBeLessThan(4 * Math.sqrt(rate * rate * n));
});
