import { describe, expect, it } from "vitest";
import { binaryAccuracy, confusionMatrix, f1, recall } from "../../src/index.ts";
import { perplexity, rocAuc, topKAccuracy } from "../../src/index.ts";
import type { ModelMetric } from "../../src/index.ts";

/** Scores of three classes whose largest are 0, 0, 1, 2, 2, 1. */
const threeClasses = {
  data: [5, 1, 2, 3, 1, 0, 0, 4, 1, 1, 1, 3, 0, 2, 7, 1, 9, 8],
  shape: [6, 3],
};

const labels = Int32Array.of(0, 1, 1, 2, 0, 2);

describe("perplexity", () => {
  const even = { data: new Float32Array(12).fill(-3), shape: [3, 4] };

  it("is the number of classes where all have the same chance", () => {
    expect(perplexity().of(even, Int32Array.of(0, 3, 1))).toBeCloseTo(4, 14);
    expect(
      perplexity().of(even, Float32Array.of(1, 0, 0, 0, 0, 0, 0.5, 0.5, 0, 1, 0, 0)),
    ).toBeCloseTo(4, 14);
  });

  it("is 1 for certain right answers, and infinite for certain wrong ones", () => {
    const certain = { data: [800, 0, 0, 800], shape: [2, 2] };
    expect(perplexity().of(certain, [0, 1])).toBe(1);
    expect(perplexity().of(certain, [1, 0])).toBeGreaterThan(1e300);
    expect(perplexity().of({ data: [1000, 0], shape: [1, 2] }, [1])).toBe(Infinity);
    expect(perplexity().of({ data: [-Infinity, 0], shape: [1, 2] }, [0])).toBe(Infinity);
    expect(perplexity().of({ data: [-Infinity, 0], shape: [1, 2] }, [1])).toBe(1);
    expect(perplexity().of({ data: [-Infinity, 0], shape: [1, 2] }, Float32Array.of(0, 1))).toBe(1);
  });

  it("refuses rows of targets that are no probabilities, and counts nothing of them", () => {
    const state = perplexity().create();
    const two = { data: [2, 0, 0, 1], shape: [2, 2] };
    state.update(two, { data: [0, 1], kind: "classes" });
    const before = state.result();
    const refused = (data: number[], text: string) => {
      const expected =
        "perplexity: expected class indices, or probabilities that add up to 1, got ";
      const update = () => state.update(two, { data, kind: "values" });
      expect(update).toThrow(new RangeError(expected + text));
    };
    refused([1, 0, 0.75, 0.5], "a sum of 1.25 in row 1");
    refused([0, 0, 1, 0], "a sum of 0 in row 0");
    refused([0, 1, 1.5, -0.5], "-0.5 in row 1");
    expect(state.result()).toBe(before);
    const thirds = Float32Array.from({ length: 3 }, () => 1 / 3);
    expect(perplexity().of({ data: [1, 1, 1], shape: [1, 3] }, thirds)).toBeCloseTo(3, 6);
    expect(perplexity().of(two, Float32Array.of(1, 0, NaN, 1))).toBeNaN();
  });

  it("is e to the mean cross-entropy, batch by batch", () => {
    const whole = perplexity().of(threeClasses, labels);
    const exact = labels.reduce((sum, label, i) => {
      const row = threeClasses.data.slice(3 * i, 3 * i + 3);
      return sum + Math.log(row.reduce((total, v) => total + Math.exp(v), 0)) - row[label]!;
    }, 0);
    expect(whole / Math.exp(exact / 6)).toBeCloseTo(1, 14);
    const state = perplexity().create();
    for (let i = 0; i < 6; i += 2) {
      const batch = { data: threeClasses.data.slice(3 * i, 3 * i + 6), shape: [2, 3] };
      state.update(batch, { data: labels.slice(i, i + 2), kind: "classes" });
    }
    expect(state.result()).toBe(whole);
  });

  it("is NaN where a logit is, or nothing was counted", () => {
    expect(perplexity().of({ data: [NaN, 0], shape: [1, 2] }, [1])).toBeNaN();
    expect(perplexity().of({ data: [0, 0], shape: [1, 2] }, Float32Array.of(NaN, 1))).toBeNaN();
    expect(perplexity().create().result()).toBeNaN();
    expect(() => perplexity().of({ data: [1, 0], shape: [2, 1] }, [0, 1])).toThrow(
      "perplexity: expected logits of at least 2 classes, got 1",
    );
  });
});

describe("predictions of several axes", () => {
  const all = [topKAccuracy(1), topKAccuracy(2), f1({ average: "macro" }), perplexity()];
  const others = [confusionMatrix(), rocAuc(), binaryAccuracy({ threshold: 2 }), recall()];
  const metrics: readonly ModelMetric<unknown>[] = [...all, ...others];
  const shapes = [
    [2, 3, 3],
    [3, 1, 2, 3],
  ];

  it.each(metrics)("are rows of their last axis: $name", (measure) => {
    const expected = measure.of(threeClasses, labels);
    for (const shape of shapes) {
      expect(measure.of({ ...threeClasses, shape }, labels)).toEqual(expected);
    }
    const oneHot = Float32Array.from({ length: 18 }, (_, i) =>
      Number(labels[Math.floor(i / 3)] === i % 3),
    );
    const byRow = measure.of({ ...threeClasses, shape: [2, 3, 3] }, oneHot);
    expect(byRow).toEqual(measure.of(threeClasses, oneHot));
  });

  it.each(metrics)("leave out the rows whose label is ignored: $name", (measure) => {
    const kept = [0, 1, 4, 5];
    const data = kept.flatMap((i) => threeClasses.data.slice(3 * i, 3 * i + 3));
    const expected = measure.of(
      { data, shape: [4, 3] },
      Int32Array.from(kept, (i) => labels[i]!),
    );
    const ignoring = (label: number) => labels.map((own, i) => (kept.includes(i) ? own : label));
    const predictions = { ...threeClasses, shape: [2, 3, 3] };
    expect(measure.of(predictions, ignoring(-100))).toEqual(expected);
    expect(measure.of(predictions, ignoring(7), 7)).toEqual(expected);
    const state = measure.create();
    state.update(predictions, { data: ignoring(-1), kind: "classes", ignoreIndex: -1 });
    expect(state.result()).toEqual(expected);
    expect(() => measure.of(predictions, ignoring(-1))).toThrow(
      `${measure.name}: expected class indices from 0 to 2, got -1 at 2`,
    );
  });
});
