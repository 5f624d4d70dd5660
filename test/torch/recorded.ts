import { readFileSync } from "node:fs";
import type { Engine, Graph, Node } from "../../src/index.ts";
import type { Bounds } from "./bounds.ts";
import { type Case, expectClose } from "./reference.ts";

/** The cases of a file next to this one, with a title each. */
export function casesOf(file: string): [title: string, example: Case][] {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  const { cases } = JSON.parse(text) as { readonly cases: readonly Case[] };
  return cases.map((example) => {
    const shapes = Object.values(example.inputs).map(({ shape }) => `[${shape.join(", ")}]`);
    return [`${example.kind} ${example.name} ${shapes.join(" ")}`, example];
  });
}

/** Runs an op on a case's inputs and compares its output and every gradient. */
export function check(
  engine: Engine,
  example: Case,
  record: (g: Graph, inputs: Readonly<Record<string, Node>>) => Node,
  bounds: Bounds = {},
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
  expectClose("output", step.value(y), output, bounds.output);
  for (const [name, gradient] of Object.entries(grads)) {
    expectClose(`gradient of ${name}`, step.gradient(nodes[name]!), gradient, bounds[name]);
  }
  g.dispose();
}
