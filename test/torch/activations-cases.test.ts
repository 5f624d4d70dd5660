import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { activationBounds } from "./bounds.ts";
import { type Case, type Reference, expectClose } from "./reference.ts";

/** Every activation that PyTorch was asked for, and exp and erf; at the extremes without gradient. */
const file = new URL("activations-cases.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Case[] };

const engine = await createEngine();

const rowNames = ["softmax", "logSoftmax"] as const;
const names = [
  ...(["sigmoid", "tanh", "relu", "leakyRelu", "elu", "selu", "gelu", "geluTanh"] as const),
  ...(["silu", "mish", "softplus", "hardSigmoid", "hardSwish"] as const),
];
type Name = (typeof names)[number] | (typeof rowNames)[number] | "exp" | "erf";

const titled = (kind: string): [string, Case][] =>
  cases
    .filter((example) => example.kind === kind)
    .map((example) => [`${example.name} of [${example.inputs.x!.shape.join(", ")}]`, example]);

const floatsOf = ({ data }: Reference): Float32Array => Float32Array.from(data);

describe("as in PyTorch", () => {
  it.each(titled("activation"))("%s", (_, example) => {
    const { inputs, output, upstream, grads } = example;
    const g = engine.graph();
    const x = g.parameter(inputs.x!.shape, floatsOf(inputs.x!));
    const y = g[example.name as Name](x);
    const loss = g.sum(g.mul(y, g.constant(floatsOf(upstream), upstream.shape)));
    const step = g.compile(loss, { outputs: [y] });
    step.run();
    expectClose("output", step.value(y), output);
    expectClose("gradient of x", step.gradient(x), grads.x!, activationBounds(example).x);
    g.dispose();
  });

  it.each(titled("activation-extreme"))("at the extremes: %s", (_, { name, inputs, output }) => {
    const g = engine.graph();
    const x = g.parameter(inputs.x!.shape, floatsOf(inputs.x!));
    const y = g[name as Name](x);
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    expectClose("output", step.value(y), output);
    g.dispose();
  });

  it("leaves no case out", () => {
    expect(titled("activation")).toHaveLength(19);
    expect(titled("activation-extreme")).toHaveLength(6);
    const used = new Set(cases.map(({ name }) => name));
    expect([...used].sort()).toEqual([...names, ...rowNames, "exp", "erf"].sort());
  });
});
