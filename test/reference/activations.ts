import type { ActivationName } from "../../src/graph/ops/activations.ts";

/** An activation in float64, and how far a float32 kernel may be off. */
interface Formula {
  /** f(x), p its parameter. */
  value(x: number, p: number): number;
  /** f'(x), with y = f(x) at hand. */
  slope(x: number, y: number, p: number): number;
  /** Parameters to try. */
  readonly parameters: readonly number[];
  /** Where f has no slope. */
  readonly kinks: readonly number[];
  /** Largest errors in units of the last place: of y, and of dx for the y that the kernel is given. */
  readonly ulps: { readonly value: number; readonly slope: number };
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
    parameters: [Math.fround(0.01), Math.fround(0.3), 1],
    kinks: [0],
    ulps: { value: 0.5, slope: 0.5 },
  },
  sigmoid: {
    value: (x) => 1 / (1 + Math.exp(-x)),
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
