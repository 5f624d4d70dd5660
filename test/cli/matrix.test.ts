import picocolors from "picocolors";
import { describe, expect, it } from "vitest";
import { confusionLines, confusionOf } from "../../src/cli/matrix.ts";

const plain = picocolors.createColors(false);
const identity = (classes: number, count: number): number[][] =>
  Array.from({ length: classes }, (_, row) =>
    Array.from({ length: classes }, (_, column) => (row === column ? count : 0)),
  );

describe("confusionOf", () => {
  const scores = [9, 1, 0, 0, 5, 1, 0, 6, 1, -3, -2, -1];

  it("counts rows by truth and columns by prediction", () => {
    const confusion = confusionOf([0, 1, 2, 2], scores, 3);
    expect(confusion).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 1],
    ]);
  });

  it("counts every example once", () => {
    const labels = Uint8Array.from({ length: 500 }, (_, row) => (row * 7) % 5);
    const random = Float32Array.from({ length: 2500 }, (_, index) => Math.sin(index * 12.9898));
    const confusion = confusionOf(labels, random, 5);
    expect(confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(500);
    const rowSums = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
    expect(rowSums).toEqual([100, 100, 100, 100, 100]);
  });
});

describe("confusionLines", () => {
  it("puts numbers under their class and dots for zeros", () => {
    const lines = confusionLines(
      [
        [12, 0],
        [3, 9],
      ],
      80,
      plain,
    );
    expect(lines).toEqual([
      "         predicted",
      "true     0   1",
      "   0 │  12   ·",
      "   1 │   3   9",
    ]);
  });

  it("closes up in a narrow terminal", () => {
    const confusion = identity(10, 36);
    const widest = (columns: number): number =>
      Math.max(...confusionLines(confusion, columns, plain).map((line) => line.length));
    expect(widest(80)).toBe(46);
    expect(widest(40)).toBe(36);
  });

  it.each([
    [21, 80, "more than 20 classes"],
    [10, 30, "it needs a wider terminal"],
  ])("of %i classes in %i columns is left out", (classes, columns, reason) => {
    const confusion = identity(classes, 36);
    confusion[3] = confusion[3]!.map((_, column) => (column === 3 ? 27 : column === 4 ? 9 : 0));
    const text = confusionLines(confusion, columns, plain).join("\n");
    expect(text.replaceAll("\n", " ")).toContain(`confusion matrix left out: ${reason}`);
    expect(text).toContain("best class   0, accuracy 1.000");
    expect(text).toContain("worst class  3, accuracy 0.750");
  });

  it("passes over classes that never occur", () => {
    const confusion = identity(21, 1);
    confusion[20] = confusion[20]!.map(() => 0);
    expect(confusionLines(confusion, 80, plain).join("\n")).not.toContain("NaN");
  });

  it("colours zeros, hits and misses apart", () => {
    const lines = confusionLines(
      [
        [1, 0],
        [2, 3],
      ],
      80,
      picocolors.createColors(true),
    );
    expect(lines[2]).toContain("\x1b[32m");
    expect(lines[2]).toContain("\x1b[2m  ·");
    expect(lines[3]).toContain("\x1b[33m");
  });
});
