import { describe, expect, it } from "vitest";
import type { Graph, Node } from "../../src/index.ts";
import { type ActivationName, chooseActivation } from "../../src/graph/ops/activations.ts";
import { activationTable, canFuse } from "../../src/graph/ops/activations.ts";
import { bits, floats } from "../engine/fixtures.ts";
import { expectWithin } from "../support/expect.ts";
import { type Shape, engine, flat } from "../support/trials.ts";

/** Ways to record a convolution that give the same. */

type Recording = (g: Graph, nodes: Node[]) => Node;

/** A graph's y, and the gradients of Σ y² of its inputs. */
function results(shapes: readonly Shape[], record: Recording): Float32Array[] {
  const g = engine.graph();
  const nodes = shapes.map((shape, i) => {
    const length = shape.reduce((product, n) => product * n, 1);
    return g.parameter(shape, floats(length, i + 1));
  });
  const y = record(g, nodes);
  const step = g.compile(g.sum(g.square(y)), { outputs: [y] });
  step.run();
  const found = [step.value(y), ...nodes.map((node) => step.gradient(node))];
  const arrays = found.map((value) => flat(value).slice());
  g.dispose();
  return arrays;
}

const bitsOf = (shapes: readonly Shape[], record: Recording): number[][] =>
  results(shapes, record).map((array) => [...bits(array)]);

const shapes = [
  [2, 5, 4, 3],
  [3, 2, 3, 5],
];

describe("an activation", () => {
  const names = Object.keys(activationTable) as ActivationName[];
  const parameterOf: Partial<Record<ActivationName, number>> = {
    leakyRelu: 0.25,
    elu: 0.5,
    softplus: 2,
  };

  it.each(names)("%s has the bits of a node of its own", (name) => {
    const choice = chooseActivation(name, parameterOf[name]);
    const apply = (g: Graph, z: Node): Node => g[name](z, parameterOf[name]);
    const filters = [[...shapes, [5]], shapes];
    for (const all of filters) {
      const fused = bitsOf(all, (g, [x, w, b]) => g.conv2d(x!, w!, b, { padding: 1 }, choice));
      const apart = bitsOf(all, (g, [x, w, b]) => apply(g, g.conv2d(x!, w!, b, { padding: 1 })));
      expect(fused).toEqual(apart);
    }
    const upwards = [[2, 3, 4, 5], [3, 2, 3, 5], [3]];
    const options = { stride: 2, outputPadding: 1 };
    const fused = bitsOf(upwards, (g, [x, w, b]) => g.conv2dTranspose(x!, w!, b, options, choice));
    const apart = bitsOf(upwards, (g, [x, w, b]) =>
      apply(g, g.conv2dTranspose(x!, w!, b, options)),
    );
    expect(fused).toEqual(apart);
  });

  it("fuses in some of them and not in others", () => {
    const fusing = names.filter((name) => canFuse(chooseActivation(name, parameterOf[name])));
    expect(fusing).toContain("relu");
    expect(names.length).toBeGreaterThan(fusing.length);
  });
});

describe("a kernel of one pixel", () => {
  it("is a dense layer of pixels", () => {
    const pixel = [[2, 3, 4, 5], [1, 1, 5, 7], [7]];
    const conv = bitsOf(pixel, (g, [x, w, b]) => g.conv2d(x!, w!, b));
    const dense = bitsOf(pixel, (g, [x, w, b]) => g.dense(x!, g.reshape(w!, [5, 7]), b));
    expect(conv).toEqual(dense);
  });

  it("has the bits of those pixels alone where it has a stride, which takes another kernel", () => {
    const all = [
      [2, 5, 5, 5],
      [1, 1, 5, 7],
    ];
    const strided = bitsOf(all, (g, [x, w]) => g.conv2d(x!, w!, undefined, { stride: 2 }));
    const sliced = bitsOf(all, (g, [x, w]) => {
      return g.conv2d(g.slice(x!, [0, 0, 0, 0], [2, 5, 5, 5], [1, 2, 2, 1]), w!);
    });
    expect(strided).toEqual(sliced);
  });
});

describe("gradients", () => {
  const weights = [
    [1, 6, 6, 4],
    [3, 3, 4, 4],
  ];

  it("of a weight that is used twice are the sum of both", () => {
    const [y, dx, dw] = results(weights, (g, [x, w]) => g.conv2d(g.conv2d(x!, w!), w!));
    const g = engine.graph();
    const nodes = [...weights, weights[1]!].map((shape, i) => {
      const length = shape.reduce((product, n) => product * n, 1);
      return g.parameter(shape, floats(length, Math.min(i, 1) + 1));
    });
    const apart = g.conv2d(g.conv2d(nodes[0]!, nodes[1]!), nodes[2]!);
    const step = g.compile(g.sum(g.square(apart)), { outputs: [apart] });
    step.run();
    expect([...bits(y!)]).toEqual([...bits(flat(step.value(apart)))]);
    expect([...bits(dx!)]).toEqual([...bits(flat(step.gradient(nodes[0]!)))]);
    const [first, second] = [nodes[1]!, nodes[2]!].map((node) => flat(step.gradient(node)));
    const sums = first!.map((value, i) => value + second![i]!);
    expectWithin(dw!, sums, (value) => 2 ** -20 * Math.max(1, Math.abs(value)));
    g.dispose();
  });

  it("of the weight are the same where x needs none", () => {
    const [, , dw] = results(weights, (g, [x, w]) => g.conv2d(x!, w!, undefined, { stride: 2 }));
    const g = engine.graph();
    const x = g.constant(floats(6 * 6 * 4, 1), weights[0]);
    const w = g.parameter(weights[1]!, floats(3 * 3 * 16, 2));
    const step = g.compile(g.sum(g.square(g.conv2d(x, w, undefined, { stride: 2 }))));
    step.run();
    expect([...bits(flat(step.gradient(w)))]).toEqual([...bits(dw!)]);
    g.dispose();
  });

  it("of x are the same where the weight needs none", () => {
    const [, dx] = results(weights, (g, [x, w]) => g.conv2d(x!, w!, undefined, { padding: 1 }));
    const g = engine.graph();
    const x = g.parameter(weights[0]!, floats(6 * 6 * 4, 1));
    const w = g.constant(floats(3 * 3 * 16, 2), weights[1]);
    const step = g.compile(g.sum(g.square(g.conv2d(x, w, undefined, { padding: 1 }))));
    step.run();
    expect([...bits(flat(step.gradient(x)))]).toEqual([...bits(dx!)]);
    g.dispose();
  });
});

it("a convolution of sequences is one of images of one row", () => {
  const options = { stride: 2, dilation: 2 };
  const sequence = bitsOf([[2, 11, 3], [3, 3, 4], [4]], (g, [x, w, b]) =>
    g.conv1d(x!, w!, b, options),
  );
  const along = { stride: [1, 2], dilation: [1, 2] } as const;
  const image = bitsOf([[2, 1, 11, 3], [1, 3, 3, 4], [4]], (g, [x, w, b]) =>
    g.conv2d(x!, w!, b, along),
  );
  expect(sequence).toEqual(image);
});

it("groups are convolutions of their channels, side by side", () => {
  const all = [
    [2, 5, 4, 6],
    [3, 3, 3, 8],
  ];
  const [grouped] = bitsOf(all, (g, [x, w]) => g.conv2d(x!, w!, undefined, { groups: 2 }));
  const [apart] = bitsOf(all, (g, [x, w]) => {
    const part = (i: number) => {
      const channels = g.slice(x!, [0, 0, 0, 3 * i], [2, 5, 4, 3 * i + 3]);
      return g.conv2d(channels, g.slice(w!, [0, 0, 0, 4 * i], [3, 3, 3, 4 * i + 4]));
    };
    return g.concat([part(0), part(1)], 3);
  });
  expect(grouped).toEqual(apart);
});

it("with causal padding no result depends on later steps", () => {
  const steps = (last: number): number[] => {
    const g = engine.graph();
    const x = g.parameter([1, 9, 2], floats(18, 1).fill(last, 12));
    const w = g.constant(floats(18, 2), [3, 2, 3]);
    const y = g.conv1d(x, w, undefined, { padding: "causal", dilation: 2 });
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    const values = [...flat(step.value(y))];
    g.dispose();
    return values;
  };
  const [one, other] = [steps(1), steps(5)];
  // Six of nine steps of three filters each.
  expect(one.slice(0, 18)).toEqual(other.slice(0, 18));
  expect(one.slice(18)).not.toEqual(other.slice(18));
});

it("many small images are summed in ranges, as few are", () => {
  // Some ranges of images have sums of their own from 2048 pixels on.
  const images = 70;
  const all = [[images, 9, 9, 2], [3, 3, 2, 3], [3]];
  const [, , dw, db] = results(all, (g, [x, w, b]) =>
    g.mul(g.conv2d(x!, w!, b, { padding: 1 }), g.constant(0.01)),
  );
  const [, , whole, wholeBias] = results(all, (g, [x, w, b]) => {
    const halves = [0, 30].map((from, i) => {
      const part = g.slice(x!, [from, 0, 0, 0], [[30, images][i]!, 9, 9, 2]);
      return g.conv2d(part, w!, b, { padding: 1 });
    });
    return g.mul(g.concat(halves, 0), g.constant(0.01));
  });
  expectWithin(dw!, whole!, (value) => 2 ** -18 * Math.max(0.1, Math.abs(value)));
  expectWithin(db!, wholeBias!, (value) => 2 ** -18 * Math.max(0.1, Math.abs(value)));
});
