import type { Node, Recorder } from "../node.ts";
import { type MapRow, fromX, fromY, map } from "./map.ts";

/** Elementary functions of one array, element by element. NaN is carried. */
export const unaryTable = {
  /** e^x. */
  exp: { forward: "exp", backward: "expGrad", gradientFrom: fromY, parameter: 0 },
  /** The natural logarithm: -∞ at 0, NaN below 0. */
  log: { forward: "log", backward: "logGrad", gradientFrom: fromX, parameter: 0 },
  /** The square root: NaN below 0, an infinite slope at 0. */
  sqrt: { forward: "sqrt", backward: "sqrtGrad", gradientFrom: fromY, parameter: 0 },
  /** x². */
  square: { forward: "square", backward: "squareGrad", gradientFrom: fromX, parameter: 0 },
  /** |x|; its slope at exactly 0 is 0, as in PyTorch. */
  abs: { forward: "abs", backward: "absGrad", gradientFrom: fromX, parameter: 0 },
  /** 1 / x. */
  reciprocal: {
    forward: "reciprocal",
    backward: "reciprocalGrad",
    gradientFrom: fromY,
    parameter: 0,
  },
  /** The error function, 2/√π ∫₀ˣ e^(-t²) dt. */
  erf: { forward: "erf", backward: "erfGrad", gradientFrom: fromX, parameter: 0 },
} as const satisfies Record<string, MapRow>;

export type UnaryName = keyof typeof unaryTable;

export const unaryNames = Object.keys(unaryTable) as UnaryName[];

/** By the table's own keys, with which the docstrings of its rows go. */
type UnaryOps = { readonly [K in keyof typeof unaryTable]: (g: Recorder, x: Node) => Node };

/** A recording function for every row of the table. */
export const unaryOps = Object.fromEntries(
  unaryNames.map((name) => {
    const row = unaryTable[name];
    return [name, (g: Recorder, x: Node) => map(g, name, row, row.parameter, x)];
  }),
) as UnaryOps;
