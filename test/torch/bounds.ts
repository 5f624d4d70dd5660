import { moments } from "../../src/reference/norm.ts";
import type { Case, Reference } from "./reference.ts";

/**
 * Bounds for results that cancel: a relative tolerance asks too much of a sum that is small because
 * its terms are of both signs. By the standard analysis (Higham, "Accuracy and stability of
 * numerical algorithms", 3.1), a sum of k products of rounded numbers, in any order, is off by at
 * most (k + 2) units of rounding of the sum of the products' magnitudes.
 */
export type Bound = (i: number) => number;

/** Errors that are allowed besides the tolerance, by what is compared: "output", or an input. */
export type Bounds = Readonly<Record<string, Bound>>;

/** Half of float32's spacing at 1. */
export const UNIT = 2 ** -24;

/** Returns the bound of op(a)·op(b), each given with its stored shape. */
function productBound(a: Reference, b: Reference, transA: boolean, transB: boolean): Bound {
  const [rowsA, colsA] = a.shape as [number, number];
  const [rowsB, colsB] = b.shape as [number, number];
  const k = transA ? rowsA : colsA;
  const n = transB ? rowsB : colsB;
  return (i) => {
    const row = Math.floor(i / n);
    const col = i % n;
    let magnitude = 0;
    for (let p = 0; p < k; p++) {
      const x = a.data[transA ? p * colsA + row : row * colsA + p]!;
      const y = b.data[transB ? col * colsB + p : p * colsB + col]!;
      magnitude += Math.abs(x * y);
    }
    return (k + 2) * UNIT * magnitude;
  };
}

/** Returns the bounds of y = a·b or x·weight + bias and of its gradients. */
export function matrixBounds({ inputs, upstream }: Case): Bounds {
  const left = (inputs.a ?? inputs.x)!;
  const right = (inputs.b ?? inputs.weight)!;
  return {
    output: productBound(left, right, false, false),
    [inputs.a ? "a" : "x"]: productBound(upstream, right, false, true),
    [inputs.b ? "b" : "weight"]: productBound(left, upstream, true, false),
  };
}

/**
 * Gradients from a rounded y. The kernels' sigmoid and tanh are off by at most 2.5 spacings of
 * float32, 5 units of y. 1 - y² and y·(1 - y) turn an error e of y into 2·y·e and (1 - 2·y)·e, which
 * is all there is where y is near 1.
 */
export function activationBounds({ name, output, upstream }: Case): Bounds {
  const slopes: Record<string, (y: number) => number> = {
    tanh: (y) => 2 * y,
    sigmoid: (y) => 1 - 2 * y,
  };
  const slope = slopes[name];
  const gradient: Bound = (i) => {
    const y = output.data[i]!;
    return slope ? Math.abs(upstream.data[i]! * slope(y) * 5 * UNIT * y) : 0;
  };
  return { x: name === "softmax" ? softmaxGradientBound(output, upstream) : gradient };
}

/**
 * y · (dy - Σ y·dy): the sum has k terms, and each y is e^x (two spacings, 4 units) over a sum of k
 * such, so it is off by k + 6 units.
 */
function softmaxGradientBound(y: Reference, dy: Reference): Bound {
  const k = y.shape.at(-1)!;
  return (i) => {
    const start = i - (i % k);
    let magnitude = Math.abs(dy.data[i]!);
    for (let j = start; j < start + k; j++) magnitude += Math.abs(y.data[j]! * dy.data[j]!);
    return (2 * k + 8) * UNIT * y.data[i]! * magnitude;
  };
}

/**
 * Returns the bound of the gradient of layerNorm's x: (g - mean of g - x̂ · mean of g · x̂) / σ for
 * g = dy · weight, whose terms may cancel. Each is off by the rounding of x, dy, weight, σ and x̂, of a
 * product or two, and of the differences: 8 units.
 */
export function layerNormSlopeBound({ inputs, upstream, attrs }: Case): Bound {
  const { x, weight } = inputs as Record<string, Reference>;
  const n = weight!.shape[0]!;
  return (i) => {
    const first = i - (i % n);
    const row = x!.data.slice(first, first + n);
    const [mean, variance] = moments(row);
    const scale = 1 / Math.sqrt(variance + Number(attrs.eps));
    const g = weight!.data.map((w, j) => Math.abs(w * upstream.data[first + j]!));
    const hat = row.map((v) => Math.abs(v - mean) * scale);
    const along = g.reduce((sum, v, j) => sum + v * hat[j]!, 0) / n;
    const terms = g[i - first]! + g.reduce((sum, v) => sum + v, 0) / n + hat[i - first]! * along;
    return 8 * UNIT * scale * terms;
  };
}
