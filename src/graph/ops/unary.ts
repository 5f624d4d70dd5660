import type { Node, Recorder } from "../node.ts";
import { type MapRow, fromX, fromY, map } from "./map.ts";

/** Elementary functions of one array, element by element. NaN stays NaN. */
export const unaryTable = {
  /**
   * e^x.
   * @example
   * g.exp(g.constant(Float32Array.of(-1, 0, 1))); // [0.3679, 1, 2.718]
   */
  exp: { gradientFrom: fromY },
  /**
   * The natural logarithm: -∞ at 0, NaN below 0.
   * @example
   * g.log(g.constant(Float32Array.of(0, 1, 10))); // [-Infinity, 0, 2.303]
   */
  log: { gradientFrom: fromX },
  /**
   * The square root: NaN below 0, with an infinite slope at 0.
   * @example
   * g.sqrt(g.constant(Float32Array.of(0, 2, 9))); // [0, 1.414, 3]
   */
  sqrt: { gradientFrom: fromY },
  /**
   * x².
   * @example
   * g.square(g.constant(Float32Array.of(-3, 0, 2))); // [9, 0, 4]
   */
  square: { gradientFrom: fromX },
  /**
   * |x|; its slope at exactly 0 is 0, as in PyTorch.
   * @example
   * g.abs(g.constant(Float32Array.of(-3, 0, 2))); // [3, 0, 2]
   */
  abs: { gradientFrom: fromX },
  /**
   * 1 / x.
   * @example
   * g.reciprocal(g.constant(Float32Array.of(-4, 0.5, 2))); // [-0.25, 2, 0.5]
   */
  reciprocal: { gradientFrom: fromY },
  /**
   * The error function, 2/√π ∫₀ˣ e^(-t²) dt.
   * @example
   * g.erf(g.constant(Float32Array.of(-1, 0, 1))); // [-0.8427, 0, 0.8427]
   */
  erf: { gradientFrom: fromX },
} as const satisfies Record<string, MapRow>;

export type UnaryName = keyof typeof unaryTable;

export const unaryNames = Object.keys(unaryTable) as UnaryName[];

/** Type of the ops, mapped from the table's own keys, which keeps the docstrings of the rows. */
type UnaryOps = { readonly [K in keyof typeof unaryTable]: (g: Recorder, x: Node) => Node };

/** Ops of this table, under the names of their methods. */
export const unaryOps = Object.fromEntries(
  unaryNames.map((name) => [name, (g: Recorder, x: Node) => map(g, name, unaryTable[name], 0, x)]),
) as UnaryOps;
