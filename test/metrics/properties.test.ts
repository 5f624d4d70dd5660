import { describe, expect, it } from "vitest";
import { binaryAccuracy, confusionMatrix, f1, precision, recall } from "../../src/index.ts";
import { rocAuc, topKAccuracy } from "../../src/index.ts";
import type { ModelMetric } from "../../src/index.ts";
import { floats, generator, integers } from "../../src/verify/numbers.ts";

/** A random batch whose scores are often equal. */
function draw(seed: number, rows: number, cols: number) {
  const scores = floats(rows * cols, seed, 0, 1).map((x) => Math.round(x * 6) / 6);
  const classes = integers(rows, seed + 1, Math.max(2, cols));
  const yes = Float32Array.from(integers(rows * cols, seed + 2, 2));
  return { predictions: { data: scores, shape: [rows, cols] }, classes, yes };
}

const seeds = Array.from({ length: 25 }, (_, i) => i + 1);

/** The definition: the pairs of a positive and a negative in the right order, equal ones half. */
function areaByPairs(scores: ArrayLike<number>, positive: (i: number) => boolean): number {
  let right = 0;
  let pairs = 0;
  for (let i = 0; i < scores.length; i++) {
    for (let j = 0; j < scores.length; j++) {
      if (!positive(i) || positive(j)) continue;
      pairs++;
      if (scores[i]! > scores[j]!) right++;
      else if (scores[i] === scores[j]) right += 0.5;
    }
  }
  return right / pairs;
}

describe.each(seeds)("random batch %d", (seed) => {
  const next = generator(seed);
  const [rows, cols] = [2 + Math.floor(next() * 40), 2 + Math.floor(next() * 5)];

  it("rocAuc counts pairs", () => {
    const { predictions, yes } = draw(seed, rows, 1);
    yes.set([0, 1]);
    const expected = areaByPairs(predictions.data, (i) => yes[i] === 1);
    expect(rocAuc().of(predictions, yes)).toBeCloseTo(expected, 14);
  });

  it("rocAuc of classes is the mean of each against the rest", () => {
    const { predictions, classes } = draw(seed, rows + cols, cols);
    for (let j = 0; j < cols; j++) classes[j] = j;
    const columns = Array.from({ length: cols }, (_, j) => {
      const scores = predictions.data.filter((_, at) => at % cols === j);
      return areaByPairs(scores, (i) => classes[i] === j);
    });
    const mean = columns.reduce((sum, area) => sum + area, 0) / cols;
    expect(rocAuc().of(predictions, classes)).toBeCloseTo(mean, 14);
  });

  it("topKAccuracy finds the class in the sorted row", () => {
    const { predictions, classes } = draw(seed, rows, cols);
    for (let k = 1; k <= cols; k++) {
      const right = Array.from(classes).filter((label, i) => {
        const row = Array.from(predictions.data.slice(i * cols, (i + 1) * cols));
        // A stable sort leaves the first of equal ones in front.
        const order = row.map((_, j) => j).sort((a, b) => row[b]! - row[a]!);
        return order.slice(0, k).includes(label);
      });
      expect(topKAccuracy(k).of(predictions, classes)).toBe(right.length / rows);
    }
  });

  it("precision, recall and f1 follow from the confusion matrix", () => {
    const { predictions, classes } = draw(seed, rows, cols);
    const matrix = confusionMatrix().of(predictions, classes);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const perClass = matrix
      .map((row, j) => ({ hits: row[j]!, truth: sum(row), says: sum(matrix.map((r) => r[j]!)) }))
      .filter(({ truth, says }) => truth + says > 0);
    const mean = (of: (c: (typeof perClass)[number]) => number) =>
      sum(perClass.map((c) => of(c) || 0)) / perClass.length;
    const macro = { average: "macro" } as const;
    const measured = [precision, recall, f1].map((make) => make(macro).of(predictions, classes));
    expect(measured[0]).toBeCloseTo(
      mean(({ hits, says }) => hits / says),
      14,
    );
    expect(measured[1]).toBeCloseTo(
      mean(({ hits, truth }) => hits / truth),
      14,
    );
    expect(measured[2]).toBeCloseTo(
      mean(({ hits, truth, says }) => (2 * hits) / (truth + says)),
      14,
    );
    const right = sum(matrix.map((row, j) => row[j]!)) / rows;
    for (const make of [precision, recall, f1]) {
      expect(make({ average: "micro" }).of(predictions, classes)).toBe(right);
    }
    expect(topKAccuracy(1).of(predictions, classes)).toBe(right);
  });

  it("does not change a bit with the cuts between batches, nor between states", () => {
    const { predictions, classes, yes } = draw(seed, rows, cols);
    const { data } = predictions;
    const all: ModelMetric<unknown>[] = [
      ...[binaryAccuracy(), topKAccuracy(2), rocAuc(), rocAuc({ average: "micro" })],
      ...[precision(), f1({ average: "macro" }), recall({ average: "micro" }), confusionMatrix()],
    ];
    for (const metric of all) {
      for (const kind of ["classes", "values"] as const) {
        const targets = kind === "classes" ? classes : yes;
        const width = kind === "classes" ? 1 : cols;
        const run = (size: number) => {
          const state = metric.create();
          for (let from = 0; from < rows; from += size) {
            const to = Math.min(rows, from + size);
            const shape = [to - from, cols];
            state.update(
              { data: data.subarray(from * cols, to * cols), shape },
              { data: targets.subarray(from * width, to * width), kind },
            );
          }
          return state.result();
        };
        const whole = run(rows);
        expect(run(1)).toEqual(whole);
        expect(run(3)).toEqual(whole);
        expect(metric.of(predictions, targets)).toEqual(whole);
      }
    }
  });
});
