import { describe, expect, it } from "vitest";
import { type Graph, type Node, createEngine } from "../../src/index.ts";
import { type Bound, activationBound, matrixBound } from "./bounds.ts";
import { type Case, cases, expectClose } from "./reference.ts";

const engine = await createEngine();

/**
 * Runs an op on a case's inputs and compares its output and every gradient.
 * @param boundOf a rounding bound of the output or of an input's gradient, where one is derived
 */
function check(
  example: Case,
  record: (g: Graph, inputs: Readonly<Record<string, Node>>) => Node,
  boundOf: (what: string) => Bound = () => () => 0,
): void {
  const { inputs, output, upstream, grads } = example;
  const g = engine.graph();
  const nodes = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      g.parameter(shape, Float32Array.from(data)),
    ]),
  );
  const y = record(g, nodes);
  const weights = g.constant(Float32Array.from(upstream.data), upstream.shape);
  const step = g.compile(g.sum(g.mul(y, weights)), { outputs: [y] });
  step.run();
  expectClose("output", step.value(y), output, boundOf("output"));
  for (const [name, gradient] of Object.entries(grads)) {
    expectClose(`gradient of ${name}`, step.gradient(nodes[name]!), gradient, boundOf(name));
  }
  g.dispose();
}

type Unary = "sigmoid" | "tanh" | "relu" | "leakyRelu" | "softmax";
type Binary = "add" | "sub" | "mul" | "div";

describe("activations as in PyTorch", () => {
  it.each(cases("activation"))("%s", (_, example) => {
    check(example, (g, { x }) => g[example.name as Unary](x!), activationBound(example));
  });

  it.each(cases("activation-extreme"))("at the extremes: %s", (_, example) => {
    const g = engine.graph();
    const { shape, data } = example.inputs.x!;
    const y = g[example.name as Unary](g.parameter(shape, Float32Array.from(data)));
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    expectClose("output", step.value(y), example.output);
  });
});

describe("broadcasting as in PyTorch", () => {
  it.each(cases("binary"))("%s", (_, example) => {
    check(example, (g, { a, b }) => g[example.name as Binary](a!, b!));
  });
});

describe("matrix products as in PyTorch", () => {
  it.each(cases("matmul"))("%s", (_, example) => {
    check(example, (g, { a, b }) => g.matmul(a!, b!), matrixBound(example));
  });

  it.each(cases("layer"))("%s", (_, example) => {
    check(example, (g, { x, weight, bias }) => g.dense(x!, weight!, bias), matrixBound(example));
  });
});

describe("reductions as in PyTorch", () => {
  it.each(cases("reduce"))("%s", (_, example) => {
    check(example, (g, { x }) => g[example.name as "sum" | "mean"](x!, Number(example.attrs.axis)));
  });
});

it("finds cases of every kind", () => {
  const kinds = ["activation", "activation-extreme", "binary", "matmul", "layer", "reduce"];
  expect(kinds.map((kind) => cases(kind).length)).toEqual([6, 2, 4, 6, 6, 2]);
});
