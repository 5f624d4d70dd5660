import { describe, expect, it } from "vitest";
import { type Graph, type Node, createEngine } from "../../src/index.ts";

const engine = await createEngine();

/** A scalar of scalars, with the derivative by each. */
function derivatives(
  values: readonly number[],
  record: (g: Graph, nodes: Node[]) => Node,
): { value: unknown; gradients: unknown[] } {
  const g = engine.graph();
  const nodes = values.map((value) => g.parameter([], value));
  const loss = record(g, nodes);
  const step = g.compile(loss);
  step.run();
  step.run(); // A second run must not add to the first.
  return { value: step.value(loss), gradients: nodes.map((node) => step.gradient(node)) };
}

describe("the reverse sweep", () => {
  it("gives J = 3(a + bc) and its derivatives", () => {
    const result = derivatives([5, 3, 2], (g, [a, b, c]) =>
      g.mul(g.constant(3), g.add(a!, g.mul(b!, c!))),
    );
    expect(result).toEqual({ value: 33, gradients: [3, 6, 9] });
  });

  it("adds up what the uses of a node ask for", () => {
    const square = derivatives([3], (g, [a]) => g.mul(a!, a!));
    expect(square).toEqual({ value: 9, gradients: [6] });
    const twice = derivatives([3], (g, [a]) => g.add(a!, a!));
    expect(twice).toEqual({ value: 6, gradients: [2] });
    const many = derivatives([2], (g, [a]) => {
      const b = g.mul(a!, a!);
      return g.add(g.add(g.mul(b, b), b), g.sub(a!, g.div(b, a!)));
    });
    expect(many).toEqual({ value: 20, gradients: [36] });
    const quotient = derivatives([4], (g, [a]) => g.div(a!, a!));
    expect(quotient).toEqual({ value: 1, gradients: [0] });
    const none = derivatives([4], (g, [a]) => g.sub(a!, a!));
    expect(none).toEqual({ value: 0, gradients: [0] });
  });

  it("shares a gradient between two parameters", () => {
    expect(derivatives([5, 7], (g, [a, b]) => g.add(a!, b!))).toEqual({
      value: 12,
      gradients: [1, 1],
    });
    const three = derivatives([5, 7, 9], (g, [a, b, c]) =>
      g.mul(g.constant(2), g.add(g.add(a!, b!), c!)),
    );
    expect(three).toEqual({ value: 42, gradients: [2, 2, 2] });
  });

  it("takes a loss that is a parameter itself", () => {
    expect(derivatives([5, 7], (_g, [a]) => a!)).toEqual({ value: 5, gradients: [1, 0] });
  });

  it("takes a loss that is a constant, or a view of a parameter", () => {
    expect(derivatives([5], (g) => g.constant(4))).toEqual({ value: 4, gradients: [0] });
    const g = engine.graph();
    const a = g.parameter([1, 1], 6);
    const loss = g.reshape(a, []);
    const step = g.compile(loss);
    step.run();
    expect(step.value(loss)).toBe(6);
    expect(step.gradient(a)).toEqual({ data: new Float32Array([1]), shape: [1, 1] });
  });

  it("gives a parameter without influence 0", () => {
    const result = derivatives([5, 7], (g, [a, b]) => {
      g.mul(b!, g.constant(100));
      return g.mul(a!, a!);
    });
    expect(result).toEqual({ value: 25, gradients: [10, 0] });
  });

  it("passes over a node that does not lead to the loss, though it uses one that does", () => {
    const result = derivatives([2, 3], (g, [a, b]) => {
      const shared = g.mul(a!, b!);
      g.mul(shared, shared);
      return g.add(shared, a!);
    });
    expect(result).toEqual({ value: 8, gradients: [4, 2] });
  });

  it("differentiates nodes that are recorded after an earlier compile", () => {
    const g = engine.graph();
    const a = g.parameter([], 3);
    const square = g.mul(a, a);
    g.compile(square).run();
    const loss = g.mul(square, g.constant(5));
    const step = g.compile(loss);
    step.run();
    expect([step.value(loss), step.gradient(a)]).toEqual([45, 30]);
  });

  it("stops at a constant and at an input", () => {
    const g = engine.graph();
    const x = g.input("x", [2]);
    const w = g.parameter([2], 1);
    const loss = g.sum(g.mul(g.mul(x, x), w));
    const step = g.compile(loss);
    step.run({ x: new Float32Array([2, 3]) });
    expect(step.gradient(w)).toEqual({ data: new Float32Array([4, 9]), shape: [2] });
    expect(() => step.gradient(x)).toThrow(RangeError);
  });

  it("gives the slopes of relu and leakyRelu at and below 0", () => {
    const x = new Float32Array([-2, -0, 0, 3]);
    const slopes = (record: (g: Graph, x: Node) => Node): unknown => {
      const g = engine.graph();
      const node = g.parameter([4], x);
      const step = g.compile(g.sum(record(g, node)));
      step.run();
      return step.gradient(node);
    };
    const data = (...values: number[]) => ({ data: new Float32Array(values), shape: [4] });
    expect(slopes((g, x) => g.relu(x))).toEqual(data(0, 0, 0, 1));
    expect(slopes((g, x) => g.relu(x, 1))).toEqual(data(0, 1, 1, 1));
    expect(slopes((g, x) => g.leakyRelu(x, 0.25))).toEqual(data(0.25, 0.25, 0.25, 1));
    expect(slopes((g, x) => g.leakyRelu(x, 0))).toEqual(data(0, 0, 0, 1));
    expect(slopes((g, x) => g.leakyRelu(x, -0.5))).toEqual(data(-0.5, -0.5, -0.5, 1));
  });

  it("refuses a slope that is no number", () => {
    const g = engine.graph();
    const x = g.parameter([4], 1);
    expect(() => g.leakyRelu(x, NaN)).toThrow(RangeError);
    expect(() => g.relu(x, 0.5)).toThrow(RangeError);
  });
});
