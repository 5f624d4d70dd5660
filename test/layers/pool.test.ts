import { describe, expect, it } from "vitest";
import * as G from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";
import { wrong } from "../engine/fixtures.ts";

const engine = await G.createEngine();

function modelOf(layers: readonly G.Layer[], inputShape: readonly number[]) {
  return engine.compile(G.sequential(layers), { inputShape, loss: G.mse(), optimizer: G.sgd() });
}

/** Returns what a layer makes of numbers 0, 1, 2, ... in one example. */
function predicted(layer: G.Layer, inputShape: readonly number[]) {
  const model = modelOf([layer], inputShape);
  const n = inputShape.reduce((product, length) => product * length, 1);
  const { data, shape } = model.predict(Float32Array.from({ length: n }, (_, i) => i));
  const result = { shape: shape.slice(1), data: [...data] };
  model.dispose();
  return result;
}

describe("layers give what they say", () => {
  const cases: [G.Layer, text: string, from: number[], to: number[], data: number[]][] = [
    [G.maxPool2d(2), "maxPool2d(2)", [2, 4, 1], [1, 2, 1], [5, 7]],
    [
      G.maxPool2d([1, 2], { stride: 1, padding: { left: 1 } }),
      "maxPool2d([1, 2], { stride: 1, padding: { left: 1 } })",
      [1, 3, 1],
      [1, 3, 1],
      [0, 1, 2],
    ],
    [G.maxPool1d(2), "maxPool1d(2)", [4, 1], [2, 1], [1, 3]],
    [
      G.avgPool2d(2, { padding: "same", countPadding: true }),
      'avgPool2d(2, { padding: "same", countPadding: true })',
      [1, 3, 1],
      [1, 2, 1],
      [0.25, 0.5],
    ],
    [G.avgPool1d(2, { stride: 1 }), "avgPool1d(2, { stride: 1 })", [3, 1], [2, 1], [0.5, 1.5]],
    [G.globalMaxPool2d(), "globalMaxPool2d()", [2, 2, 2], [2], [6, 7]],
    [G.globalAvgPool2d(), "globalAvgPool2d()", [2, 2, 2], [2], [3, 4]],
    [G.globalMaxPool1d(), "globalMaxPool1d()", [3, 2], [2], [4, 5]],
    [G.globalAvgPool1d(), "globalAvgPool1d()", [3, 2], [2], [2, 3]],
    [G.adaptiveAvgPool2d([1, 2]), "adaptiveAvgPool2d([1, 2])", [1, 3, 1], [1, 2, 1], [0.5, 1.5]],
    [G.upsample2d([2, 1]), "upsample2d([2, 1])", [1, 2, 1], [2, 2, 1], [0, 1, 0, 1]],
    [
      G.upsample2d([1, 2], { interpolation: "bilinear" }),
      'upsample2d([1, 2], { interpolation: "bilinear" })',
      [1, 2, 1],
      [1, 4, 1],
      [0, 0.25, 0.75, 1],
    ],
    [G.zeroPad2d([0, 1]), "zeroPad2d([0, 1])", [1, 2, 1], [1, 4, 1], [0, 0, 1, 0]],
    [G.zeroPad2d({ bottom: 1 }), "zeroPad2d({ bottom: 1 })", [1, 2, 1], [2, 2, 1], [0, 1, 0, 0]],
    [G.crop2d(1), "crop2d(1)", [3, 3, 1], [1, 1, 1], [4]],
    [G.crop2d({ top: 1, right: 2 }), "crop2d({ top: 1, right: 2 })", [2, 3, 1], [1, 1, 1], [3]],
    [G.reshape([2, -1]), "reshape([2, -1])", [6], [2, 3], [0, 1, 2, 3, 4, 5]],
    [G.reshape([4]), "reshape([4])", [2, 2], [4], [0, 1, 2, 3]],
    [G.permute([2, 1]), "permute([2, 1])", [2, 3], [3, 2], [0, 3, 1, 4, 2, 5]],
    [G.repeatVector(2), "repeatVector(2)", [2], [2, 2], [0, 1, 0, 1]],
    [G.spatialDropout2d(0.5), "spatialDropout2d(0.5)", [1, 1, 2], [1, 1, 2], [0, 1]],
  ];

  it.each(cases.map(([layer, ...rest]) => [rest[0], layer, ...rest.slice(1)] as const))(
    "%s",
    (text, layer, ...rest) => {
      const [from, shape, data] = rest as [number[], number[], number[]];
      expect(String(layer)).toBe(text);
      expect(text.startsWith(layer.label.split("(")[0]!)).toBe(true);
      expect(predicted(layer, from)).toEqual({ shape, data });
    },
  );

  it("keep their own copies of lists and objects", () => {
    const [size, padding, shape] = [[1, 2], { left: 1 }, [4]] as [
      [number, number],
      { left: number },
      number[],
    ];
    const layers = [G.maxPool2d(size, { padding }), G.zeroPad2d(padding), G.reshape(shape)];
    size[0] = 9;
    padding.left = 9;
    shape[0] = 9;
    expect(layers.map(String)).toEqual([
      "maxPool2d([1, 2], { padding: { left: 1 } })",
      "zeroPad2d({ left: 1 })",
      "reshape([4])",
    ]);
    expect(predicted(layers[0]!, [1, 3, 1])).toEqual({ shape: [1, 2, 1], data: [0, 2] });
  });
});

it("networks of them learn", () => {
  const layers = [
    G.reshape([6, 6, 1]),
    G.zeroPad2d(1),
    G.avgPool2d(3, { stride: 1 }),
    G.dense(4, { activation: "tanh" }),
    G.maxPool2d(2),
    G.spatialDropout2d(0.1),
    G.upsample2d(2),
    G.crop2d([0, 1]),
    G.permute([3, 1, 2]),
    G.flatten(),
    G.repeatVector(2),
    G.maxPool1d(2),
    G.globalAvgPool1d(),
    G.dense(1),
  ];
  const model = engine.compile(G.sequential(layers), {
    inputShape: [36],
    loss: G.mse(),
    optimizer: G.adam({ learningRate: 0.01 }),
  });
  const [x, y] = [floats(16 * 36, 1), floats(16, 2)];
  const first = model.trainStep(x, y);
  for (let step = 0; step < 60; step++) model.trainStep(x, y);
  expect(model.trainStep(x, y)).toBeLessThan(first / 2);
  model.dispose();
});

it("spatialDropout2d drops whole channels in training, whatever they hold", () => {
  const shape = [1, 2, 3, 128];
  const layer = G.spatialDropout2d(0.5);
  const probe: G.Layer = {
    ...{ kind: "probe", label: "probe" },
    record(g, x) {
      g.update(g.buffer("kept", shape, G.zeros()), g.use(layer, x));
      const y = g.use(layer, g.parameter("p", shape, G.constant(3)));
      return g.reshape(y, [1, 768]);
    },
  };
  const net = G.sequential([probe]);
  const loss = G.mse({ reduction: "sum" });
  const optimizer = G.sgd({ learningRate: 0 });
  const model = engine.compile(net, { inputShape: shape.slice(1), loss, optimizer, batchSize: 1 });
  model.trainStep(new Float32Array(768).fill(Infinity), new Float32Array(768));
  const [kept, gradient] = [model.buffers[0]!.data, model.parameters[0]!.grad];
  // A channel that is kept has 2 · 3, of whose square the slope is 12, and 2 · 12 goes on.
  for (const [data, value] of [[kept, Infinity] as const, [gradient, 24] as const]) {
    let dropped = 0;
    for (let c = 0; c < 128; c++) {
      const channel = Array.from({ length: 6 }, (_, i) => data[128 * i + c]);
      expect([0, value]).toContain(channel[0]);
      expect(channel).toEqual(new Array(6).fill(channel[0]));
      dropped += Number(channel[0] === 0);
    }
    // Of 128 channels half, within five deviations.
    expect(Math.abs(dropped - 64)).toBeLessThan(5 * Math.sqrt(32));
  }
  model.dispose();
});

describe("what is wrong is refused", () => {
  it.each<[text: string, () => unknown]>([
    [
      "maxPool2d: expected poolSize to be a whole number from 1 on, or [rows, columns] of such, got undefined",
      () => G.maxPool2d(wrong(undefined)),
    ],
    [
      "maxPool2d: expected poolSize to be a whole number from 1 on, or [rows, columns] of such, got [2]",
      () => G.maxPool2d(wrong([2])),
    ],
    [
      "maxPool2d(2): expected stride to be a whole number from 1 on, or [rows, columns] of such, got 0",
      () => G.maxPool2d(2, { stride: 0 }),
    ],
    [
      'maxPool1d(2): expected options stride, padding, got "strides"',
      () => G.maxPool1d(2, wrong({ strides: 1 })),
    ],
    [
      'avgPool1d(2): expected padding to be "valid", "same", "causal", a whole number from 0 on, or { before, after }, got [1, 1]',
      () => G.avgPool1d(2, { padding: wrong([1, 1]) }),
    ],
    [
      "avgPool2d(2): expected countPadding to be true or false, got 1",
      () => G.avgPool2d(2, { countPadding: wrong(1) }),
    ],
    [
      "globalMaxPool2d: expected at most 0 arguments, got 1",
      () => (G.globalMaxPool2d as (n: number) => unknown)(2),
    ],
    [
      "adaptiveAvgPool2d: expected size to be a whole number from 1 on, or [rows, columns] of such, got 0",
      () => G.adaptiveAvgPool2d(0),
    ],
    [
      'upsample2d(2): expected interpolation to be "nearest" or "bilinear", got "cubic"',
      () => G.upsample2d(2, { interpolation: wrong("cubic") }),
    ],
    [
      'zeroPad2d: expected padding to be a whole number from 0 on, [rows, columns], or { top, bottom, left, right }, got "same"',
      () => G.zeroPad2d(wrong("same")),
    ],
    [
      "crop2d: expected cropping to be a whole number from 0 on, [rows, columns], or { top, bottom, left, right }, got { up: 1 }",
      () => G.crop2d(wrong({ up: 1 })),
    ],
    [
      "reshape: expected shape to be whole numbers from 1 on, one of which may be -1, got [-1, -1]",
      () => G.reshape([-1, -1]),
    ],
    [
      "permute: expected axes to be each axis of an example once, counted from 1, got [0, 1]",
      () => G.permute([0, 1]),
    ],
    ["repeatVector: expected n to be a whole number from 1 on, got 0", () => G.repeatVector(0)],
    [
      "spatialDropout2d: expected rate to be a number in [0, 1), got 1",
      () => G.spatialDropout2d(1),
    ],
  ])("at once: %s", (text, make) => {
    expect(make).toThrow(text);
  });

  it.each<[text: string, G.Layer, inputShape: readonly number[]]>([
    [
      "maxPool2d(2): expected images [batch, rows, columns, channels], got [1, 6, 3]; an image of one channel is [6, 3, 1], by inputShape or reshape",
      G.maxPool2d(2),
      [6, 3],
    ],
    [
      "maxPool2d(2, { padding: 2 }): expected each window of 2 to reach an element, got a padding of 2 and 2 for [1, 4, 4, 1]",
      G.maxPool2d(2, { padding: 2 }),
      [4, 4, 1],
    ],
    [
      "crop2d(2): expected at least 1 row and 1 column to be left, got [1, 4, 5, 1]",
      G.crop2d(2),
      [4, 5, 1],
    ],
    [
      "zeroPad2d(1): expected images [batch, rows, columns, channels], got [1, 4]; reshape([rows, columns, channels]) makes images of features",
      G.zeroPad2d(1),
      [4],
    ],
    [
      "reshape([4, -1]): expected examples that fill [4, -1], got [1, 6], which has 6 each",
      G.reshape([4, -1]),
      [6],
    ],
    [
      "reshape([4]): expected examples that fill [4], got [1, 8], which has 8 each",
      G.reshape([4]),
      [8],
    ],
    ["permute([2, 1]): expected examples of 2 axes, got [1, 6]", G.permute([2, 1]), [6]],
    ["repeatVector(3): expected [batch, features], got [1, 2, 3]", G.repeatVector(3), [2, 3]],
    [
      "spatialDropout2d(0.5): expected images [batch, rows, columns, channels], got [1, 6]; reshape([rows, columns, channels]) makes images of features",
      G.spatialDropout2d(0.5),
      [6],
    ],
  ])("when a model is compiled: %s", (text, layer, inputShape) => {
    expect(() => modelOf([layer], inputShape)).toThrow(new RangeError(text));
  });
});
