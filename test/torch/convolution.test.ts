import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { type Graph, type Node, createEngine } from "../../src/index.ts";
import { mul } from "../../src/graph/ops/binary.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { type Case, type Reference, expectClose } from "./reference.ts";
import { casesOf, check } from "./recorded.ts";

/** Convolutions as ops and as layers, on images [batch, rows, columns, channels]. */

const engine = await createEngine();

const all = casesOf("convolution-cases.json").map(
  ([title, example]) => [`${title} ${String(example.attrs.note ?? "")}`, example] as const,
);

/** Options that the ops and the layers share. */
function optionsOf({ attrs }: Case): object {
  const names = ["stride", "padding", "dilation", "groups", "outputPadding"];
  return Object.fromEntries(Object.entries(attrs).filter(([name]) => names.includes(name)));
}

type Inputs = Readonly<Record<string, Node>>;

const ops: Readonly<Record<string, (g: Graph, inputs: Inputs, options: object) => Node>> = {
  conv2d: (g, { x, weight, bias }, options) => g.conv2d(x!, weight!, bias, options),
  conv1d: (g, { x, weight, bias }, options) => g.conv1d(x!, weight!, bias, options),
  conv2dTranspose: (g, { x, weight, bias }, options) =>
    g.conv2dTranspose(x!, weight!, bias, options),
};

function layerOf(example: Case): gradlane.Layer {
  const { filters, kernelSize } = example.attrs as { filters: number; kernelSize: number };
  const make = gradlane[example.name as "conv1d" | "conv2d" | "conv2dTranspose"];
  return make(filters, kernelSize, optionsOf(example));
}

/**
 * Error as a share of the largest result of a case. The longest sum has some three hundred terms, and each
 * may leave a rounding of up to the largest.
 */
const SHARE = 2e-6;

function boundOf({ data }: Reference): () => number {
  const largest = Math.max(...data.map(Math.abs));
  return () => SHARE * largest;
}

/** Σ prediction · target: the target is the gradient of the prediction. */
const inner: gradlane.Loss = {
  ...gradlane.mse({ reduction: "sum" }),
  record: (g, prediction, target) => sum(g, mul(g, prediction, target)),
};

describe("as in PyTorch", () => {
  it.each(all)("%s", (_, example) => {
    const { grads, output } = example;
    const bounds = Object.entries({ ...grads, output }).map(([name, of]) => [name, boundOf(of)]);
    const options = optionsOf(example);
    check(
      engine,
      example,
      (g, inputs) => ops[example.name]!(g, inputs, options),
      Object.fromEntries(bounds) as Record<string, () => number>,
    );
  });

  it.each(all)("%s, in a model", (_, example) => {
    const { inputs, grads, output, upstream } = example;
    const [batchSize, ...inputShape] = inputs.x!.shape;
    const model = engine.compile(gradlane.sequential([layerOf(example)]), {
      inputShape,
      loss: inner,
      optimizer: gradlane.sgd({ learningRate: 0 }),
      batchSize: batchSize!,
    });
    const nameOf = (name: string): string => name.split(".")[1]!;
    for (const { name, data } of model.parameters) data.set(inputs[nameOf(name)]!.data);
    const x = Float32Array.from(inputs.x!.data);
    model.trainStep(x, Float32Array.from(upstream.data));
    for (const { name, shape, grad } of model.parameters) {
      const expected = grads[nameOf(name)]!;
      expectClose(name, { shape, data: grad }, expected, boundOf(expected));
    }
    expectClose("output", model.predict(x), output, boundOf(output));
    model.dispose();
  });
});

it("knows every op of the file", () => {
  expect(all).toHaveLength(29);
  expect(new Set(all.map(([, { name }]) => name))).toEqual(new Set(Object.keys(ops)));
});
