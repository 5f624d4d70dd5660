import { describe, expect, it } from "vitest";
import { type ArrayValue, type Graph, type Node, createEngine } from "../../src/index.ts";
import { floats } from "../engine/fixtures.ts";

const engine = await createEngine();

type Shape = readonly number[];
type Op = "add" | "sub" | "mul" | "div";

const size = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

const formulas: Record<Op, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
};

/** The element of an operand that NumPy's rule puts at a position of the result. */
function operandIndex(operand: Shape, shape: Shape, flat: number): number {
  let index = 0;
  let step = 1;
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    const position = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
    const own = axis - shape.length + operand.length;
    if (own < 0) break;
    if (operand[own] !== 1) index += position * step;
    step *= operand[own]!;
  }
  return index;
}

/** sum(weights · op(a, b)) in float64. */
function loss(op: Op, shapes: Shape[], operands: Float64Array[], weights: Float32Array): number {
  const [a, b, shape] = shapes as [Shape, Shape, Shape];
  let total = 0;
  for (let i = 0; i < size(shape); i++) {
    const left = operands[0]![operandIndex(a, shape, i)]!;
    total += weights[i]! * formulas[op](left, operands[1]![operandIndex(b, shape, i)]!);
  }
  return total;
}

const pairs: [a: Shape, b: Shape, result: Shape][] = [
  [
    [2, 3],
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3], [2, 3]],
  [[3], [2, 3], [2, 3]],
  [[2, 3], [], [2, 3]],
  [[], [4], [4]],
  [
    [2, 3],
    [2, 1],
    [2, 3],
  ],
  [
    [2, 1],
    [1, 3],
    [2, 3],
  ],
  [
    [4, 1, 3],
    [5, 1],
    [4, 5, 3],
  ],
  [[1], [1, 1], [1, 1]],
  [
    [2, 1, 3, 1],
    [5, 1, 4],
    [2, 5, 3, 4],
  ],
  [
    [1, 7],
    [9, 1],
    [9, 7],
  ],
];

describe.each(["add", "sub", "mul", "div"] as const)("gradients of %s under broadcasting", (op) => {
  it.each(pairs)("%j and %j", (a, b, shape) => {
    const values = [a, b].map((operand, i) => floats(size(operand), i + 1));
    // Away from 0, where a quotient's differences would be large.
    values[1]!.forEach((value, i) => (values[1]![i] = value + Math.sign(value) || 1));
    const weights = floats(size(shape), 3);
    const g = engine.graph();
    const nodes = [g.parameter(a, values[0]!), g.parameter(b, values[1]!)];
    const y = g[op](nodes[0]!, nodes[1]!);
    expect(y.shape).toEqual(shape);
    const step = g.compile(g.sum(g.mul(y, g.constant(weights, shape))));
    step.run();
    const operands = values.map((value) => Float64Array.from(value));
    const shapes = [a, b, shape];
    operands.forEach((operand, side) => {
      const gradient = flat(step.gradient(nodes[side]!));
      operand.forEach((value, i) => {
        const h = 1e-4;
        operand[i] = value + h;
        const above = loss(op, shapes, operands, weights);
        operand[i] = value - h;
        const below = loss(op, shapes, operands, weights);
        operand[i] = value;
        expect(gradient[i]).toBeCloseTo((above - below) / (2 * h), 4);
      });
    });
  });
});

function flat(value: number | ArrayValue): number[] {
  return typeof value === "number" ? [value] : [...value.data];
}

describe("views", () => {
  /** The value and the gradient of a loss of one parameter that holds 1, 2, 3... */
  function of(shape: Shape, record: (g: Graph, x: Node) => Node): [unknown, number[]] {
    const g = engine.graph();
    const x = g.parameter(
      shape,
      Float32Array.from({ length: size(shape) }, (_, i) => i + 1),
    );
    const y = record(g, x);
    const step = g.compile(y);
    step.run();
    return [step.value(y), flat(step.gradient(x))];
  }

  it("reads and differentiates through a reshape", () => {
    const weights = new Float32Array([1, 10, 100]);
    const [value, gradient] = of([2, 3], (g, x) =>
      g.sum(g.mul(g.sum(g.reshape(x, [3, 2]), 1), g.constant(weights, [3]))),
    );
    expect(value).toBe(3 + 70 + 1100);
    expect(gradient).toEqual([1, 1, 10, 10, 100, 100]);
  });

  it("passes reshapes of reshapes, and both shapes of one array", () => {
    const [value, gradient] = of([4], (g, x) => {
      const square = g.reshape(g.reshape(x, [1, 4]), [2, 2]);
      return g.sum(g.mul(g.reshape(square, [4]), x));
    });
    expect(value).toBe(30);
    expect(gradient).toEqual([2, 4, 6, 8]);
  });

  it("does not let an op in place overwrite what a view still reads", () => {
    const [value, gradient] = of([2, 2], (g, x) => {
      const doubled = g.add(x, x);
      const view = g.reshape(doubled, [4]);
      const negated = g.neg(doubled);
      return g.sum(g.add(g.reshape(negated, [4]), g.mul(view, view)));
    });
    expect(value).toBe(4 * 30 - 20);
    expect(gradient).toEqual([6, 14, 22, 30]);
  });

  it("keeps an output that is a view", () => {
    const g = engine.graph();
    const x = g.parameter([2, 2], new Float32Array([1, 2, 3, 4]));
    const tripled = g.mul(x, g.constant(3));
    const view = g.reshape(tripled, [4]);
    const loss = g.sum(g.tanh(g.neg(tripled)));
    const step = g.compile(loss, { outputs: [view] });
    step.run();
    expect(step.value(view)).toEqual({ data: new Float32Array([3, 6, 9, 12]), shape: [4] });
  });

  it("gives the gradient of a parameter that is only reshaped", () => {
    const [, gradient] = of([1, 1], (g, x) => g.reshape(x, []));
    expect(gradient).toEqual([1]);
  });

  it("means over an axis and over all", () => {
    expect(of([2, 2], (g, x) => g.mean(x))).toEqual([2.5, [0.25, 0.25, 0.25, 0.25]]);
    const [value, gradient] = of([2, 3], (g, x) =>
      g.sum(g.mul(g.mean(x, -2), g.constant(new Float32Array([1, 2, 3]), [3]))),
    );
    expect(value).toBe(2.5 + 7 + 13.5);
    expect(gradient).toEqual([0.5, 1, 1.5, 0.5, 1, 1.5]);
  });
});
