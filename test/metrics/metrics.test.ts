import { describe, expect, it } from "vitest";
import { binaryAccuracy, confusionMatrix, f1, precision, recall } from "../../src/index.ts";
import { rocAuc, topKAccuracy } from "../../src/index.ts";
import type { ModelMetric } from "../../src/index.ts";
import { wrong } from "../engine/fixtures.ts";

/** One column of scores. */
function column(...data: number[]) {
  return { data, shape: [data.length, 1] };
}

/** Scores of three classes whose largest are 0, 0, 1, 2, 2, 1. */
const threeClasses = {
  data: [5, 1, 2, 3, 1, 0, 0, 4, 1, 1, 1, 3, 0, 2, 7, 1, 9, 8],
  shape: [6, 3],
};

const labels = Int32Array.of(0, 1, 1, 2, 0, 2);

describe("known answers", () => {
  it("binaryAccuracy counts elements on their side of the threshold", () => {
    const scores = { data: [0.9, 0.5, 0.2, 0.7], shape: [2, 2] };
    const targets = Float32Array.of(1, 0, 1, 0);
    expect(binaryAccuracy().of(scores, targets)).toBe(0.5);
    expect(binaryAccuracy({ threshold: 0.1 }).of(scores, targets)).toBe(0.5);
    expect(binaryAccuracy({ threshold: 0.6 }).of(column(0.61, 0.59), [1, 0])).toBe(1);
    expect(binaryAccuracy({ threshold: 0 }).of(column(-3, 2, 0), Uint8Array.of(0, 1, 0))).toBe(1);
  });

  it("takes the threshold that a batch comes with, unless it has one of its own", () => {
    const logits = { data: [0.3, -0.3], shape: [2, 1], threshold: 0 };
    expect(binaryAccuracy().of(logits, [1, 0])).toBe(1);
    expect(binaryAccuracy({ threshold: 0.5 }).of(logits, [1, 0])).toBe(0.5);
    expect(recall().of(logits, [1, 0])).toBe(1);
    expect(recall({ threshold: 0.5 }).of(logits, [1, 0])).toBe(0);
    expect(confusionMatrix().of(logits, [1, 0])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it("topKAccuracy looks for the class among the k largest", () => {
    expect(topKAccuracy(1).of(threeClasses, labels)).toBe(3 / 6);
    expect(topKAccuracy(2).of(threeClasses, labels)).toBe(5 / 6);
    expect(topKAccuracy(3).of(threeClasses, labels)).toBe(1);
    const oneHot = Float32Array.from({ length: 18 }, (_, i) =>
      Number(labels[Math.floor(i / 3)] === i % 3),
    );
    expect(topKAccuracy(2).of(threeClasses, oneHot)).toBe(5 / 6);
  });

  it("topKAccuracy takes the first of equal scores for the largest", () => {
    const ties = { data: [1, 1, 1], shape: [1, 3] };
    expect([0, 1, 2].map((label) => topKAccuracy(1).of(ties, [label]))).toEqual([1, 0, 0]);
    expect([0, 1, 2].map((label) => topKAccuracy(2).of(ties, [label]))).toEqual([1, 1, 0]);
    expect(topKAccuracy(3).of({ data: [NaN, 1, 1], shape: [1, 3] }, [0])).toBe(0);
  });

  it("precision, recall and f1 of yes and no", () => {
    // Two hits, one false positive, two misses.
    const scores = column(0.9, 0.8, 0.7, 0.1, 0.2, 0.3);
    const targets = Int32Array.of(1, 1, 0, 1, 1, 0);
    expect(precision().of(scores, targets)).toBe(2 / 3);
    expect(recall().of(scores, targets)).toBe(2 / 4);
    expect(f1().of(scores, targets)).toBe(4 / 7);
    expect(recall({ threshold: 0.15 }).of(scores, targets)).toBe(3 / 4);
  });

  it("averages over classes as scikit-learn does", () => {
    // Hits 1, 1, 1; false positives 1, 1, 1; misses 1, 1, 1, by hand from the labels above.
    expect(precision({ average: "macro" }).of(threeClasses, labels)).toBeCloseTo(0.5, 15);
    expect(recall({ average: "micro" }).of(threeClasses, labels)).toBe(0.5);
    // Classes 0 and 2 only: 0 has two hits and a miss, 2 a hit and a false positive.
    const scores = { data: [5, 0, 0, 5, 0, 0, 0, 0, 5, 0, 0, 5], shape: [4, 3] };
    const truth = [0, 0, 2, 0];
    expect(precision({ average: "macro" }).of(scores, truth)).toBe((1 + 1 / 2) / 2);
    expect(recall({ average: "macro" }).of(scores, truth)).toBe((2 / 3 + 1) / 2);
    expect(f1({ average: "macro" }).of(scores, truth)).toBe((4 / 5 + 2 / 3) / 2);
    expect(f1({ average: "micro" }).of(scores, truth)).toBe(3 / 4);
  });

  it("is 0 where there is nothing to count", () => {
    const none = column(0.1, 0.2);
    expect(precision().of(none, [1, 1])).toBe(0);
    expect(recall().of(none, [0, 0])).toBe(0);
    expect(f1().of(none, [0, 0])).toBe(0);
  });

  it("rocAuc shares out ties, and does not mind the scale", () => {
    // scikit-learn's example, and Hanley and McNeil's definition by pairs.
    expect(rocAuc().of(column(0.1, 0.4, 0.35, 0.8), [0, 0, 1, 1])).toBe(0.75);
    expect(rocAuc().of(column(1, 1, 1, 1), [0, 1, 0, 1])).toBe(0.5);
    expect(rocAuc().of(column(-Infinity, 3, 3, Infinity), [0, 0, 1, 1])).toBe(3.5 / 4);
    expect(rocAuc().of(column(2, 1), [0, 1])).toBe(0);
    expect(rocAuc().of(column(1, 2), [1, 1])).toBeNaN();
    expect(rocAuc().of(column(NaN, 2), [0, 1])).toBeNaN();
  });

  it("rocAuc of several columns: the mean over them, or all as one", () => {
    const scores = { data: [0.1, 0.9, 0.4, 0.2, 0.35, 0.3, 0.8, 0.1], shape: [4, 2] };
    const targets = Float32Array.of(0, 1, 0, 0, 1, 0, 1, 1);
    expect(rocAuc().of(scores, targets)).toBe((0.75 + 0.5) / 2);
    expect(rocAuc({ average: "micro" }).of(scores, targets)).toBe(11.5 / 16);
    expect(rocAuc().of({ data: [2, 0, 0, 1, 5, 3], shape: [3, 2] }, [0, 1, 1])).toBe((0.5 + 1) / 2);
  });

  it("confusionMatrix has true classes in rows", () => {
    expect(confusionMatrix().of(threeClasses, labels)).toEqual([
      [1, 0, 1],
      [1, 1, 0],
      [0, 1, 1],
    ]);
    expect(confusionMatrix().of(column(0.9, 0.2, 0.6), [1, 1, 0])).toEqual([
      [0, 1],
      [1, 1],
    ]);
  });
});

describe("NaN", () => {
  const nan = { data: new Float32Array(6).fill(NaN), shape: [2, 3] };
  /** The largest are 0, none, none, 2. */
  const some = { data: [5, 1, 2, NaN, 1, 0, 0, 4, NaN, 1, 1, 3], shape: [4, 3] };
  const truth = Int32Array.of(0, 0, 1, 2);
  const oneHot = (labels: ArrayLike<number>) =>
    Float32Array.from({ length: 3 * labels.length }, (_, i) =>
      Number(labels[Math.floor(i / 3)] === i % 3),
    );

  it.each([Int32Array.of(0, 0), oneHot([0, 0])])("predictions are never right, %#", (targets) => {
    expect(topKAccuracy(1).of(nan, targets)).toBe(0);
    expect(topKAccuracy(3).of(nan, targets)).toBe(0);
    for (const average of ["binary", "macro", "micro"] as const) {
      for (const make of [precision, recall, f1])
        expect(make({ average }).of(nan, targets)).toBe(0);
    }
    expect(binaryAccuracy().of(nan, targets)).toBe(0);
    expect(rocAuc({ average: "micro" }).of(nan, targets)).toBeNaN();
  });

  it.each([truth, oneHot(truth)])("in one column makes its example wrong, %#", (targets) => {
    expect(topKAccuracy(1).of(some, targets)).toBe(2 / 4);
    expect(topKAccuracy(2).of(some, targets)).toBe(2 / 4);
    // Class 0: a hit and a miss; 1: a miss; 2: a hit. Half of the second example's false positive
    // goes to each of 1 and 2, half of the third's to each of 0 and 2.
    expect(recall({ average: "macro" }).of(some, targets)).toBe((1 / 2 + 0 + 1) / 3);
    expect(precision({ average: "macro" }).of(some, targets)).toBe((1 / 1.5 + 0 + 1 / 2) / 3);
    for (const make of [precision, recall, f1])
      expect(make({ average: "micro" }).of(some, targets)).toBe(2 / 4);
    expect(confusionMatrix().of(some, targets)).toEqual([
      [1, 0, 0, 1],
      [0, 0, 0, 1],
      [0, 0, 1, 0],
      [0, 0, 0, 0],
    ]);
  });

  it("among the targets makes an example wrong: a false positive, and a miss of the others", () => {
    const scores = { data: [5, 1, 2, 0, 4, 1], shape: [2, 3] };
    const targets = Float32Array.of(1, NaN, 0, 0, 1, 0);
    expect(topKAccuracy(3).of(scores, targets)).toBe(1 / 2);
    for (const make of [precision, recall, f1])
      expect(make({ average: "micro" }).of(scores, targets)).toBe(1 / 2);
    expect(confusionMatrix().of(scores, targets)).toEqual([
      [0, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
      [1, 0, 0, 0],
    ]);
    expect(binaryAccuracy().of(column(1, 0, NaN), Float32Array.of(NaN, NaN, NaN))).toBe(0);
    expect(rocAuc().of(column(2, 1, 0), Float32Array.of(1, NaN, 0))).toBeNaN();
  });

  it("says the other of yes and no", () => {
    const scores = column(NaN, NaN, 0.9);
    const targets = Float32Array.of(1, 0, 1);
    expect(binaryAccuracy().of(scores, targets)).toBe(1 / 3);
    expect(recall().of(scores, targets)).toBe(1 / 2);
    expect(precision().of(scores, targets)).toBe(1 / 2);
    // Of three false positives and a hit.
    expect(f1().of(column(NaN, NaN, NaN, 0.9), Int32Array.of(0, 0, 0, 1))).toBe(2 / 5);
    expect(confusionMatrix().of(scores, targets)).toEqual([
      [0, 0, 1],
      [0, 1, 1],
      [0, 0, 0],
    ]);
  });
});

it("names each by what it is", () => {
  const all: ModelMetric<unknown>[] = [binaryAccuracy(), topKAccuracy(), topKAccuracy(1), rocAuc()];
  all.push(precision(), recall({ average: "macro" }), f1({ average: "micro" }), confusionMatrix());
  expect(all.map(({ name }) => name)).toEqual([
    ...["binaryAccuracy", "top5Accuracy", "top1Accuracy", "rocAuc"],
    ...["precision", "macroRecall", "microF1", "confusionMatrix"],
  ]);
});

describe("errors", () => {
  const two = { data: [1, 2, 3, 4], shape: [2, 2] };
  it.each([
    [() => topKAccuracy(0), "topKAccuracy: expected k to be a whole number from 1 on, got 0"],
    [
      () => topKAccuracy(3).of(two, [0, 1]),
      "topKAccuracy: expected k of at most 2, the classes, got 3",
    ],
    [() => binaryAccuracy({ threshold: NaN }), "binaryAccuracy: expected threshold to be a number"],
    [
      () => f1({ average: wrong("weighted") }),
      'f1: expected average to be "binary", "macro" or "micro"',
    ],
    [
      () => f1({ average: "macro", threshold: 0.5 }),
      'f1: expected no threshold for average "macro"',
    ],
    [
      () => f1({ average: "macro" }).of(column(1, 0), [1, 0]),
      "macroF1: expected predictions of at",
    ],
    [
      () => rocAuc({ average: wrong("binary") }),
      'rocAuc: expected average to be "macro" or "micro"',
    ],
    [
      () => recall().of(two, Float32Array.of(1, 0)),
      "recall: expected 4 targets for predictions [2, 2]",
    ],
    [() => recall().of(two, [0, 1, 1]), "recall: expected 4 targets for predictions [2, 2], got 3"],
    [() => recall().of(two, [0, 2]), "recall: expected class indices from 0 to 1, got 2 at 1"],
    [() => recall().of(two, [0.5, 1]), "recall: expected class indices from 0 to 1, got 0.5 at 0"],
    [
      () => recall().of({ data: [1], shape: [2, 1] }, [1, 0]),
      "recall: expected predictions [examples",
    ],
  ])("%s", (run, text) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(text);
  });

  it("counts nothing of a batch that it refuses", () => {
    const state = topKAccuracy(2).create();
    state.update(threeClasses, { data: labels, kind: "classes" });
    expect(() => {
      state.update(column(1), { data: [0], kind: "classes" });
    }).toThrow(RangeError);
    expect(state.result()).toBe(5 / 6);
  });
});
