import { describe, expect, it } from "vitest";
import type { Graph, Node } from "../../src/index.ts";
import { type CellName, gatesOf } from "../../src/reference/recurrent.ts";
import { type Shape, type Trial, engine, run } from "../support/trials.ts";

/** Recurrent ops against their formulas, and gradients through all steps against central differences. */

const names = Object.keys(gatesOf) as CellName[];

interface Sizes {
  readonly batch: number;
  readonly steps: number;
  readonly features: number;
  readonly units: number;
  readonly lengths?: readonly number[];
  /** True for lengths in float32. */
  readonly floating?: boolean;
  readonly reverse?: boolean;
  /** Number of inputs, of x, both weights, bias, h0 and c0. */
  readonly inputs?: number;
  readonly scale?: number;
}

/** Returns all results as one list: outputs, h, and c of an LSTM. */
function results(g: Graph, given: { outputs: Node; h: Node; c?: Node }): Node {
  const flat = (node: Node): Node => g.reshape(node, [node.shape.reduce((a, b) => a * b, 1)]);
  return g.concat([given.outputs, given.h, ...(given.c ? [given.c] : [])].map(flat), 0);
}

function trial(op: CellName, sizes: Sizes): Trial {
  const {
    batch,
    steps,
    features,
    units,
    lengths,
    floating,
    reverse,
    inputs = 6,
    scale = 0.5,
  } = sizes;
  const List = floating ? Float32Array : Int32Array;
  const columns = gatesOf[op] * units;
  const shapes: readonly Shape[] = [
    [batch, steps, features],
    [features, columns],
    [units, columns],
    op === "gru" ? [2, columns] : [columns],
    [batch, units],
    ...(op === "lstm" ? [[batch, units]] : []),
  ];
  return {
    shapes: shapes.slice(0, inputs),
    attributes: [{ lengths, reverse, scale }],
    record(g, [x, weight, recurrentWeight, bias, h0, c0]) {
      const factor = g.constant(scale);
      const [w, u] = [g.mul(weight!, factor), g.mul(recurrentWeight!, factor)];
      const options = {
        ...(h0 && { h0 }),
        ...(lengths && { lengths: g.constant(List.from(lengths)) }),
        ...(reverse !== undefined && { reverse }),
      };
      if (op !== "lstm") return results(g, g[op](x!, w, u, bias, options));
      return results(g, g.lstm(x!, w, u, bias, { ...options, ...(c0 && { c0 }) }));
    },
  };
}

describe.each(names)("%s", (op) => {
  const some = { batch: 3, steps: 4, features: 3, units: 5 };
  const tried: Sizes[] = [
    ...[1, 2, 3, 4, 7, 8, 9, 17].map((units) => ({ ...some, units })),
    ...[1, 2, 4, 5, 8, 17].map((batch) => ({ ...some, batch, steps: 2 })),
    { ...some, units: 65, batch: 2, steps: 3, scale: 0.1 },
    { ...some, steps: 1 },
    { ...some, steps: 9, scale: 0.3 },
    { ...some, reverse: true },
    { ...some, inputs: 3 },
    { ...some, inputs: 4 },
    { ...some, lengths: [4, 0, 2] },
    { ...some, lengths: [1, 3, 4], reverse: true },
    { ...some, lengths: [0, 0, 0] },
    { ...some, lengths: [4, 0, 2], floating: true },
    { ...some, lengths: [1, 3, 4], reverse: true, floating: true },
    { ...some, lengths: [9, -1, 2.5], floating: true },
    { ...some, lengths: [0, 0, 0], inputs: 4, reverse: true },
    { ...some, batch: 5, steps: 6, units: 9, lengths: [6, 5, 1, 0, 3], scale: 0.3 },
    { ...some, batch: 0 },
    { ...some, steps: 0 },
  ];
  run(
    op,
    tried.map((sizes) => trial(op, sizes)),
  );
});

describe("recurrent ops", () => {
  const g = engine.graph();
  const node = (...shape: number[]): Node =>
    g.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  const [x, weight, recurrent] = [node(2, 3, 4), node(4, 20), node(5, 20)];

  it("name what does not fit", () => {
    expect(() => g.lstm(node(2, 3), weight, recurrent)).toThrow(
      "lstm: expected sequences [batch, steps, features], got [2, 3]",
    );
    expect(() => g.lstm(x, node(3, 20), recurrent)).toThrow(
      "lstm: expected a weight [4, 20], got [3, 20]",
    );
    expect(() => g.lstm(x, weight, node(5, 15))).toThrow(
      "lstm: expected a recurrent weight [5, 20], got [5, 15]",
    );
    expect(() => g.gru(x, node(4, 15), node(5, 15), node(15))).toThrow(
      "gru: expected a bias [2, 15], got [15]",
    );
    expect(() => g.lstm(x, weight, recurrent, undefined, { h0: node(3, 5) })).toThrow(
      "lstm: expected h0 [2, 5], got [3, 5]",
    );
    expect(() => g.lstm(x, weight, recurrent, undefined, { c0: node(2, 4) })).toThrow(
      "lstm: expected c0 [2, 5], got [2, 4]",
    );
    const lengths = g.constant(Int32Array.of(1, 2, 3));
    expect(() => g.lstm(x, weight, recurrent, undefined, { lengths })).toThrow(
      "lstm: expected lengths [2], got [3]",
    );
    expect(() => g.lstm(x, weight, recurrent, undefined, { lengths: 3 as never })).toThrow(
      new TypeError("lstm: expected lengths to be a node; constant() makes one of numbers, got 3"),
    );
    const gelu = { name: "gelu", parameter: 0 } as const;
    expect(() => g.simpleRnn(x, node(4, 5), node(5, 5), undefined, { activation: gelu })).toThrow(
      "simpleRnn: expected an activation whose gradient needs its result alone, such as tanh or relu, got gelu",
    );
  });
});
