import {
  type AttentionOperands,
  type AttentionSettings,
  type AttentionSizes,
  attention,
  dropoutFactors,
  probabilities,
} from "../../reference/attention.ts";
import { U } from "../compare.ts";

type Numbers = ArrayLike<number>;

/** Returns Σ |a[i]| · |b[j]| of two rows of n columns. */
function magnitude(a: Numbers, i: number, b: Numbers, j: number, n: number): number {
  let sum = 0;
  for (let c = 0; c < n; c++) sum += Math.abs(a[i * n + c]! * b[j * n + c]!);
  return sum;
}

/**
 * Returns bounds of the errors of all results. A score is off by its roundings, and a probability by a
 * share: twice the largest error of a score of its row, the roundings of exponential, sum and quotient, and
 * of the logarithm. Products add a rounding for each term.
 */
export function boundsOf(
  t: AttentionSizes,
  { q, k, v }: AttentionOperands,
  dy: Numbers,
  settings: AttentionSettings,
) {
  const { keys, depth, valueDepth } = t;
  const { p, logSumExp } = probabilities(t, { q, k }, settings);
  const factors = dropoutFactors(t, settings.dropout);
  const { y } = attention(t, { q, k, v }, settings);
  const zeros = (numbers: Numbers) => new Float64Array(numbers.length);
  const bounds = {
    y: zeros(y),
    logSumExp: zeros(logSumExp),
    dq: zeros(q),
    dk: zeros(k),
    dv: zeros(v),
  };
  const terms = keys + t.queries;
  logSumExp.forEach((log, row) => {
    const first = Math.floor(row / t.queries) * keys;
    const score = (j: number): number =>
      (depth + 3) * U * settings.scale * magnitude(q, row, k, first + j, depth);
    let worst = 0;
    for (let j = 0; j < keys; j++) if (p[row * keys + j]! > 0) worst = Math.max(worst, score(j));
    const size = Number.isFinite(log) ? Math.abs(log) : 0;
    const share = 2 * worst + (keys + 20 + 2 * size) * U;
    bounds.logSumExp[row] = worst + (keys + 20 + 2 * size) * U;
    const weights = Array.from(
      { length: keys },
      (_, j) => p[row * keys + j]! * factors[row * keys + j]!,
    );
    let dot = 0;
    let dotError = 0;
    for (let c = 0; c < valueDepth; c++) {
      const sum = weights.reduce(
        (all, w, j) => all + w * Math.abs(v[(first + j) * valueDepth + c]!),
        0,
      );
      const at = row * valueDepth + c;
      bounds.y[at] = (share + keys * U) * sum;
      dot += dy[at]! * y[at]!;
      dotError += Math.abs(dy[at]!) * (bounds.y[at] + (valueDepth + 3) * U * Math.abs(y[at]!));
    }
    for (let j = 0; j < keys; j++) {
      const at = row * keys + j;
      const factor = factors[at]!;
      let slope = 0;
      for (let c = 0; c < valueDepth; c++) {
        slope += factor * dy[row * valueDepth + c]! * v[(first + j) * valueDepth + c]!;
      }
      const size = factor * magnitude(dy, row, v, first + j, valueDepth);
      const difference = Math.abs(slope - dot);
      const own = (share + (terms + 4) * U) * difference + (valueDepth + 4) * U * size + dotError;
      const error = settings.scale * p[at]! * own;
      for (let c = 0; c < depth; c++) {
        bounds.dq[row * depth + c]! += error * Math.abs(k[(first + j) * depth + c]!);
        bounds.dk[(first + j) * depth + c]! += error * Math.abs(q[row * depth + c]!);
      }
      for (let c = 0; c < valueDepth; c++) {
        const size = Math.abs(weights[j]! * dy[row * valueDepth + c]!);
        bounds.dv[(first + j) * valueDepth + c]! += (share + (terms + 4) * U) * size;
      }
    }
  });
  return bounds;
}
