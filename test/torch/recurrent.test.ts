import { describe, expect, it } from "vitest";
import { type Graph, type Node, createEngine } from "../../src/index.ts";
import { casesOf, check } from "./recorded.ts";
import type { Case, Reference } from "./reference.ts";

/** Recurrent layers of one or two directions and layers, from weights in the layout of PyTorch. */

const engine = await createEngine();

const all = casesOf("recurrent-cases.json").map(([title, example]) => {
  const { lengths, bidirectional = false, num_layers: layers = 1, nonlinearity } = example.attrs;
  const options = [lengths ? ` lengths ${String(lengths)}` : "", nonlinearity ? " relu" : ""];
  const ways = bidirectional ? "both ways" : "one way";
  return [`${title}: ${ways}, ${String(layers)} layers${options.join("")}`, example] as const;
});

type Inputs = Readonly<Record<string, Node>>;

/** Returns the rows of PyTorch's gates r, z, n in the order z, r, n. */
function reordered(g: Graph, rows: Node): Node {
  const units = rows.shape[0]! / 3;
  const gate = (i: number): Node => g.slice(rows, [i * units], [(i + 1) * units]);
  return g.concat([gate(1), gate(0), gate(2)], 0);
}

/** Records one direction of one layer. */
function direction(
  g: Graph,
  name: string,
  inputs: Inputs,
  suffix: string,
  x: Node,
  options: { h0?: Node; c0?: Node; lengths?: Node; reverse: boolean; relu: boolean },
) {
  const order = (node: Node): Node => (name === "gru" ? reordered(g, node) : node);
  const [weight, recurrent] = ["ih", "hh"].map((part) => {
    return g.transpose(order(inputs[`weight_${part}_${suffix}`]!), [1, 0]);
  }) as [Node, Node];
  const [own, other] = ["ih", "hh"].map((part) => order(inputs[`bias_${part}_${suffix}`]!)) as [
    Node,
    Node,
  ];
  const { relu, ...rest } = options;
  if (name === "lstm") return g.lstm(x, weight, recurrent, g.add(own, other), rest);
  if (name === "gru") {
    const rows = [own, other].map((bias) => g.reshape(bias, [1, bias.shape[0]!]));
    return { ...g.gru(x, weight, recurrent, g.concat(rows, 0), rest), c: undefined };
  }
  const activation = { name: relu ? "relu" : "tanh", parameter: 0 } as const;
  const sum = g.add(own, other);
  return { ...g.simpleRnn(x, weight, recurrent, sum, { ...rest, activation }), c: undefined };
}

function record(g: Graph, { name, attrs, output }: Case, inputs: Inputs): Node {
  const lengths = attrs.lengths as number[] | null | undefined;
  const ways = attrs.bidirectional ? ["", "_reverse"] : [""];
  const flat = (node: Node): Node => g.reshape(node, [node.shape.reduce((a, b) => a * b, 1)]);
  const states: { h: Node; c: Node | undefined }[] = [];
  let x = inputs.x!;
  for (let layer = 0; layer < Number(attrs.num_layers ?? 1); layer++) {
    const outputs = ways.map((way) => {
      const i = states.length;
      const state = (all: Node | undefined): Node | undefined =>
        all && g.reshape(g.slice(all, [i], [i + 1]), all.shape.slice(1));
      const [h0, c0] = [state(inputs.h0), state(inputs.c0)];
      const given = direction(g, name, inputs, `l${layer}${way}`, x, {
        ...(h0 && { h0 }),
        ...(c0 && { c0 }),
        ...(lengths && { lengths: g.constant(Int32Array.from(lengths)) }),
        reverse: way !== "",
        relu: attrs.nonlinearity === "relu",
      });
      states.push(given);
      return given.outputs;
    });
    x = g.concat(outputs, -1);
  }
  if (output.shape.length > 1) return x;
  const cells = states.flatMap(({ c }) => (c ? [flat(c)] : []));
  return g.concat([flat(x), ...states.map(({ h }) => flat(h)), ...cells], 0);
}

/** Error as a share of the largest number: some roundings for each step. */
const SHARE = 2e-6;

function boundOf({ data }: Reference): () => number {
  const largest = Math.max(...data.map(Math.abs));
  return () => SHARE * largest;
}

describe("recurrent layers as in PyTorch", () => {
  it.each(all)("%s", (_, example) => {
    const { grads, output } = example;
    const bounds = Object.entries({ ...grads, output }).map(([name, of]) => [name, boundOf(of)]);
    check(
      engine,
      example,
      (g, inputs) => record(g, example, inputs),
      Object.fromEntries(bounds) as Record<string, () => number>,
    );
  });

  it("are all of the file", () => {
    expect(all).toHaveLength(23);
  });
});
