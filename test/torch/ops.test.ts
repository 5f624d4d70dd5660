import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { activationBounds, matrixBounds } from "./bounds.ts";
import { check } from "./recorded.ts";
import { cases, expectClose } from "./reference.ts";

const engine = await createEngine();

type Unary = "sigmoid" | "tanh" | "relu" | "leakyRelu" | "softmax";
type Binary = "add" | "sub" | "mul" | "div";

describe("activations as in PyTorch", () => {
  it.each(cases("activation"))("%s", (_, example) => {
    check(engine, example, (g, { x }) => g[example.name as Unary](x!), activationBounds(example));
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
    check(engine, example, (g, { a, b }) => g[example.name as Binary](a!, b!));
  });
});

describe("matrix products as in PyTorch", () => {
  it.each(cases("matmul"))("%s", (_, example) => {
    check(engine, example, (g, { a, b }) => g.matmul(a!, b!), matrixBounds(example));
  });

  it.each(cases("layer"))("%s", (_, example) => {
    check(
      engine,
      example,
      (g, { x, weight, bias }) => g.dense(x!, weight!, bias),
      matrixBounds(example),
    );
  });
});

describe("reductions as in PyTorch", () => {
  it.each(cases("reduce"))("%s", (_, example) => {
    check(engine, example, (g, { x }) =>
      g[example.name as "sum" | "mean"](x!, Number(example.attrs.axis)),
    );
  });
});

it("finds cases of every kind", () => {
  const kinds = ["activation", "activation-extreme", "binary", "matmul", "layer", "reduce"];
  expect(kinds.map((kind) => cases(kind).length)).toEqual([6, 2, 4, 6, 6, 2]);
});
