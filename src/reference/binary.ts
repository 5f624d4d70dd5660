import type { KernelName } from "../wasm/build.ts";

/** Kernels of two operands, element by element. */
export type BinaryName = Extract<
  KernelName,
  "add" | "sub" | "mul" | "div" | "greater" | "greaterEqual" | "equal" | "notEqual"
>;

/** Formulas in float64. Rounding their results to float32 gives the same as rounding once. */
export const binary: Record<BinaryName, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  greater: (a, b) => Number(a > b),
  greaterEqual: (a, b) => Number(a >= b),
  equal: (a, b) => Number(a === b),
  notEqual: (a, b) => Number(a !== b),
};
