import { LINEAR } from "../../../build/constants.ts";
import type { InstructionWords } from "../../../build/instructions.ts";
import { type Computation, type Epilogue, type Node, OUTPUT, type Recorder } from "../node.ts";
import { type Operand, float, instruction, size } from "../node.ts";
import type { Instruction } from "../../wasm/instruction.ts";

/** Name of a kernel (x, y, n, parameter), whose gradient is NAMEGrad. */
export type MapKernel = InstructionWords<Node>["map"]["kernel"];

/** Array that a gradient needs besides dy: the input of the op, or its output. */
export type GradientSource = "x" | "y";

/**
 * A row of a table of functions y = f(x) that act element by element. Its key is the name of the
 * kernels: NAME (x, y, n, parameter) and NAMEGrad (x or y, dy, dx, n, parameter).
 */
export interface MapRow {
  /**
   * Returns the array that the gradient is computed from, which may depend on the parameter. If it
   * is y, x need not be kept: the function may work in place, or a product before it may apply it.
   */
  readonly gradientFrom: (parameter: number) => GradientSource;
  /** Default of the parameter; 0 for functions without one. */
  readonly parameter?: number;
}

/** Value of gradientFrom for rows whose gradient always needs x. */
export const fromX = (): GradientSource => "x";

/** Value of gradientFrom for rows whose gradient never needs x. */
export const fromY = (): GradientSource => "y";

/**
 * Returns the instruction of an op that can apply a function to each element of its value. Without such
 * a function of its own it can apply that of the op that follows (Computation.followedBy).
 */
export function withEpilogue(
  make: (f: Epilogue) => Instruction<Operand>,
  own?: Epilogue,
): Pick<Computation, "instruction" | "followedBy"> {
  if (own) return { instruction: make(own) };
  return { instruction: make({ activation: LINEAR, parameter: float(0) }), followedBy: make };
}

/** Appends dx, given dy, from x or y, as the row requests. */
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

/** Appends y = f(x), element by element. */
export function map(g: Recorder, name: MapKernel, row: MapRow, parameter: number, x: Node): Node {
  const computation: Computation = {
    op: name,
    inPlace: x,
    applies: { activation: name, parameter: float(parameter) },
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
