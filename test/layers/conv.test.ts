import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { constant, createEngine, l2, mse, sequential, sgd } from "../../src/index.ts";
import { conv2d as formula } from "../../src/reference/convolution.ts";
import { floats } from "../../src/verify/numbers.ts";
import { expectWithin } from "../support/expect.ts";

const { conv1d, conv2d, conv2dTranspose, depthwiseConv2d, separableConv2d } = gradlane;

const engine = await createEngine();

function compile(layers: gradlane.Layer[], inputShape: number[], batchSize = 2): gradlane.Model {
  return engine.compile(sequential(layers), {
    inputShape,
    loss: mse(),
    optimizer: sgd({ learningRate: 0.1 }),
    batchSize,
    seed: 4,
  });
}

/** Shape of a layer's result for one example. */
function shapeOf(layer: gradlane.Layer, inputShape: number[]): readonly number[] {
  const model = compile([layer], inputShape);
  const length = inputShape.reduce((product, n) => product * n, 1);
  const { shape } = model.predict(new Float32Array(length));
  model.dispose();
  return shape.slice(1);
}

describe("parameters", () => {
  it.each([
    [conv2d(8, [3, 5]), [9, 9, 4], { "conv2d1.weight": [3, 5, 4, 8], "conv2d1.bias": [8] }],
    [conv2d(8, 3, { groups: 2, useBias: false }), [9, 9, 4], { "conv2d1.weight": [3, 3, 2, 8] }],
    [conv1d(6, 3, { groups: 2 }), [9, 4], { "conv1d1.weight": [3, 2, 6], "conv1d1.bias": [6] }],
    [
      depthwiseConv2d(3, { multiplier: 2 }),
      [9, 9, 4],
      { "depthwiseConv2d1.weight": [3, 3, 1, 8], "depthwiseConv2d1.bias": [8] },
    ],
    [
      separableConv2d(5, [1, 3], { multiplier: 2 }),
      [9, 9, 4],
      {
        "separableConv2d1.depthwiseWeight": [1, 3, 1, 8],
        "separableConv2d1.pointwiseWeight": [1, 1, 8, 5],
        "separableConv2d1.bias": [5],
      },
    ],
    [
      conv2dTranspose(6, 3, { groups: 2 }),
      [9, 9, 4],
      { "conv2dTranspose1.weight": [3, 3, 3, 4], "conv2dTranspose1.bias": [6] },
    ],
  ])("have names and shapes: %s", (layer, inputShape, expected) => {
    const model = compile([layer], inputShape);
    expect(Object.fromEntries(model.parameters.map(({ name, shape }) => [name, shape]))).toEqual(
      expected,
    );
    model.dispose();
  });

  it.each([
    [conv2d(16, [3, 5]), [9, 9, 4], 15 * (4 + 16)],
    [conv2d(16, 3, { groups: 4 }), [9, 9, 4], 9 * (1 + 16)],
    [conv1d(16, 5), [9, 4], 5 * (4 + 16)],
    [depthwiseConv2d(5), [9, 9, 8], 25 * (1 + 8)],
    [conv2dTranspose(16, 3), [9, 9, 4], 9 * (4 + 16)],
  ])("begin as Glorot has them, by the places of the kernel: %s", (layer, inputShape, fans) => {
    const model = compile([layer], inputShape);
    const [weight, bias] = model.parameters;
    const largest = Math.max(...weight!.data.map(Math.abs));
    const limit = Math.sqrt(6 / fans);
    expect(largest).toBeLessThanOrEqual(limit * (1 + 2 ** -20));
    expect(largest).toBeGreaterThan(0.9 * limit);
    expect([...bias!.data]).toEqual(new Array(bias!.data.length).fill(0));
    model.dispose();
  });

  it("begin as they are told to", () => {
    const layer = conv2d(2, 2, { weightInitializer: constant(0.5), biasInitializer: constant(3) });
    const model = compile([layer], [2, 2, 1]);
    expect([...model.predict(Float32Array.of(1, 2, 3, 4)).data]).toEqual([8, 8]);
    model.dispose();
  });

  it("have penalties, each weight of a separable convolution too", () => {
    const one = { weightInitializer: constant(1), weightPenalty: l2(0.5), useBias: false };
    const zeros = new Float32Array(2 * 9 * 9 * 4);
    const lossOf = (layer: gradlane.Layer): number => {
      const model = compile([layer], [9, 9, 4]);
      const [, ...shape] = model.predict(zeros).shape;
      const size = shape.reduce((product, n) => product * n, 2);
      const loss = model.trainStep(zeros, new Float32Array(size));
      model.dispose();
      return loss;
    };
    expect(lossOf(conv2d(8, 3, one))).toBeCloseTo(0.5 * 9 * 4 * 8, 3);
    expect(lossOf(separableConv2d(8, 3, one))).toBeCloseTo(0.5 * (9 * 4 + 4 * 8), 3);
  });
});

describe("printing", () => {
  it.each([
    [conv2d(32, 3), "conv2d(32, 3)", "conv2d(32, 3)"],
    [
      conv2d(32, [3, 5], { stride: 2, activation: "relu", padding: "same" }),
      'conv2d(32, [3, 5], { stride: 2, padding: "same" })',
      'conv2d(32, [3, 5], { stride: 2, padding: "same", activation: "relu" })',
    ],
    [
      conv1d(8, 3, { padding: { before: 2 }, useBias: false }),
      "conv1d(8, 3, { padding: { before: 2 } })",
      "conv1d(8, 3, { padding: { before: 2 }, useBias: false })",
    ],
    [
      depthwiseConv2d(3, { multiplier: 2 }),
      "depthwiseConv2d(3, { multiplier: 2 })",
      "depthwiseConv2d(3, { multiplier: 2 })",
    ],
    [
      conv2dTranspose(4, 3, { stride: 2, outputPadding: 1 }),
      "conv2dTranspose(4, 3, { stride: 2, outputPadding: 1 })",
      "conv2dTranspose(4, 3, { stride: 2, outputPadding: 1 })",
    ],
  ])("%s", (layer, label, printed) => {
    expect(layer.label).toBe(label);
    expect(String(layer)).toBe(printed);
    expect(Object.isFrozen(layer)).toBe(true);
  });
});

describe("shapes of results", () => {
  it.each([
    [conv2d(8, 3), [9, 7, 4], [7, 5, 8]],
    [conv2d(8, 3, { padding: "same", stride: 2 }), [9, 8, 4], [5, 4, 8]],
    [conv2d(8, 3, { padding: 1, stride: [2, 3], dilation: 2 }), [9, 9, 4], [4, 3, 8]],
    [depthwiseConv2d(3, { multiplier: 3, stride: 2 }), [9, 9, 4], [4, 4, 12]],
    [separableConv2d(5, 3, { padding: "same" }), [9, 9, 4], [9, 9, 5]],
    [conv1d(8, 4, { padding: "causal", dilation: 3 }), [9, 4], [9, 8]],
    [conv1d(8, 4, { padding: "same", stride: 2 }), [9, 4], [5, 8]],
  ])("of %s for %j are %j", (layer, inputShape, shape) => {
    expect(shapeOf(layer, inputShape)).toEqual(shape);
  });

  // Keras: "valid" (n - 1) · stride + kernel, or n · stride if the kernel is shorter; "same" n · stride.
  it.each([
    [{ stride: 2, padding: "same" }, 3, [8, 10]],
    [{ stride: [1, 3], padding: "same" }, 4, [4, 15]],
    [{ stride: 3, padding: "same" }, 2, [12, 15]],
    [{ stride: 2 }, 3, [9, 11]],
  ] as const)("of conv2dTranspose as in Keras: %j, kernel %d", (options, kernel, shape) => {
    expect(shapeOf(conv2dTranspose(2, kernel, options), [4, 5, 3])).toEqual([...shape, 2]);
  });

  // PyTorch: (n - 1) · stride - 2 · padding + kernel + output padding.
  it.each([
    [{ stride: 2, padding: 1, outputPadding: 1 }, 3, [8, 10]],
    [{ stride: 2, padding: 1 }, 3, [7, 9]],
    [{ stride: 3, padding: [1, 0], outputPadding: [2, 0] }, 4, [13, 16]],
    [{ padding: 2 }, 5, [4, 5]],
  ] as const)("of conv2dTranspose as in PyTorch: %j, kernel %d", (options, kernel, shape) => {
    expect(shapeOf(conv2dTranspose(2, kernel, options), [4, 5, 3])).toEqual([...shape, 2]);
  });

  it("conv2dTranspose turns the shape of conv2d's result back", () => {
    const there = conv2d(5, 3, { stride: 2, padding: 1 });
    const back = conv2dTranspose(3, 3, { stride: 2, padding: 1, outputPadding: 1 });
    const model = compile([there, back], [8, 6, 3]);
    expect(model.predict(new Float32Array(8 * 6 * 3)).shape).toEqual([1, 8, 6, 3]);
    model.dispose();
  });
});

describe("a separable convolution", () => {
  it("is a depthwise one and a 1x1 one", () => {
    const model = compile(
      [separableConv2d(5, 3, { multiplier: 2, activation: "relu" })],
      [6, 5, 3],
    );
    const [depthwise, pointwise, bias] = model.parameters.map(({ shape, data }) => {
      return { shape, data: Float64Array.from(data) };
    });
    const x = floats(2 * 6 * 5 * 3, 1);
    const image = { shape: [2, 6, 5, 3], data: Float64Array.from(x) };
    const between = formula([image, depthwise!], { groups: 3 });
    const expected = formula([between, pointwise!, bias!]).data.map((v) => Math.max(0, v));
    expectWithin(model.predict(x).data, expected, () => 1e-5);
    model.dispose();
  });
});

it("an activation of a layer's own shape follows the convolution", () => {
  const model = compile([conv2d(3, 2, { activation: "softmax" })], [3, 3, 2]);
  const { data } = model.predict(floats(18, 1));
  for (let i = 0; i < data.length; i += 3) {
    expect(data[i]! + data[i + 1]! + data[i + 2]!).toBeCloseTo(1, 5);
  }
  model.dispose();
});

it("a small network learns which half of an image is bright", () => {
  const layers = [
    conv2d(4, 3, { stride: 2, activation: "relu" }),
    gradlane.flatten(),
    gradlane.dense(2),
  ];
  const model = engine.compile(sequential(layers), {
    inputShape: [7, 7, 1],
    loss: gradlane.crossEntropy(),
    optimizer: gradlane.adam({ learningRate: 0.02 }),
    batchSize: 16,
    seed: 2,
  });
  const y = Int32Array.from({ length: 16 }, (_, i) => i % 2);
  const x = floats(16 * 49, 3).map((v, i) => {
    const isRight = i % 7 > 3;
    return v + (isRight === (y[Math.floor(i / 49)] === 1) ? 1 : 0);
  });
  const first = model.trainStep(x, y);
  let last = first;
  for (let step = 0; step < 60; step++) last = model.trainStep(x, y);
  expect(last).toBeLessThan(first / 10);
  model.dispose();
});

it("a layer keeps its own copy of lists and objects", () => {
  const [size, stride, padding] = [
    [3, 3] as [number, number],
    [2, 1] as [number, number],
    { top: 1 },
  ];
  const layer = conv2d(2, size, { stride, padding });
  size[0] = stride[0] = 0;
  padding.top = -1;
  expect(layer.label).toBe("conv2d(2, [3, 3], { stride: [2, 1], padding: { top: 1 } })");
  expect(shapeOf(layer, [8, 8, 1])).toEqual([4, 6, 2]);
});
