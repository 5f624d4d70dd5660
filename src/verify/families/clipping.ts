import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { floats } from "../numbers.ts";

const counts = [0, 1, 2, 3, 4, 5, 6, 7, 15, 16, 17, 63, 511, 512, 513, 1000];

const MAX_NORM = 0.25;

/** Number that PyTorch adds to the norm before it divides by it. */
const NORM_EPSILON = 1e-6;

const LIMIT = 0.75;

function clipNormCase(n: number): KernelCase {
  const before = floats(n, n);
  const norm = Math.sqrt(before.reduce((sum, e) => sum + e * e, 0));
  const factor = Math.fround(Math.min(1, MAX_NORM / (norm + NORM_EPSILON)));
  return kernelCase({
    what: `n = ${n}, to ${MAX_NORM}`,
    inputs: {},
    results: { x: { before, expected: Float64Array.from(before, (e) => e * factor) } },
    // The kernel adds squares in float64, with a rounding for each.
    returns: { expected: norm, allowed: n * 2 ** -53 * norm },
    call: (kernels, { x }) => kernels.clipNorm(x, n, MAX_NORM),
  });
}

function clipValueCase(n: number): KernelCase {
  const before = floats(n, n, -2, 2);
  return kernelCase({
    what: `n = ${n}, to ${LIMIT}`,
    inputs: {},
    results: {
      x: {
        before,
        expected: Array.from(before, (e) => Math.min(LIMIT, Math.max(-LIMIT, e))),
      },
    },
    call(kernels, { x }) {
      kernels.clipValue(x, n, LIMIT);
    },
  });
}

export const clippingFamily: Family<"clipNorm" | "clipValue"> = {
  name: "clipping",
  kernels: { clipNorm: () => counts.map(clipNormCase), clipValue: () => counts.map(clipValueCase) },
};
