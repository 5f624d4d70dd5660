import picocolors from "picocolors";
import { describe, expect, it } from "vitest";
import {
  confusionLines,
  confusionOf,
  predictedClasses,
  type Verdicts,
} from "../../src/cli/matrix.ts";

const plain = picocolors.createColors(false);

/** Verdicts that count up to a given matrix. */
function verdictsOf(confusion: number[][]): Verdicts {
  const pairs = confusion.flatMap((counts, row) =>
    counts.flatMap((count, column) => new Array<[number, number]>(count).fill([row, column])),
  );
  const truth = pairs.map(([row]) => row);
  return { truth, predicted: pairs.map(([, column]) => column), classes: confusion.length };
}

const identity = (classes: number, count: number): number[][] =>
  Array.from({ length: classes }, (_, row) =>
    Array.from({ length: classes }, (_, column) => (row === column ? count : 0)),
  );

describe("predictedClasses", () => {
  it("takes the largest score of each row, the first of equals", () => {
    expect([...predictedClasses([9, 1, 0, 0, 5, 1, 0, 6, 6, -3, -2, -1], 3)]).toEqual([0, 1, 1, 2]);
  });
});

it("shows predictions of NaN in a column of their own", () => {
  const predicted = predictedClasses([9, 1, 0, 0, 5, NaN, NaN, NaN, NaN, -3, -2, -1], 3);
  expect([...predicted]).toEqual([0, -1, -1, 2]);
  expect(confusionLines({ truth: [0, 1, 0, 2], predicted, classes: 3 }, 80, plain)).toEqual([
    "          predicted",
    "true      0    1    2  NaN",
    "   0 │    1    ·    ·    1",
    "   1 │    ·    ·    ·    1",
    "   2 │    ·    ·    1    ·",
  ]);
});

describe("confusionOf", () => {
  it("counts rows by truth and columns by prediction", () => {
    const confusion = confusionOf({ truth: [0, 1, 2, 2], predicted: [0, 1, 1, 2], classes: 3 });
    expect(confusion).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 1],
    ]);
  });

  it("counts every example once", () => {
    const truth = Uint8Array.from({ length: 500 }, (_, row) => (row * 7) % 5);
    const scores = Float32Array.from({ length: 2500 }, (_, index) => Math.sin(index * 12.9898));
    const predicted = predictedClasses(scores, 5);
    const confusion = confusionOf({ truth, predicted, classes: 5 });
    const rowSums = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
    expect(rowSums).toEqual([100, 100, 100, 100, 100]);
  });
});

describe("confusionLines", () => {
  it("puts numbers under their class and dots for zeros", () => {
    const verdicts = verdictsOf([
      [12, 0],
      [3, 9],
    ]);
    expect(confusionLines(verdicts, 80, plain)).toEqual([
      "         predicted",
      "true     0   1",
      "   0 │  12   ·",
      "   1 │   3   9",
    ]);
  });

  it("closes up in a narrow terminal", () => {
    const verdicts = verdictsOf(identity(10, 36));
    const widest = (columns: number): number =>
      Math.max(...confusionLines(verdicts, columns, plain).map((line) => line.length));
    expect(widest(80)).toBe(46);
    expect(widest(40)).toBe(36);
  });

  it.each([
    [21, 80, "more than 20 classes"],
    [10, 30, "it needs a wider terminal"],
  ])("of %i classes in %i columns is left out", (classes, columns, reason) => {
    const confusion = identity(classes, 36);
    confusion[3]![3] = 27;
    confusion[3]![4] = 9;
    const text = confusionLines(verdictsOf(confusion), columns, plain).join("\n");
    expect(text.replaceAll("\n", " ")).toContain(`confusion matrix left out: ${reason}`);
    expect(text).toContain("best  class  0, accuracy 1.000");
    expect(text).toContain("worst class  3, accuracy 0.750");
  });

  it("passes over classes that never occur, however many", () => {
    const verdicts = { truth: [7, 7], predicted: [7, 8], classes: 100_000 };
    expect(confusionLines(verdicts, 80, plain)).toEqual([
      "confusion matrix left out: more than 20 classes",
      "best  class  7, accuracy 0.500",
      "worst class  7, accuracy 0.500",
    ]);
  });

  it("colours zeros, hits and misses apart", () => {
    const verdicts = verdictsOf([
      [1, 0],
      [2, 3],
    ]);
    const lines = confusionLines(verdicts, 80, picocolors.createColors(true));
    expect(lines[2]).toContain("\x1b[32m");
    expect(lines[2]).toContain("\x1b[2m  ·");
    expect(lines[3]).toContain("\x1b[33m");
  });
});
