import type { ActivationName } from "../graph/ops/activations.ts";
import { erfc, gated } from "./elementary.ts";
import { type Formula, U } from "./formula.ts";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Returns sigmoid(x) · (1 - sigmoid(x)), without losing digits for large x. */
const bell = (x: number): number => sigmoid(x) * sigmoid(-x);

/** The standard normal distribution and its density. */
const normal = (x: number): number => erfc(-x / Math.SQRT2) / 2;
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Argument of the sigmoid in GELU's approximation by tanh, and its slope. */
const ROOT = 2 * Math.sqrt(2 / Math.PI);
const twiceU = (x: number): number => ROOT * (x + 0.044715 * x ** 3);
const twiceUSlope = (x: number): number => ROOT * (1 + 3 * 0.044715 * x * x);
const geluTanhSlope = (x: number): number =>
  Math.abs(x) > 100 ? 0 : bell(twiceU(x)) * twiceUSlope(x);

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** tanh(softplus(x)), and its slope: (1 - tanh²) · sigmoid(x), with 1 - tanh² as 1 / cosh². */
const mishGate = (x: number): number => Math.tanh(softplus(x));
const mishSlope = (x: number): number => sigmoid(x) / Math.cosh(softplus(x)) ** 2;

/** Returns the error allowed for a subnormal e^x, where float32 has fewer digits. */
const subnormalExp = (x: number): number => (x < -87 ? 2 ** -147 : 0);

const SELU = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

/**
 * Returns the formula of y = x · gate(x). The slope is a sum of two terms that cancel below 0, so
 * its error is bounded by their magnitudes.
 * @param spread number of roundings of the result that an error of the exponential's argument is
 * worth
 */
function gatedBy(
  gate: (x: number) => number,
  gateSlope: (x: number) => number,
  spread: (x: number) => number = () => 0,
): Formula {
  // x may be infinite where the gate is flat, and 0 · ∞ is NaN.
  const moved = (x: number): number => (gateSlope(x) === 0 ? 0 : x * gateSlope(x));
  const value = (x: number): number => gated(x, gate(x));
  const below = (x: number): number => (gate(x) > 0 && x < 0 ? spread(x) : 0);
  // Far below 0 the gate is subnormal, and its lost digits are multiplied by at most 512.
  const subnormal = (x: number): number => (x < -9 ? 2 ** -140 : 0);
  return {
    value,
    slope: (x) => gate(x) + moved(x),
    parameters: [0],
    kinks: [],
    ulps: { value: 5, slope: 1 },
    extraError: {
      value: (x) => below(x) * U * Math.abs(value(x)) + subnormal(x),
      slope: (x) => (below(x) + 5) * U * (gate(x) + Math.abs(moved(x))) + subnormal(x),
    },
  };
}

export const activations: Record<ActivationName, Formula> = {
  relu: {
    value: (x) => (x < 0 ? 0 : x),
    slope: (x, _y, p) => (x < 0 ? 0 : x === 0 ? p : 1),
    parameters: [0, 1],
    kinks: [0],
    ulps: { value: 0, slope: 0 },
  },
  leakyRelu: {
    value: (x, p) => (x > 0 ? x : p * x),
    slope: (x, _y, p) => (x > 0 ? 1 : p),
    parameters: [Math.fround(0.01), Math.fround(0.3), 1, -0.5],
    kinks: [0],
    ulps: { value: 0.5, slope: 0.5 },
  },
  elu: {
    value: (x, p) => (x > 0 ? x : p * Math.expm1(x)),
    slope: (x, _y, p) => (x > 0 ? 1 : p * Math.exp(x)),
    parameters: [1, Math.fround(0.3), 2, 0],
    kinks: [0],
    ulps: { value: 2.5, slope: 2.5 },
    extraError: { slope: subnormalExp },
  },
  selu: {
    value: (x) => SELU.scale * (x > 0 ? x : SELU.alpha * Math.expm1(x)),
    slope: (x) => SELU.scale * (x > 0 ? 1 : SELU.alpha * Math.exp(x)),
    parameters: [0],
    kinks: [0],
    ulps: { value: 2.5, slope: 3 },
    extraError: { slope: subnormalExp },
  },
  // The exponential's argument is x²/2, and the square is rounded.
  gelu: gatedBy(normal, density, (x) => (x * x) / 2),
  // The sigmoid's argument has five roundings.
  geluTanh: gatedBy(
    (x) => sigmoid(twiceU(x)),
    geluTanhSlope,
    (x) => 5 * Math.abs(twiceU(x)),
  ),
  silu: gatedBy(sigmoid, bell),
  mish: gatedBy(mishGate, mishSlope),
  softplus: {
    value: (x, p) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(p * x))) / p,
    slope: (_x, y, p) => -Math.expm1(-p * y),
    parameters: [1, 2, Math.fround(0.3)],
    kinks: [],
    ulps: { value: 4, slope: 3 },
    // The exponential multiplies the rounding of p · x by p · x; below 0 the result is as small as
    // it.
    extraError: {
      value: (x, p) => (x < 0 ? Math.abs(p * x) * U * (Math.exp(p * x) / p) + 2 ** -147 : 0),
    },
  },
  softsign: {
    value: (x) => (Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x))),
    slope: (x) => 1 / (1 + Math.abs(x)) ** 2,
    parameters: [0],
    kinks: [],
    ulps: { value: 2, slope: 4 },
  },
  hardSigmoid: {
    value: (x) => Math.max(0, Math.min(6, x + 3)) / 6,
    slope: (_x, y) => (y > 0 && y < 1 ? 1 / 6 : 0),
    parameters: [0],
    kinks: [-3, 3],
    ulps: { value: 2, slope: 1 },
  },
  hardSwish: {
    value: (x) => gated(x, Math.max(0, Math.min(6, x + 3)) / 6),
    slope: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : (x + 1.5) / 3),
    parameters: [0],
    kinks: [-3, 3],
    ulps: { value: 3, slope: 3 },
  },
  sigmoid: {
    value: sigmoid,
    slope: (_x, y) => y * (1 - y),
    parameters: [0],
    kinks: [],
    ulps: { value: 2, slope: 2 },
  },
  tanh: {
    value: (x) => Math.tanh(x),
    slope: (_x, y) => (1 - y) * (1 + y),
    parameters: [0],
    kinks: [],
    ulps: { value: 4, slope: 3 },
  },
};
