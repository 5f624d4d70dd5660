import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { type Graph, type Node, createEngine } from "../../src/index.ts";
import { type Bound, layerNormSlopeBound } from "./bounds.ts";
import { type Case, type Reference, expectClose } from "./reference.ts";
import { mul } from "../../src/graph/ops/binary.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { casesOf, check } from "./recorded.ts";

const engine = await createEngine();

const all = [...casesOf("layers-cases.json"), ...casesOf("nets-cases.json")];

type Inputs = Readonly<Record<string, Node>>;

/** Functions that record each layer's op by hand. */
const ops: Readonly<Record<string, (g: Graph, inputs: Inputs, example: Case) => Node>> = {
  batchNorm: (g, { x, weight, bias }, { attrs }) => g.batchNorm(x!, weight, bias, eps(attrs)),
  layerNorm: (g, { x, weight, bias }, { attrs }) => g.layerNorm(x!, weight, bias, eps(attrs)),
  rmsNorm: (g, { x, weight }, { attrs }) => g.rmsNorm(x!, weight, eps(attrs)),
  groupNorm: (g, { x, weight, bias }, { attrs }) =>
    g.groupNorm(x!, Number(attrs.groups), weight, bias, eps(attrs)),
  dense: (g, { x, weight, bias }) => g.dense(x!, weight!, bias),
  embedding: (g, { weight }, { attrs }) => {
    const ids = attrs.ids as number[][];
    const shape = [ids.length, ids[0]!.length];
    return g.embedding(g.constant(Float32Array.from(ids.flat()), shape), weight!);
  },
};

/** The same as a layer of a model. */
const layers: Readonly<Record<string, (example: Case) => gradlane.Layer>> = {
  batchNorm: ({ attrs }) => gradlane.batchNorm({ epsilon: eps(attrs) }),
  layerNorm: ({ attrs }) => gradlane.layerNorm({ epsilon: eps(attrs) }),
  rmsNorm: ({ attrs }) => gradlane.rmsNorm({ epsilon: eps(attrs) }),
  groupNorm: ({ attrs }) => gradlane.groupNorm(Number(attrs.groups), { epsilon: eps(attrs) }),
  dense: ({ attrs }) => gradlane.dense(Number(attrs.units)),
  embedding: ({ inputs }) => {
    const [vocabulary, width] = inputs.weight!.shape as [number, number];
    return gradlane.embedding(vocabulary, width);
  },
};

function eps(attrs: Case["attrs"]): number {
  return Number(attrs.eps);
}

/**
 * Returns the bound of x̂ · weight + bias, which may cancel: x, its mean and its scale, weight and
 * bias are rounded, and so are a difference, two products and a sum; each may be off by half a
 * spacing of the terms.
 */
function outputBound({ inputs, output }: Case): (i: number) => number {
  const { bias } = inputs;
  const channels = bias?.shape[0] ?? 1;
  return (i) => {
    const offset = bias?.data[i % channels] ?? 0;
    return 9 * 2 ** -24 * (Math.abs(output.data[i]! - offset) + Math.abs(offset));
  };
}

/** Σ prediction · target: the target is the gradient of the prediction. */
const inner: gradlane.Loss = {
  ...gradlane.mse({ reduction: "sum" }),
  record: (g, prediction, target) => sum(g, mul(g, prediction, target)),
};

const ofLayers = all.filter(([, { kind }]) => kind === "layer");

describe("layers as in PyTorch", () => {
  it.each(ofLayers)("%s, by hand", (_, example) => {
    const bounds: Record<string, Bound> = { output: outputBound(example) };
    if (example.name === "layerNorm") bounds.x = layerNormSlopeBound(example);
    check(engine, example, (g, inputs) => ops[example.name]!(g, inputs, example), bounds);
  });

  it.each(ofLayers)("%s, in a model", (_, example) => {
    const { inputs, attrs, grads, output, upstream } = example;
    const ids = attrs.ids as number[][] | undefined;
    const x = Float32Array.from(ids?.flat() ?? inputs.x!.data);
    const [batchSize, ...inputShape] = ids ? [ids.length, ids[0]!.length] : inputs.x!.shape;
    const model = engine.compile(gradlane.sequential([layers[example.name]!(example)]), {
      inputShape,
      loss: inner,
      optimizer: gradlane.sgd({ learningRate: 0 }),
      batchSize: batchSize!,
    });
    for (const { name, data } of model.parameters) data.set(inputs[name.split(".")[1]!]!.data);
    const loss = model.trainStep(x, Float32Array.from(upstream.data));
    for (const { name, shape, grad } of model.parameters) {
      expectClose(name, { shape, data: grad }, grads[name.split(".")[1]!]!);
    }
    const terms = output.data.map((value, i) => value * upstream.data[i]!);
    const total = terms.reduce((sum, term) => sum + term, 0);
    const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
    // Terms of both signs, each with the nine roundings of its output and one of its own.
    expectClose("loss", loss, [total], () => 10 * 2 ** -24 * size);
    if (example.name !== "batchNorm") {
      expectClose("output", model.predict(x), output, outputBound(example));
    }
    model.dispose();
  });
});

describe("batchNorm's running statistics as in PyTorch", () => {
  const example = all.find(([, { kind }]) => kind === "layer-state")![1] as Case & {
    readonly runningMean: Reference;
    readonly runningVariance: Reference;
  };
  const { shape, data } = example.inputs.x!;
  const x = Float32Array.from(data);
  const { momentum } = example.attrs;

  it("follow a training step, and are what evaluation uses", () => {
    const layer = gradlane.batchNorm({ epsilon: eps(example.attrs), momentum: Number(momentum) });
    const model = engine.compile(gradlane.sequential([layer]), {
      inputShape: shape.slice(1),
      loss: gradlane.mse(),
      optimizer: gradlane.sgd({ learningRate: 0 }),
      batchSize: shape[0]!,
    });
    model.trainStep(x, new Float32Array(x.length));
    const [mean, variance] = model.buffers;
    expectClose("runningMean", mean!, example.runningMean);
    expectClose("runningVariance", variance!, example.runningVariance);
    expectClose("output", model.predict(x), example.output);
    expect(model.buffers.map(({ name }) => name)).toEqual([
      "batchNorm1.runningMean",
      "batchNorm1.runningVariance",
    ]);
    model.dispose();
  });
});

it("knows every layer of the file", () => {
  const names = new Set(all.map(([, { name }]) => name));
  expect(names).toEqual(new Set(Object.keys(ops)));
});
