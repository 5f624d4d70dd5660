import { describe, expect, it } from "vitest";
import { type ArrayValue, createEngine } from "../../src/index.ts";
import { activationNames } from "../../src/graph/ops/activations.ts";
import { unaryNames } from "../../src/graph/ops/unary.ts";
import { activations } from "../../src/reference/activations.ts";
import type { Formula } from "../../src/reference/formula.ts";
import { unary } from "../../src/reference/unary.ts";
import { floats } from "../../src/verify/numbers.ts";

const engine = await createEngine();

const formulas: Record<string, Omit<Formula, "parameters">> = { ...activations, ...unary };

/** Parameters of the activations that take one, for a graph's method. */
const parameters = { leakyRelu: 0.01, elu: 1, softplus: 1 } as const;
const parameterOf = (name: string): number =>
  Object.hasOwn(parameters, name) ? parameters[name as keyof typeof parameters] : 0;

/** Random numbers, where the function has a slope. */
function points(name: string): Float32Array {
  const low = name === "log" || name === "sqrt" || name === "reciprocal" ? 0.1 : -5;
  return floats(100, 11, low, 5);
}

describe.each([...activationNames, ...unaryNames])("%s in a graph", (name) => {
  const { value, slope } = formulas[name]!;
  const p = parameterOf(name);

  it("has the value and the gradient of its formula, next to another use of its input", () => {
    const x = points(name);
    const weights = floats(x.length, 12);
    const g = engine.graph();
    const node = g.parameter([4, 25], x);
    const scaled = g.mul(node, g.constant(1));
    const y = g[name](scaled);
    const both = g.add(g.mul(y, g.constant(weights, [4, 25])), scaled);
    const step = g.compile(g.sum(both), { outputs: [y] });
    step.run();
    const { data } = step.value(y) as ArrayValue;
    const gradient = (step.gradient(node) as ArrayValue).data;
    x.forEach((v, i) => {
      const exact = value(v, p);
      expect(Math.abs(data[i]! - exact), `y at ${v}`).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(exact)),
      );
      const h = 1e-5;
      const difference = (value(v + h, p) - value(v - h, p)) / (2 * h);
      const wanted = slope(v, exact, p) * weights[i]! + 1;
      expect(Math.abs(gradient[i]! - wanted), `slope at ${v}`).toBeLessThan(
        2e-6 * Math.max(1, Math.abs(wanted)),
      );
      expect(difference * weights[i]! + 1).toBeCloseTo(wanted, 4);
    });
    g.dispose();
  });

  it.each([[], [0], [1], [2, 0, 3]])("takes an array of shape [%s]", (...shape: number[]) => {
    const g = engine.graph();
    const node = g.parameter(shape, 0.5);
    const step = g.compile(g.sum(g[name](node)));
    step.run();
    const gradient = step.gradient(node);
    const expected = slope(0.5, value(0.5, p), p);
    for (const v of typeof gradient === "number" ? [gradient] : gradient.data) {
      expect(v).toBeCloseTo(expected, 5);
    }
    g.dispose();
  });
});

it("logarithms and roots of numbers below 0 are NaN, and so is what follows from them", () => {
  const g = engine.graph();
  const x = g.parameter([2], Float32Array.of(-1, 1));
  const outputs = [g.log(x), g.sqrt(x)];
  const loss = g.sum(g.add(outputs[0]!, outputs[1]!));
  const step = g.compile(loss, { outputs });
  step.run();
  expect(outputs.map((y) => [...(step.value(y) as ArrayValue).data])).toEqual([
    [NaN, 0],
    [NaN, 1],
  ]);
  expect(step.value(loss)).toBeNaN();
});
