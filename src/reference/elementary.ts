/**
 * Elementary functions in float64, and bounds for the errors of those in assembly/, which hold over
 * all 2³² floats.
 */

/**
 * Computes erf x by a series whose terms all have the sign of x:
 * 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!.
 */
function erfSeries(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** Computes erfc x by Laplace's continued fraction, for x of at least 2. */
function erfcFraction(x: number): number {
  const density = Math.exp(-x * x);
  if (density === 0) return 0;
  let fraction = x;
  for (let n = 60; n > 0; n--) fraction = x + n / 2 / fraction;
  return density / (Math.sqrt(Math.PI) * fraction);
}

/** Returns erf x, the error function. */
export function erf(x: number): number {
  if (Math.abs(x) < 2) return erfSeries(x);
  return x > 0 ? 1 - erfcFraction(x) : x < 0 ? erfcFraction(-x) - 1 : x;
}

/** Returns 1 - erf x without losing digits for large x. */
export function erfc(x: number): number {
  return x >= 2 ? erfcFraction(x) : 1 - erf(x);
}

/** Returns x · gate, or the limit -0 if the gate is 0. */
export function gated(x: number, gate: number): number {
  return gate === 0 ? -0 : x * gate;
}

/** Kernels of the functions whose error is known for all floats. */
export type ElementaryName = "exp" | "log" | "sigmoid" | "tanh" | "softplus" | "erf" | "gelu";

interface Elementary {
  readonly exact: (x: number) => number;
  /** Error allowed, in units of the last place. */
  readonly ulps: number;
  /** Absolute error allowed, where it is more than that. */
  readonly absolute?: number;
}

export const elementary: Record<ElementaryName, Elementary> = {
  exp: { exact: Math.exp, ulps: 2 },
  log: { exact: Math.log, ulps: 3 },
  sigmoid: { exact: (x) => 1 / (1 + Math.exp(-x)), ulps: 2 },
  tanh: { exact: Math.tanh, ulps: 4 },
  softplus: {
    exact: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    ulps: 4,
  },
  erf: { exact: erf, ulps: 4 },
  // Below -2, where gelu vanishes, rounding the exponent costs more and more units of the result.
  gelu: {
    exact: (x) => gated(x, erfc(-x / Math.SQRT2) / 2),
    ulps: 5,
    absolute: 2 ** -24,
  },
};
