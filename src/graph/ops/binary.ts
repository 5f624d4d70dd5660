import type { InstructionWords } from "../../../build/instructions.ts";
import type { Instruction } from "../../wasm/instruction.ts";
import type { Computation, GradientRule, Node, Operand, Recorder, Shape } from "../node.ts";
import { OUTPUT, describe, instruction, size } from "../node.ts";
import { sumTo } from "./reduce.ts";
import { type Axis, copyAlong, joinAxes, strides } from "./axes.ts";

/** The shape that two shapes broadcast to, by NumPy's rule, or undefined if they do not. */
export function broadcastShape(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const p = a[a.length - rank + i] ?? 1;
    const q = b[b.length - rank + i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) return undefined;
    shape.push(p === 1 ? q : p);
  }
  return shape;
}

/** Returns the shape that all nodes broadcast to. @throws RangeError if they do not */
export function broadcastAll(g: Recorder, op: string, nodes: readonly Node[]): Shape {
  const shape = nodes.reduce<Shape | undefined>(
    (joint, node) => joint && broadcastShape(joint, node.shape),
    [],
  );
  if (shape) return shape;
  const received = nodes.map((node) => describe(node.shape)).join(" and ");
  throw g.fail(op, `expected shapes that broadcast against each other, got ${received}`);
}

/** Returns x repeated along the axes that broadcasting adds or stretches, in storage of its own. */
export function broadcastTo(g: Recorder, x: Node, shape: Shape): Node {
  const computation: Computation = {
    op: "broadcastTo",
    ints: [x],
    gradient: (g, _node, dy) => [() => sumTo(g, dy, x.shape)],
    instruction: copyAlong(x, axes(x.shape, shape, shape)),
  };
  return g.append(computation, shape, x.type);
}

/** Elements to move along each axis of `shape` in an operand; 0 where it is broadcast. */
function steps(operand: Shape, shape: Shape): number[] {
  const own = strides(operand).map((stride, i) => (operand[i] === 1 ? 0 : stride));
  return [...new Array<number>(shape.length - own.length).fill(0), ...own];
}

/** Axes [length, stride of a, stride of b] for zip, neighbours joined where both move evenly. */
export function axes(a: Shape, b: Shape, shape: Shape): Axis[] {
  const [aSteps, bSteps] = [steps(a, shape), steps(b, shape)];
  return joinAxes(shape.map((length, i) => [length, aSteps[i]!, bSteps[i]!]));
}

/** An instruction that applies a kernel to two arrays which broadcast to a shape, element by element. */
export function zip(
  kernel: InstructionWords<Node>["zip"]["kernel"],
  a: Node,
  b: Node,
  shape: Shape,
  y: Operand = OUTPUT,
): Instruction<Operand> {
  const loops = axes(a.shape, b.shape, shape);
  return instruction("zip", { kernel, a, b, y, rank: loops.length, axes: loops.flat() });
}

type Gradients = (g: Recorder, a: Node, b: Node, y: Node, dy: Node) => [GradientRule, GradientRule];

/** An op on two arrays that broadcast against each other; its gradients are summed back. */
function binary(kernel: "add" | "sub" | "mul" | "div", gradients: Gradients) {
  return (g: Recorder, a: Node, b: Node): Node => {
    const shape = broadcastAll(g, kernel, [a, b]);
    const computation: Computation = {
      op: kernel,
      inPlace: size(a.shape) === size(shape) ? a : b,
      gradient(g, node, dy) {
        const [da, db] = gradients(g, a, b, node, dy);
        return [() => sumTo(g, da(), a.shape), () => sumTo(g, db(), b.shape)];
      },
      instruction: zip(kernel, a, b, shape),
    };
    return g.append(computation, shape);
  };
}

/**
 * a + b, element by element; shapes broadcast against each other by NumPy's rule.
 * @throws RangeError unless they do
 * @example
 * const a = g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * g.add(a, g.constant(Float32Array.of(10, 20))); // [[11, 22], [13, 24]]
 */
export const add = binary("add", (_g, _a, _b, _y, dy) => [() => dy, () => dy]);

/**
 * a - b, broadcasting as add.
 * @throws RangeError unless the shapes broadcast
 * @example
 * const a = g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * g.sub(a, g.constant(Float32Array.of(10, 20))); // [[-9, -18], [-7, -16]]
 */
export const sub = binary("sub", (g, _a, _b, _y, dy) => [() => dy, () => neg(g, dy)]);

/**
 * a · b, element by element, broadcasting as add.
 * @throws RangeError unless the shapes broadcast
 * @example
 * const a = g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * g.mul(a, g.constant(Float32Array.of(10, 20))); // [[10, 40], [30, 80]]
 */
export const mul = binary("mul", (g, a, b, _y, dy) => [() => mul(g, dy, b), () => mul(g, dy, a)]);

/**
 * a / b, element by element, broadcasting as add.
 * @throws RangeError unless the shapes broadcast
 * @example
 * const a = g.constant(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * g.div(a, g.constant(Float32Array.of(10, 20))); // [[0.1, 0.1], [0.3, 0.2]]
 */
export const div = binary("div", (g, _a, b, y, dy) => [
  () => div(g, dy, b),
  () => neg(g, div(g, mul(g, dy, y), b)),
]);

/**
 * -x.
 * @example
 * g.neg(g.constant(Float32Array.of(1, -2))); // [-1, 2]
 */
export function neg(g: Recorder, x: Node): Node {
  return mul(g, x, g.scalar(-1));
}
