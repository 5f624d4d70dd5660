import { crossEntropy, keptMean, smoothed } from "../../reference/losses.ts";
import { softmax } from "../../reference/softmax.ts";
import { type KernelCase, kernelCase } from "../case.ts";
import { U, rowRoundings } from "../compare.ts";
import { floats, integers } from "../numbers.ts";
import { type RowShape, byRow, logSumError, rowShapes } from "./softmax.ts";

/** Cases against class indices with smoothing, weights of classes, and rows that do not count. */

export const labelsOf = ([rows, cols]: RowShape): Int32Array => integers(rows, rows + cols, cols);

/** Settings of the smoothed cross-entropy. */
interface Smoothing {
  readonly smoothing: number;
  readonly weights: Float32Array | undefined;
  /** Label of the rows that do not count. */
  readonly ignore: number;
  readonly text: string;
}

const IGNORE = -100;

/** Returns every smoothing with and without weights and rows that do not count. */
function smoothingsOf([, cols]: RowShape): Smoothing[] {
  const weights = floats(cols, 6, -0.3, 2).map((weight) => Math.max(weight, 0));
  return [0, 0.1, 1].map(Math.fround).flatMap((smoothing) => [
    { smoothing, weights: undefined, ignore: IGNORE, text: `smoothed by ${smoothing}` },
    { smoothing, weights, ignore: IGNORE, text: `smoothed by ${smoothing}, weighted` },
    // A class whose rows do not count.
    { smoothing, weights, ignore: 0, text: `smoothed by ${smoothing}, weighted, without class 0` },
  ]);
}

/** Returns labels of which every third is one that does not count, but for the first. */
function labelsWithout(shape: RowShape): Int32Array {
  return labelsOf(shape).map((label, i) => (i % 3 === 2 ? IGNORE : label));
}

/** Returns the targets of all rows, zeros where a row does not count. */
function targetsOf(labels: Int32Array, cols: number, { smoothing, weights, ignore }: Smoothing) {
  return Array.from(labels, (label) =>
    label === ignore ? new Float64Array(cols) : smoothed(label, cols, smoothing, weights),
  );
}

/** Labels among which -100 is no class where 0 does not count: then all are classes. */
function labelsFor(shape: RowShape, { ignore }: Smoothing): Int32Array {
  return ignore === IGNORE ? labelsWithout(shape) : labelsOf(shape);
}

function smoothedCase(shape: RowShape, settings: Smoothing): KernelCase {
  const [rows, cols] = shape;
  const { smoothing, weights, ignore, text } = settings;
  const [x, labels] = [floats(rows * cols, rows * cols, -20, 20), labelsFor(shape, settings)];
  const targets = targetsOf(labels, cols, settings);
  const counts = (i: number): boolean => labels[i] !== ignore;
  return kernelCase({
    what: `${shape.join(" x ")}, ${text}`,
    inputs: { x, labels, weights: weights ?? new Float32Array() },
    results: {
      p: {
        expected: byRow(x, shape, (of, i) =>
          counts(i) ? softmax(of) : [...new Float64Array(cols)],
        ),
        allowed: (e) => 80 * U * e + 2 ** -148,
      },
      loss: {
        expected: byRow(x, shape, (of, i) => [crossEntropy(of, targets[i]!)]),
        allowed(e, i) {
          const mass = targets[i]!.reduce((sum, t) => sum + t, 0);
          return U * (mass * logSumError(cols) + (rowRoundings(cols) + 8) * e);
        },
      },
    },
    call(kernels, { x, labels, weights: at, p, loss }) {
      const options = [...shape, smoothing, ignore] as const;
      kernels.crossEntropySmoothed(x, labels, weights ? at : 0, p, loss, ...options);
    },
  });
}

function smoothedGradCase(shape: RowShape, settings: Smoothing): KernelCase {
  const [rows, cols] = shape;
  const { smoothing, weights, ignore, text } = settings;
  const labels = labelsFor(shape, settings);
  const dloss = floats(rows, cols);
  // As the forward pass leaves it, but that its rows do not add up to 1.
  const p = floats(rows * cols, 3, 0, 1).map((v, at) =>
    labels[Math.floor(at / cols)] === ignore ? 0 : v,
  );
  const targets = targetsOf(labels, cols, settings);
  const masses = targets.map((t) => t.reduce((sum, v) => sum + v, 0));
  const rowOf = (at: number): number => Math.floor(at / cols);
  const slope = (at: number): number => dloss[rowOf(at)]!;
  const t = targets.flatMap((row) => [...row]);
  return kernelCase({
    what: `${shape.join(" x ")}, ${text}`,
    inputs: { p, labels, dloss, weights: weights ?? new Float32Array() },
    results: {
      dx: {
        expected: t.map((target, at) => (p[at]! * masses[rowOf(at)]! - target) * slope(at)),
        allowed(_, at) {
          const size = p[at]! * masses[rowOf(at)]!;
          // The sum of the weights is a sum of a row.
          const roundings = weights ? rowRoundings(cols) + 8 : 4;
          return roundings * U * (size + t[at]!) * Math.abs(slope(at)) + 2 ** -149;
        },
      },
    },
    call(kernels, { p, labels, weights: at, dloss, dx }) {
      const options = [...shape, smoothing, ignore] as const;
      kernels.crossEntropySmoothedGrad(p, labels, weights ? at : 0, dloss, dx, ...options);
    },
  });
}

function meanCase(shape: RowShape, settings: Smoothing): KernelCase {
  const [rows, cols] = shape;
  const { weights, ignore, text } = settings;
  const [loss, labels] = [floats(rows, cols, 0, 5), labelsFor(shape, settings)];
  loss.forEach((_, i) => (loss[i] = labels[i] === ignore ? 0 : loss[i]!));
  const options = { ignoreIndex: ignore, ...(weights && { classWeights: [...weights] }) };
  // The weighted number of rows that count; 1 over it is the mean of losses that are all 1.
  const total = labels.reduce((sum, l) => sum + (l === ignore ? 0 : (weights?.[l] ?? 1)), 0);
  return kernelCase({
    what: `${shape.join(" x ")}, ${text}`,
    inputs: { loss, labels, weights: weights ?? new Float32Array() },
    results: {
      y: {
        expected: [keptMean(loss, labels, options)],
        allowed: (e) => (rowRoundings(rows) + 3) * U * e,
      },
      scale: { expected: [total === 0 ? 0 : 1 / total], allowed: (e) => U * e },
    },
    call(kernels, { loss, labels, weights: at, y, scale }) {
      kernels.keptMean(loss, labels, weights ? at : 0, y, scale, rows, cols, ignore);
    },
  });
}

function meanGradCase([n]: RowShape): KernelCase {
  const [dy, scale] = [floats(1, n), floats(1, n + 1)];
  return kernelCase({
    what: `n = ${n}`,
    inputs: { dy, scale },
    results: { dloss: { expected: new Array<number>(n).fill(Math.fround(dy[0]! * scale[0]!)) } },
    call(kernels, { dy, scale, dloss }) {
      kernels.keptMeanGrad(dy, scale, dloss, n);
    },
  });
}

/** Returns cases of every shape with every smoothing. */
const withSmoothing = (make: typeof smoothedCase): KernelCase[] =>
  rowShapes.flatMap((shape) => smoothingsOf(shape).map((settings) => make(shape, settings)));

/** Numbers of rows that make short and long sums, and few classes. */
const meanShapes: readonly RowShape[] = [...rowShapes, [129, 3], [1027, 3]];

/** Returns cases of means, on which smoothing has no influence. */
export const meanCases = (): KernelCase[] =>
  meanShapes.flatMap((shape) => {
    const settings = smoothingsOf(shape).filter(({ smoothing }) => smoothing === 0);
    return settings.map((one) => meanCase(shape, { ...one, text: one.text.slice(14) }));
  });

export const meanGradCases = (): KernelCase[] => meanShapes.map(meanGradCase);

export const smoothedCases = (): KernelCase[] => withSmoothing(smoothedCase);

export const smoothedGradCases = (): KernelCase[] => withSmoothing(smoothedGradCase);
