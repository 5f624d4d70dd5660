import type { InstructionWords } from "../../../build/instructions.ts";
import { type Computation, type Node, OUTPUT, type Recorder } from "../node.ts";
import { float, instruction, size } from "../node.ts";

/** A kernel (x, y, n, parameter), whose gradient is NAMEGrad. */
export type MapKernel = InstructionWords<Node>["map"]["kernel"];

/** What a gradient needs besides dy: the op's input, or its output alone. */
export type GradientSource = "x" | "y";

/**
 * A row of a table of functions y = f(x) that act element by element, by the name of their kernels:
 * NAME (x, y, n, parameter) and NAMEGrad (x or y, dy, dx, n, parameter).
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
  name: MapKernel,
  { gradientFrom }: MapRow,
  parameter: number,
  nodes: { readonly x: Node; readonly y: Node; readonly dy: Node },
): Node {
  const { dy } = nodes;
  const kernel = `${name}Grad` as const;
  const computation: Computation = {
    op: kernel,
    inPlace: dy,
    instruction: instruction("mapGrad", {
      kernel,
      v: nodes[gradientFrom(parameter)],
      dy,
      dx: OUTPUT,
      n: size(dy.shape),
      parameter: float(parameter),
    }),
  };
  return g.append(computation, dy.shape);
}

/** y = f(x), element by element. */
export function map(g: Recorder, name: MapKernel, row: MapRow, parameter: number, x: Node): Node {
  const computation: Computation = {
    op: name,
    inPlace: x,
    gradient: (g, node, dy) => [() => mapGrad(g, name, row, parameter, { x, y: node, dy })],
    instruction: instruction("map", {
      kernel: name,
      x,
      y: OUTPUT,
      n: size(x.shape),
      parameter: float(parameter),
    }),
  };
  return g.append(computation, x.shape);
}
