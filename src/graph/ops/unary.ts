import type { Node, Recorder } from "../node.ts";
import { type MapRow, fromX, fromY, map } from "./map.ts";

/** Elementary functions of one array, element by element. NaN is carried. */
export const unaryTable = {
  /** e^x. */
  exp: { gradientFrom: fromY },
  /** The natural logarithm: -∞ at 0, NaN below 0. */
  log: { gradientFrom: fromX },
  /** The square root: NaN below 0, an infinite slope at 0. */
  sqrt: { gradientFrom: fromY },
  /** x². */
  square: { gradientFrom: fromX },
  /** |x|; its slope at exactly 0 is 0, as in PyTorch. */
  abs: { gradientFrom: fromX },
  /** 1 / x. */
  reciprocal: { gradientFrom: fromY },
  /** The error function, 2/√π ∫₀ˣ e^(-t²) dt. */
  erf: { gradientFrom: fromX },
} as const satisfies Record<string, MapRow>;

export type UnaryName = keyof typeof unaryTable;

export const unaryNames = Object.keys(unaryTable) as UnaryName[];

/** By the table's own keys, with which the docstrings of its rows go. */
type UnaryOps = { readonly [K in keyof typeof unaryTable]: (g: Recorder, x: Node) => Node };

/** A recording function for every row of the table. */
export const unaryOps = Object.fromEntries(
  unaryNames.map((name) => [name, (g: Recorder, x: Node) => map(g, name, unaryTable[name], 0, x)]),
) as UnaryOps;
