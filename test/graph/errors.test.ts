import { describe, expect, it } from "vitest";
import { type Layer, constant, createEngine, dense } from "../../src/index.ts";
import { mse, network, sequential, sgd } from "../../src/index.ts";
import { wrong } from "../engine/fixtures.ts";

const engine = await createEngine();

/** A graph with parameters of some shapes. */
function graphOf(...shapes: number[][]) {
  const g = engine.graph();
  return { g, nodes: shapes.map((shape) => g.parameter(shape, 1)) };
}

describe("recording names the op and both shapes", () => {
  it.each(["add", "sub", "mul", "div"] as const)("%s of shapes that do not broadcast", (op) => {
    const { g, nodes } = graphOf([2, 3], [4]);
    expect(() => g[op](nodes[0]!, nodes[1]!)).toThrow(
      new RangeError(
        `${op}: expected shapes that broadcast against each other, got [2, 3] and [4]`,
      ),
    );
  });

  it("matmul of sizes that do not fit, under either transpose", () => {
    const { g, nodes } = graphOf([2, 3], [4, 5]);
    const [a, b] = nodes;
    const text = "matmul: expected inner sizes of";
    const shapes = "[2, 3] and [4, 5]";
    expect(() => g.matmul(a!, b!)).toThrow(`${text} a·b that agree, got 3 and 4: ${shapes}`);
    expect(() => g.matmul(a!, b!, true)).toThrow(`${text} aᵀ·b that agree, got 2 and 4: ${shapes}`);
    expect(() => g.matmul(a!, b!, false, true)).toThrow(
      `${text} a·bᵀ that agree, got 3 and 5: ${shapes}`,
    );
    expect(() => g.matmul(a!, b!, true, true)).toThrow(RangeError);
  });

  it("matmul of what is no matrix", () => {
    const { g, nodes } = graphOf([2, 3, 4], [4]);
    expect(() => g.matmul(nodes[0]!, nodes[1]!)).toThrow(
      new RangeError("matmul: expected two matrices, got [2, 3, 4] and [4]"),
    );
  });

  it("dense with a bias that does not fit", () => {
    const { g, nodes } = graphOf([2, 3], [3, 4], [3]);
    expect(() => g.dense(nodes[0]!, nodes[1]!, nodes[2])).toThrow(
      new RangeError("dense: expected a bias of [4], got [3]"),
    );
  });

  it.each(["mse", "bce", "bceWithLogits"] as const)("%s of two shapes", (op) => {
    const { g, nodes } = graphOf([2, 3], [3, 2]);
    expect(() => g[op](nodes[0]!, nodes[1]!)).toThrow(/^\w+: expected .*\[2, 3\] and \[3, 2\]$/);
  });

  it.each([
    [[2, 3], [3]],
    [
      [2, 3],
      [2, 4],
    ],
    [[2], [3]],
    [
      [2, 0],
      [2, 0],
    ],
  ])("crossEntropy of %j and %j", (logits, target) => {
    const { g, nodes } = graphOf(logits, target);
    expect(() => g.crossEntropy(nodes[0]!, nodes[1]!)).toThrow(
      `got [${logits.join(", ")}] and [${target.join(", ")}]`,
    );
  });

  it("class indices of another shape, with a hint where there is one for each example", () => {
    const g = engine.graph();
    const logits = g.parameter([2, 3, 4], 0);
    const expected =
      "crossEntropy: expected logits [..., classes] and class indices [...] or rows of probabilities";
    for (const [shape, hint] of [
      [[2], "; flatten() or a global pool gives rows"],
      [[3, 2], ""],
      [[2, 3, 4], ""],
    ] as const) {
      const labels = g.input(`labels of ${shape.join()}`, shape, "int");
      const text = `${expected}, got [2, 3, 4] and int [${shape.join(", ")}]${hint}`;
      expect(() => g.crossEntropy(logits, labels)).toThrow(new RangeError(text));
    }
  });

  it("reshape to another number of elements", () => {
    const { g, nodes } = graphOf([2, 3]);
    expect(() => g.reshape(nodes[0]!, [4, 2])).toThrow(
      new RangeError("reshape: expected 8 elements for [4, 2], got [2, 3], which has 6"),
    );
  });

  it.each([2, -3, 0.5, NaN])("a reduction over axis %d of a matrix", (axis) => {
    const { g, nodes } = graphOf([2, 3]);
    const got = `expected an axis of [2, 3], got ${axis}`;
    expect(() => g.sum(nodes[0]!, axis)).toThrow(new RangeError(`sum: ${got}`));
    expect(() => g.mean(nodes[0]!, axis)).toThrow(new RangeError(`mean: ${got}`));
  });

  it("softmax of what has no row", () => {
    const { g, nodes } = graphOf([], [2, 0]);
    for (const node of nodes) expect(() => g.softmax(node)).toThrow(/^softmax: expected rows/);
  });

  it("a node of another graph", () => {
    const { nodes } = graphOf([2]);
    const { g, nodes: own } = graphOf([2]);
    expect(() => g.add(own[0]!, nodes[0]!)).toThrow(
      new RangeError('add: expected nodes of this graph, got "parameter" of another'),
    );
  });

  it("names the layer, where a layer records", () => {
    const options = { inputShape: [5], loss: mse(), optimizer: sgd() };
    const summed = network((g, { x }) => g.use(dense(4), g.sum(x, 1)));
    expect(() => engine.compile(summed, options)).toThrow(
      /^dense\(4\): expected examples of at least one axis, got a batch \[\d+\]$/,
    );
    const wide: Layer = {
      kind: "wide",
      label: "wide(7)",
      record: (g, x) => g.add(x, g.parameter("offset", [7], constant(0))),
    };
    expect(() => engine.compile(sequential([dense(4), wide]), options)).toThrow(
      /^wide\(7\): expected shapes that broadcast against each other, got \[\d+, 4\] and \[7\]$/,
    );
  });
});

describe("sources", () => {
  it("refuses shapes that are not of whole lengths", () => {
    const g = engine.graph();
    expect(() => g.parameter([2.5], 0)).toThrow(
      new RangeError("parameter: expected a shape of whole lengths, got [2.5]"),
    );
    expect(() => g.constant(0, [-1])).toThrow("constant: expected a shape of whole lengths");
    expect(() => g.input("x", [NaN])).toThrow("x: expected a shape of whole lengths, got [NaN]");
  });

  it("refuses values that do not fill the shape, or are of another type", () => {
    const g = engine.graph();
    const expected = "expected a number or a Float32Array of 6 for shape [2, 3]";
    expect(() => g.parameter([2, 3], new Float32Array(5))).toThrow(
      new RangeError(`parameter: ${expected}, got 5 numbers`),
    );
    expect(() => g.constant(new Float32Array(7), [2, 3])).toThrow(
      new RangeError(`constant: ${expected}, got 7 numbers`),
    );
    expect(() => g.parameter([2, 3], wrong([1, 2, 3, 4, 5, 6]))).toThrow(TypeError);
    expect(() => g.parameter([2, 3], wrong(new Float64Array(6)))).toThrow(TypeError);
    expect(() => g.constant(wrong(undefined), [2, 3])).toThrow(TypeError);
  });
});
