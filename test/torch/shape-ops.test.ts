import { describe, expect, it } from "vitest";
import { type Graph, type Node, createEngine } from "../../src/index.ts";
import type { Case } from "./reference.ts";
import { casesOf, check } from "./recorded.ts";

const engine = await createEngine();

const all = casesOf("shape-cases.json");

/** Functions that record the op of each case. */
const ops: Readonly<Record<string, (g: Graph, inputs: Inputs, example: Case) => Node>> = {
  add: (g, { a, b }) => g.add(a!, b!),
  sub: (g, { a, b }) => g.sub(a!, b!),
  mul: (g, { a, b }) => g.mul(a!, b!),
  div: (g, { a, b }) => g.div(a!, b!),
  sum: (g, { x }, { attrs }) => g.sum(x!, Number(attrs.axis)),
  mean: (g, { x }, { attrs }) => g.mean(x!, Number(attrs.axis)),
  max: (g, { x }, { attrs }) => g.max(x!, Number(attrs.axis)),
  transpose: (g, { x }, { attrs }) => g.transpose(x!, attrs.permutation as number[]),
  concat: (g, { a, b }, { attrs }) => g.concat([a!, b!], Number(attrs.axis)),
  batchMatmul: (g, { a, b }) => g.matmul(a!, b!),
};

type Inputs = Readonly<Record<string, Node>>;

describe("as in PyTorch", () => {
  it.each(all)("%s", (_, example) => {
    // The sums of products cancel: 12 terms of about 1 each may leave 12 roundings of them.
    const rounding = (): number => 12 * 2 ** -24;
    const products = { output: rounding, a: rounding, b: rounding };
    const bounds = example.name === "batchMatmul" ? products : {};
    check(engine, example, (g, inputs) => ops[example.name]!(g, inputs, example), bounds);
  });

  it("knows every op of the file", () => {
    expect(new Set(all.map(([, { name }]) => name))).toEqual(new Set(Object.keys(ops)));
  });
});
