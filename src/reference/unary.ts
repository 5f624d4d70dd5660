import type { UnaryName } from "../graph/ops/unary.ts";
import { erf } from "./elementary.ts";
import { type Formula, U } from "./formula.ts";

type Unary = Omit<Formula, "parameters">;

export const unary: Record<UnaryName, Unary> = {
  exp: {
    value: Math.exp,
    slope: (_x, y) => y,
    kinks: [],
    ulps: { value: 2, slope: 0.5 },
  },
  log: {
    value: Math.log,
    slope: (x) => 1 / x,
    kinks: [],
    ulps: { value: 3, slope: 0.5 },
  },
  sqrt: {
    value: Math.sqrt,
    slope: (_x, y) => 1 / (2 * y),
    kinks: [],
    ulps: { value: 0.5, slope: 0.5 },
  },
  square: {
    value: (x) => x * x,
    slope: (x) => 2 * x,
    kinks: [],
    ulps: { value: 0.5, slope: 1 },
  },
  abs: {
    value: Math.abs,
    slope: Math.sign,
    kinks: [0],
    ulps: { value: 0, slope: 0 },
  },
  reciprocal: {
    value: (x) => 1 / x,
    slope: (_x, y) => -y * y,
    kinks: [0],
    ulps: { value: 0.5, slope: 2 },
  },
  erf: {
    value: erf,
    slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
    kinks: [],
    ulps: { value: 4, slope: 3 },
    // The exponential multiplies the rounding of x² by x², and it may be subnormal.
    extraError: { slope: (x) => Math.min(x * x, 121) * 2 * U * Math.exp(-x * x) + 2 ** -148 },
  },
};
