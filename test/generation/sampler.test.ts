import { describe, expect, it } from "vitest";
import { createSampler } from "../../src/index.ts";
import { philox } from "../../src/base/philox.ts";
import { philox as reference } from "../../src/reference/random.ts";

const DRAWS = 20_000;
const logits = Float32Array.of(1, 3, 2, 3, -Infinity, 0);

/** Returns the share of each id among many draws. */
function shares(sample: (logits: Float32Array) => number): number[] {
  const counts = Array.from(logits, () => 0);
  for (let i = 0; i < DRAWS; i++) counts[sample(logits)]!++;
  return counts.map((count) => count / DRAWS);
}

/** Returns softmax(logits / temperature) among some ids. */
function softmax(ids: readonly number[], temperature = 1): number[] {
  const weights = Array.from(logits, (x, id) => (ids.includes(id) ? Math.exp(x / temperature) : 0));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

const ALL = [0, 1, 2, 3, 4, 5];

describe("createSampler", () => {
  it.each([
    ["all ids", {}, softmax(ALL)],
    ["a temperature", { temperature: 0.5, seed: 3 }, softmax(ALL, 0.5)],
    ["a high temperature", { temperature: 4, seed: 4 }, softmax(ALL, 4)],
    ["topK, the lower ids of equals first", { topK: 1, seed: 5 }, softmax([1])],
    ["topK", { topK: 3 }, softmax([1, 2, 3])],
    ["topK past the last id", { topK: 10 }, softmax(ALL)],
    ["topP", { topP: 0.9, seed: 6 }, softmax([1, 2, 3])],
    ["topP within the first id", { topP: 1e-9 }, softmax([1])],
    ["topP of what topK leaves", { topK: 2, topP: 0.6 }, softmax([1, 3])],
    ["topP of what topK and a temperature leave", { topK: 2, topP: 0.4 }, softmax([1])],
    ["temperature 0", { temperature: 0, seed: 7 }, softmax([1])],
    ["a tiny temperature", { temperature: 1e-300 }, softmax([1, 3])],
  ])("draws from %s", (_, options, expected) => {
    shares(createSampler(options)).forEach((share, id) => {
      // Six standard deviations of a share.
      const allowed = 6 * Math.sqrt((expected[id]! * (1 - expected[id]!)) / DRAWS);
      expect(Math.abs(share - expected[id]!)).toBeLessThanOrEqual(allowed);
    });
  });

  it("draws the same for a seed, and others for another", () => {
    const run = (seed: number): string => {
      const sample = createSampler({ seed });
      return Array.from({ length: 24 }, () => sample(logits)).join("");
    };
    expect(run(1)).toBe("111235332333312310131311");
    expect(run(2 ** 53 - 1)).toBe(run(2 ** 53 - 1));
    expect(new Set([0, 1, 2, 2 ** 32 + 1].map(run)).size).toBe(4);
  });

  it("refuses logits that are not finite", () => {
    const sample = createSampler();
    expect(() => sample(Float32Array.of(1, NaN))).toThrow(
      new RangeError("sampler: expected finite logits, got NaN for id 1"),
    );
    expect(() => sample(Float32Array.of(Infinity))).toThrow("got Infinity for id 0");
    expect(() => sample(Float32Array.of(-Infinity, -Infinity))).toThrow(
      new RangeError("sampler: expected a finite logit, got -Infinity for all ids"),
    );
    expect(() => sample(new Float32Array())).toThrow(
      "expected logits to be a Float32Array of at least",
    );
    expect(() => sample([1] as never)).toThrow(TypeError);
  });

  it.each([
    [{ temperature: -1 }, RangeError],
    [{ temperature: NaN }, RangeError],
    [{ temperature: "1" }, TypeError],
    [{ topK: 0 }, RangeError],
    [{ topK: 1.5 }, RangeError],
    [{ topP: 0 }, RangeError],
    [{ topP: 1.01 }, RangeError],
    [{ seed: -1 }, RangeError],
    [{ top_k: 5 }, RangeError],
  ])("refuses %o", (options, type) => {
    expect(() => createSampler(options as never)).toThrow(type);
  });
});

it("philox gives the words of its reference", () => {
  const words = [0, 1, 0xffffffff, 0x80000000, 0x12345678, 0xdeadbeef];
  for (let i = 0; i < 200; i++) {
    const word = (k: number): number => words[(i * 7 + k * (i + 3)) % 6]! ^ (i * 2654435761);
    const [a, b, c, d, low, high] = [0, 1, 2, 3, 4, 5].map((k) => word(k) >>> 0) as [
      ...[number, number, number],
      ...[number, number, number],
    ];
    expect(philox([a, b, c, d], [low, high])).toEqual(reference([a, b, c, d], [low, high]));
  }
});
