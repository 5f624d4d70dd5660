import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import {
  type Initializer,
  type Layer,
  createEngine,
  mse,
  sequential,
  sgd,
} from "../../src/index.ts";
import { fans } from "../../src/initializers.ts";
import { wrong } from "../engine/fixtures.ts";

/** Returns the array that an initialiser draws for a shape. */
async function drawn(initializer: Initializer, shape: number[], seed = 1): Promise<Float32Array> {
  const engine = await createEngine();
  const layer: Layer = {
    kind: "drawn",
    label: "drawn",
    record: (g, x) => g.mul(x, g.sum(g.parameter("values", shape, initializer))),
  };
  const model = engine.compile(sequential([layer]), {
    inputShape: [1],
    loss: mse(),
    optimizer: sgd(),
    seed,
  });
  return model.parameters[0]!.data.slice();
}

function statistics(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

describe("orthogonal", () => {
  /** Largest distance of the products of vectors from those of an orthogonal matrix. */
  function distance(values: Float32Array, rows: number, cols: number, gain: number): number {
    const [count, size] = rows > cols ? [cols, rows] : [rows, cols];
    const at = (i: number, j: number): number => values[rows > cols ? j * cols + i : i * cols + j]!;
    let largest = 0;
    for (let p = 0; p < count; p++) {
      for (let q = 0; q < count; q++) {
        let dot = 0;
        for (let j = 0; j < size; j++) dot += at(p, j) * at(q, j);
        largest = Math.max(largest, Math.abs(dot - (p === q ? gain * gain : 0)));
      }
    }
    return largest;
  }

  it.each([
    [1, 1, 1],
    [4, 4, 1],
    [50, 50, 1],
    [30, 7, 1],
    [7, 30, 2],
    [9, 1, 0.5],
    [1, 9, 1],
  ])("of %d x %d times %d", async (rows, cols, gain) => {
    const values = await drawn(gradlane.orthogonal(gain), [rows, cols]);
    // Each entry is rounded to float32 once, and a vector has length gain.
    expect(distance(values, rows, cols, gain)).toBeLessThan(4 * 2 ** -24 * gain * gain);
  });

  it("takes all axes before the last one for rows", async () => {
    const values = await drawn(gradlane.orthogonal(), [3, 3, 4, 8]);
    expect(distance(values, 36, 8, 1)).toBeLessThan(4 * 2 ** -24);
  });

  it("is the same for the same seed, and another for another", async () => {
    const [a, b] = [
      await drawn(gradlane.orthogonal(), [6, 6]),
      await drawn(gradlane.orthogonal(), [6, 6]),
    ];
    expect(a).toEqual(b);
    expect(await drawn(gradlane.orthogonal(), [6, 6], 2)).not.toEqual(a);
  });

  it("has no favoured sign", async () => {
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, seed) => drawn(gradlane.orthogonal(), [3, 3], seed)),
    );
    const positive = all.filter((values) => values[0]! > 0).length;
    expect(Math.abs(positive - 20)).toBeLessThan(4 * Math.sqrt(10));
  });
});

describe("distributions", () => {
  const shape = [200, 200];

  it("uniform", async () => {
    const values = await drawn(gradlane.uniform(-1, 3), shape);
    const { mean, deviation } = statistics(values);
    expect(mean).toBeCloseTo(1, 1);
    expect(deviation).toBeCloseTo(4 / Math.sqrt(12), 1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...values)).toBeLessThanOrEqual(3);
  });

  it("normal", async () => {
    const { mean, deviation } = statistics(await drawn(gradlane.normal(2, 0.5), shape));
    expect(mean).toBeCloseTo(2, 1);
    expect(deviation).toBeCloseTo(0.5, 1);
  });

  it("truncatedNormal", async () => {
    const values = await drawn(gradlane.truncatedNormal(2, 0.5), shape);
    const { mean, deviation } = statistics(values);
    expect(mean).toBeCloseTo(2, 1);
    // The deviation of a standard normal cut at 2 is 0.8796.
    expect(deviation).toBeCloseTo(0.5 * 0.8796, 2);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...values)).toBeLessThanOrEqual(3);
  });

  it("ones, zeros and constant", async () => {
    expect([...(await drawn(gradlane.ones(), [3]))]).toEqual([1, 1, 1]);
    expect([...(await drawn(gradlane.zeros(), [2]))]).toEqual([0, 0]);
    expect([...(await drawn(gradlane.constant(-0.5), [2]))]).toEqual([-0.5, -0.5]);
  });

  it("heNormal counts the places of a kernel as inputs", async () => {
    const { deviation } = statistics(await drawn(gradlane.heNormal(), [3, 3, 16, 200]));
    expect(deviation).toBeCloseTo(Math.sqrt(2 / 144), 3);
  });
});

it("fans are Keras's", () => {
  expect([[], [7], [3, 5], [4, 3, 5], [3, 3, 4, 8]].map(fans)).toEqual([
    [1, 1],
    [7, 7],
    [3, 5],
    [12, 20],
    [36, 72],
  ]);
});

it("refuses numbers that are not finite, and negative deviations", () => {
  expect(() => gradlane.uniform(0, Infinity)).toThrow(
    new RangeError("uniform: expected high to be a finite number, got Infinity"),
  );
  expect(() => gradlane.uniform(2, 1)).toThrow(
    new RangeError("uniform: expected low up to 1, got 2"),
  );
  expect(() => gradlane.normal(0, -1)).toThrow(
    new RangeError("normal: expected deviation to be a number from 0 on, got -1"),
  );
  expect(() => gradlane.truncatedNormal(NaN, 1)).toThrow(RangeError);
  expect(() => gradlane.orthogonal(wrong("1"))).toThrow(
    new TypeError('orthogonal: expected gain to be a finite number, got "1"'),
  );
});
