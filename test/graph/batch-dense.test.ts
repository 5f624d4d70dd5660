import { describe, expect, it } from "vitest";
import type { Graph, Node } from "../../src/index.ts";
import { type ActivationName, chooseActivation } from "../../src/graph/ops/activations.ts";
import { bits, floats, wrong } from "../engine/fixtures.ts";
import { type Shape, engine, flat } from "../support/trials.ts";

/** The bits of y and of the gradients of x, weight and bias of one way to record y. */
function results(shapes: readonly Shape[], record: (g: Graph, nodes: Node[]) => Node): number[][] {
  const g = engine.graph();
  const nodes = shapes.map((shape, i) => {
    const length = shape.reduce((product, n) => product * n, 1);
    return g.parameter(shape, floats(length, i + 1));
  });
  const y = record(g, nodes);
  const step = g.compile(g.sum(g.square(y)), { outputs: [y] });
  step.run();
  const found = [step.value(y), ...nodes.map((node) => step.gradient(node))];
  const words = found.map((value) => [...bits(flat(value))]);
  g.dispose();
  return words;
}

describe("dense with a weight for each matrix of a batch", () => {
  const shapes: (readonly [Shape, Shape])[] = [
    [
      [2, 3, 4],
      [2, 4, 5],
    ],
    [
      [3, 1, 2, 4],
      [2, 4, 17],
    ],
    [
      [5, 4],
      [3, 4, 2],
    ],
    [
      [2, 0, 4],
      [2, 4, 3],
    ],
  ];

  it.each(shapes)("of %j and %j has the bits of matmul, add and activation", (x, weight) => {
    for (const name of ["relu", "tanh", "gelu"] as ActivationName[]) {
      const choice = chooseActivation(name);
      const all = [x, weight, [weight.at(-1)!]];
      const fused = results(all, (g, [a, b, bias]) => g.dense(a!, b!, bias, choice));
      const apart = results(all, (g, [a, b, bias]) => {
        const z = g.add(g.matmul(a!, b!), bias!);
        return g[choice.name](z);
      });
      expect(fused).toEqual(apart);
    }
  });

  it("refuses an activation whose parameter is missing or out of range", () => {
    const g = engine.graph();
    const x = g.parameter([2, 2], 1);
    for (const choice of [
      { name: "softplus" },
      { name: "leakyRelu", parameter: NaN },
      { name: "x" },
    ]) {
      expect(() => g.dense(x, x, undefined, wrong(choice))).toThrow(
        "dense: expected activation to be an activation { name, parameter } with a parameter in its range",
      );
    }
    g.dispose();
  });

  it("refuses a bias of other columns, and batches that do not fit", () => {
    const g = engine.graph();
    const [x, weight] = [g.parameter([2, 3, 4], 0), g.parameter([2, 4, 5], 0)];
    expect(() => g.dense(x, weight, g.parameter([2, 5], 0))).toThrow(
      new RangeError("dense: expected a bias of [5], got [2, 5]"),
    );
    expect(() => g.dense(x, g.parameter([3, 4, 5], 0))).toThrow(
      new RangeError(
        "dense: expected batches that broadcast against each other, got [2, 3, 4] and [3, 4, 5]",
      ),
    );
    g.dispose();
  });
});
