import { crossEntropy, crossEntropySlope, oneHot } from "../../reference/losses.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U, rowRoundings, ulp } from "../compare.ts";
import { floats } from "../numbers.ts";
import { labelsOf, meanCases, meanGradCases, smoothedCases, smoothedGradCases } from "./labels.ts";
import {
  type RowShape,
  byRow,
  logSumError,
  logits,
  roundedSoftmax,
  row,
  rowShapes,
  softmaxResult,
} from "./softmax.ts";

/** Returns rows of targets, zeros among them, whose sums are not 1. */
function targetWeights([rows, cols]: RowShape): Float32Array {
  return floats(rows * cols, rows + cols, -0.5, 1).map((t) => Math.max(t, 0));
}

const massOf = (t: Float32Array): number => t.reduce((sum, v) => sum + v, 0);

function labelCase(shape: RowShape): KernelCase {
  const [, cols] = shape;
  const [x, labels] = [logits(shape), labelsOf(shape)];
  return kernelCase({
    what: shape.join(" x "),
    inputs: { x, labels },
    results: {
      p: softmaxResult(x, shape),
      loss: {
        expected: byRow(x, shape, (of, i) => [crossEntropy(of, oneHot(labels[i]!, cols))]),
        allowed: (e) => U * (logSumError(cols) + 3 * e),
      },
    },
    call(kernels, { x, labels, p, loss }) {
      kernels.crossEntropy(x, labels, p, loss, ...shape);
    },
  });
}

function labelGradCase(shape: RowShape): KernelCase {
  const [rows, cols] = shape;
  const labels = labelsOf(shape);
  const [p, dloss] = [roundedSoftmax(logits(shape), shape), floats(rows, cols)];
  return kernelCase({
    what: shape.join(" x "),
    inputs: { p, labels, dloss },
    results: {
      dx: {
        expected: byRow(p, shape, (of, i) => {
          const target = oneHot(labels[i]!, cols);
          return Array.from(of, (_, j) => crossEntropySlope(of, target, j) * dloss[i]!);
        }),
        allowed: (e) => 2 * ulp(e),
      },
    },
    call(kernels, { p, labels, dloss, dx }) {
      kernels.crossEntropyGrad(p, labels, dloss, dx, ...shape);
    },
  });
}

function probabilityCase(shape: RowShape): KernelCase {
  const [, cols] = shape;
  const [x, t] = [logits(shape), targetWeights(shape)];
  return kernelCase({
    what: shape.join(" x "),
    inputs: { x, t },
    results: {
      p: softmaxResult(x, shape),
      loss: {
        expected: byRow(x, shape, (of, i) => [crossEntropy(of, row(t, i, cols))]),
        allowed: (e, i) => U * (massOf(row(t, i, cols)) * logSumError(cols) + 7 * e),
      },
    },
    call(kernels, { x, t, p, loss }) {
      kernels.crossEntropyProbabilities(x, t, p, loss, ...shape);
    },
  });
}

function probabilityGradCase(shape: RowShape): KernelCase {
  const [rows, cols] = shape;
  const t = targetWeights(shape);
  const [p, dloss] = [roundedSoftmax(logits(shape), shape), floats(rows, cols)];
  return kernelCase({
    what: shape.join(" x "),
    inputs: { p, t, dloss },
    results: {
      dx: {
        expected: byRow(p, shape, (of, i) => {
          const target = row(t, i, cols);
          return Array.from(of, (_, j) => crossEntropySlope(of, target, j) * dloss[i]!);
        }),
        allowed(e, at) {
          const i = Math.floor(at / cols);
          const size = p[at]! * massOf(row(t, i, cols)) * Math.abs(dloss[i]!);
          return U * ((rowRoundings(cols) + 2) * size + 3 * Math.abs(e)) + 2 ** -149;
        },
      },
    },
    call(kernels, { p, t, dloss, dx }) {
      kernels.crossEntropyProbabilitiesGrad(p, t, dloss, dx, ...shape);
    },
  });
}

function nllCase(shape: RowShape): KernelCase {
  const [rows, cols] = shape;
  const [x, labels] = [floats(rows * cols, rows * cols, -20, 20), labelsOf(shape)];
  return kernelCase({
    what: shape.join(" x "),
    inputs: { x, labels },
    results: { loss: { expected: Array.from(labels, (label, i) => -x[i * cols + label]!) } },
    call(kernels, { x, labels, loss }) {
      kernels.nll(x, labels, loss, ...shape);
    },
  });
}

function nllGradCase(shape: RowShape): KernelCase {
  const [rows, cols] = shape;
  const [labels, dloss] = [labelsOf(shape), floats(rows, cols)];
  const slopes = (label: number, i: number): number[] =>
    Array.from({ length: cols }, (_, j) => (j === label ? -dloss[i]! : 0));
  return kernelCase({
    what: shape.join(" x "),
    inputs: { labels, dloss },
    results: { dx: { expected: Array.from(labels, slopes).flat() } },
    call(kernels, { labels, dloss, dx }) {
      kernels.nllGrad(labels, dloss, dx, ...shape);
    },
  });
}

type Loss =
  "crossEntropy" | "crossEntropyProbabilities" | "crossEntropySmoothed" | "keptMean" | "nll";

export const crossEntropyFamily: Family<Loss | `${Loss}Grad`> = {
  name: "cross-entropy",
  kernels: {
    crossEntropy: () => rowShapes.map(labelCase),
    crossEntropyGrad: () => rowShapes.map(labelGradCase),
    crossEntropyProbabilities: () => rowShapes.map(probabilityCase),
    crossEntropyProbabilitiesGrad: () => rowShapes.map(probabilityGradCase),
    crossEntropySmoothed: smoothedCases,
    crossEntropySmoothedGrad: smoothedGradCases,
    keptMean: meanCases,
    keptMeanGrad: meanGradCases,
    nll: () => rowShapes.map(nllCase),
    nllGrad: () => rowShapes.map(nllGradCase),
  },
};
