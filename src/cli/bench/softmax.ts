import type { Work, WorkGroup } from "./work.ts";

/** Numbers of rows and classes: many rows of few classes, and few rows of many. */
const SHAPES = [
  [1024, 10],
  [128, 1000],
] as const;

/** Rows in a call that warms up. */
const FEW = 2;

/** Returns the work of cross-entropy with class indices: it reads logits, writes probabilities. */
function forward(rows: number, classes: number): Work {
  return {
    name: `crossEntropy ${rows}x${classes}`,
    bytes: 8 * rows * classes,
    prepare(bench) {
      const x = bench.floats(rows * classes);
      const [probabilities, loss] = [bench.zeros(rows * classes), bench.zeros(rows)];
      const labels = bench.indices(rows, classes);
      const over = (count: number) => () => {
        bench.kernels.crossEntropy(x, labels, probabilities, loss, count, classes);
      };
      return {
        yardstick: { kind: "copy", source: 4 * rows * classes, target: 4 * rows * classes },
        run: over(rows),
        warmUp: over(FEW),
      };
    },
  };
}

/** Returns the work of its gradient: it reads probabilities, writes the gradient of the logits. */
function backward(rows: number, classes: number): Work {
  return {
    name: `crossEntropyGrad ${rows}x${classes}`,
    bytes: 8 * rows * classes,
    prepare(bench) {
      const probabilities = bench.floats(rows * classes);
      const [dx, dloss] = [bench.zeros(rows * classes), bench.floats(rows)];
      const labels = bench.indices(rows, classes);
      const over = (count: number) => () => {
        bench.kernels.crossEntropyGrad(probabilities, labels, dloss, dx, count, classes);
      };
      return {
        yardstick: { kind: "copy", source: 4 * rows * classes, target: 4 * rows * classes },
        run: over(rows),
        warmUp: over(FEW),
      };
    },
  };
}

export const softmaxWorks: WorkGroup = {
  name: "loss",
  summary: "softmax and cross-entropy of rows x classes",
  works: SHAPES.flatMap(([rows, classes]) => [forward(rows, classes), backward(rows, classes)]),
};
