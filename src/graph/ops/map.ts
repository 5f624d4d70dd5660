import type { DifferentiableKernel } from "../../wasm/build.ts";
import { type Computation, type Node, OUTPUT, type Recorder, float, size } from "../node.ts";

/** What a gradient needs besides dy: the op's input, or its output alone. */
export type GradientSource = "x" | "y";

/**
 * A row of a table of functions y = f(x) that act element by element, by the name of their kernels:
 * NAME (x, y, n, parameter) and NAMEGrad (x, y, dy, dx, n, parameter).
 */
export interface MapRow {
  /**
   * What the gradient is taken from, which may hang on the parameter. Where y is enough, x need not
   * be kept: the function may work in place, also inside of the product that it follows.
   */
  readonly gradientFrom: (parameter: number) => GradientSource;
  /** The parameter's default; 0 where it takes none. */
  readonly parameter?: number;
}

/** For rows whose gradient always needs x. */
export const fromX = (): GradientSource => "x";

/** For rows whose gradient can always be had from y. */
export const fromY = (): GradientSource => "y";

/** dx from dy, with x or y at hand, whichever the row asks for. */
export function mapGrad(
  g: Recorder,
  name: DifferentiableKernel,
  { gradientFrom }: MapRow,
  parameter: number,
  nodes: { readonly x: Node; readonly y: Node; readonly dy: Node },
): Node {
  const from = nodes[gradientFrom(parameter)];
  const { dy } = nodes;
  const args = [from, from, dy, OUTPUT, size(dy.shape), float(parameter)];
  const backward = `${name}Grad` as const;
  const computation: Computation = {
    op: backward,
    inPlace: dy,
    record: ["mapGradRecord", backward, ...args],
  };
  return g.record(computation, dy.shape);
}

/** y = f(x), element by element. */
export function map(
  g: Recorder,
  name: DifferentiableKernel,
  row: MapRow,
  parameter: number,
  x: Node,
): Node {
  const computation: Computation = {
    op: name,
    inPlace: x,
    gradient: (g, node, dy) => [() => mapGrad(g, name, row, parameter, { x, y: node, dy })],
    record: ["mapRecord", name, x, OUTPUT, size(x.shape), float(parameter)],
  };
  return g.record(computation, x.shape);
}
