import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { createEngine, mse, sequential, sgd } from "../../src/index.ts";
import { wrong } from "../engine/fixtures.ts";

/** Layers and ops of convolutions refuse what they cannot compute, and say what came. */

const { conv1d, conv2d, conv2dTranspose, depthwiseConv2d, separableConv2d } = gradlane;
const { adaptiveAvgPool2d, maxPool2d, upsample2d } = gradlane;

const engine = await createEngine();

function compile(layer: gradlane.Layer, inputShape: number[]): gradlane.Model {
  return engine.compile(sequential([layer]), { inputShape, loss: mse(), optimizer: sgd() });
}

const pairOf = (least: number) => `a whole number from ${least} on, or [rows, columns] of such`;
const sides2d =
  '"valid", "same", a whole number from 0 on, [rows, columns], or { top, bottom, left, right }';
const sides1d = '"valid", "same", "causal", a whole number from 0 on, or { before, after }';

describe("a layer refuses", () => {
  it.each([0, NaN, 1.5, -1, Infinity])("%d filters", (filters) => {
    const text = `expected filters to be a whole number from 1 on, got ${filters}`;
    expect(() => conv2d(filters, 3)).toThrow(new RangeError(`conv2d: ${text}`));
    expect(() => conv1d(filters, 3)).toThrow(new RangeError(`conv1d: ${text}`));
    expect(() => separableConv2d(filters, 3)).toThrow(new RangeError(`separableConv2d: ${text}`));
    expect(() => conv2dTranspose(filters, 3)).toThrow(new RangeError(`conv2dTranspose: ${text}`));
  });

  it.each([
    [0, RangeError, "0"],
    [NaN, RangeError, "NaN"],
    [2.5, RangeError, "2.5"],
    [[3], RangeError, "[3]"],
    [[3, 0], RangeError, "[3, 0]"],
    ["3", TypeError, '"3"'],
    [undefined, TypeError, "undefined"],
  ])("a kernel of %j", (size, type, got) => {
    const text = `expected kernelSize to be ${pairOf(1)}, got ${got}`;
    expect(() => conv2d(8, wrong(size))).toThrow(new type(`conv2d: ${text}`));
    expect(() => depthwiseConv2d(wrong(size))).toThrow(new type(`depthwiseConv2d: ${text}`));
    expect(() => separableConv2d(8, wrong(size))).toThrow(new type(`separableConv2d: ${text}`));
    expect(() => conv2dTranspose(8, wrong(size))).toThrow(new type(`conv2dTranspose: ${text}`));
    const one = "conv1d: expected kernelSize to be a whole number from 1 on, got";
    expect(() => conv1d(8, wrong(size))).toThrow(`${one} ${got}`);
  });

  it.each([
    [{ top: 1, before: 2 }, "{ top: 1, before: 2 }"],
    [{ left: -1 }, "{ left: -1 }"],
    [{ right: NaN }, "{ right: NaN }"],
    [{}, "{}"],
    [-1, "-1"],
    [[1], "[1]"],
    ["causal", '"causal"'],
  ])("a padding of images of %j", (padding, got) => {
    const text = `expected padding to be ${sides2d}, got ${got}`;
    const options = { padding: wrong(padding) };
    const [own, up] = ["conv2d(8, 3)", "conv2dTranspose(8, 3)"];
    expect(() => conv2d(8, 3, options)).toThrow(new RangeError(`${own}: ${text}`));
    expect(() => conv2dTranspose(8, 3, options)).toThrow(new RangeError(`${up}: ${text}`));
  });

  it.each([
    [{ top: 1 }, RangeError, "{ top: 1 }"],
    [{ before: 1.5 }, RangeError, "{ before: 1.5 }"],
    [{}, RangeError, "{}"],
    ["full", RangeError, '"full"'],
    [[1, 1], TypeError, "[1, 1]"],
  ])("a padding of sequences of %j", (padding, type, got) => {
    const text = `conv1d(8, 3): expected padding to be ${sides1d}, got ${got}`;
    expect(() => conv1d(8, 3, { padding: wrong(padding) })).toThrow(new type(text));
  });

  it("a stride of 0, and other options", () => {
    expect(() => conv2d(8, 3, { stride: 0 })).toThrow(
      new RangeError(`conv2d(8, 3): expected stride to be ${pairOf(1)}, got 0`),
    );
    expect(() => conv2d(8, 3, { dilation: [1, 0.5] })).toThrow(
      new RangeError(`conv2d(8, 3): expected dilation to be ${pairOf(1)}, got [1, 0.5]`),
    );
    expect(() => conv2d(8, 3, wrong({ strides: 2 }))).toThrow(/^conv2d\(8, 3\): .+"strides"$/);
  });
});

describe("recording refuses", () => {
  it.each([
    [
      conv2d(8, 5, { padding: 1, stride: 2 }),
      [2, 9, 3],
      "conv2d(8, 5, { stride: 2, padding: 1 }): expected at least 5 rows for the window, got 2 with padding 1 and 1: [1, 2, 9, 3]",
    ],
    [
      conv2d(8, 3, { dilation: [1, 3] }),
      [9, 4, 3],
      "conv2d(8, 3, { dilation: [1, 3] }): expected at least 3 columns, 7 with dilation 3, for the window, got 4 with padding 0 and 0: [1, 9, 4, 3]",
    ],
    [
      separableConv2d(8, 3),
      [2, 9, 3],
      "separableConv2d(8, 3): expected at least 3 rows for the window, got 2 with padding 0 and 0: [1, 2, 9, 3]",
    ],
    [
      conv1d(8, 3),
      [2, 4],
      "conv1d(8, 3): expected at least 3 steps for the window, got 2 with padding 0 and 0: [1, 2, 4]",
    ],
    [
      conv2dTranspose(5, 3, { padding: 2 }),
      [2, 2, 4],
      "conv2dTranspose(5, 3, { padding: 2 }): expected a result of at least 1 row and column, got 0 rows or columns of [1, 2, 2, 4]",
    ],
  ])("images that are too small: %s", (layer, shape, text) => {
    expect(() => compile(layer, shape)).toThrow(new RangeError(text));
  });

  it.each([
    [conv2d(8, 3, { groups: 4 }), "4 for 6 channels of [1, 9, 9, 6] and 8 filters"],
    [conv2d(9, 3, { groups: 2 }), "2 for 6 channels of [1, 9, 9, 6] and 9 filters"],
    [
      conv2dTranspose(5, 3, { groups: 2, useBias: false }),
      "2 for 6 channels of [1, 9, 9, 6] and 5 filters",
    ],
    [conv2dTranspose(8, 3, { groups: 4 }), "4 for 6 channels of [1, 9, 9, 6] and 8 filters"],
  ])("groups that do not divide: %s", (layer, got) => {
    const text = `expected groups that divide the channels and the filters, got ${got}`;
    expect(() => compile(layer, [9, 9, 6])).toThrow(new RangeError(`${layer.label}: ${text}`));
  });

  it.each([
    conv2d(8, 3),
    conv2d(8, 3, { groups: 2 }),
    depthwiseConv2d(3),
    separableConv2d(8, 3),
    conv2dTranspose(8, 3),
  ])("what is no image: %s", (layer) => {
    const text = `${layer.label}: expected images [batch, rows, columns, channels], got`;
    const [row, image] = [
      "; reshape([rows, columns, channels]) makes images of features",
      "; an image of one channel is [9, 4, 1], by inputShape or reshape",
    ];
    expect(() => compile(layer, [9])).toThrow(new RangeError(`${text} [1, 9]${row}`));
    expect(() => compile(layer, [9, 4])).toThrow(new RangeError(`${text} [1, 9, 4]${image}`));
    const batch = "[1, 32, 9, 9, 4]; inputShape leaves out the batch";
    expect(() => compile(layer, [32, 9, 9, 4])).toThrow(new RangeError(`${text} ${batch}`));
  });

  it("images whose channels come first", () => {
    const hint =
      /: \[1, 1, 28, 28\]; if channels came first, permute\(\[2, 3, 1\]\) puts them last$/;
    expect(() => compile(conv2d(8, 3), [1, 28, 28])).toThrow(hint);
    expect(() => compile(maxPool2d(2), [1, 28, 28])).toThrow(hint);
  });

  it.each([
    [conv2d(2, 3, { padding: 2 ** 32, stride: 2 ** 32 }), 2 ** 33 + 8],
    [conv2d(2, 3, { dilation: [2 ** 31, 1], padding: "same" }), 2 ** 32 + 8],
    [maxPool2d(2 ** 32, { padding: "same" }), 2 ** 32],
  ])("axes that kernels cannot count: %s", (layer, length) => {
    const text = `expected axes of at most 1073741824 with padding, got ${length}`;
    expect(() => compile(layer, [8, 8, 1])).toThrow(new RangeError(`${layer.label}: ${text}`));
  });

  it.each([
    conv2d(2, 3, { dilation: 1e6, padding: "same" }),
    conv2d(2, 3, { padding: 4e8, stride: 4e8 }),
    // A gradient copies one channel as four.
    conv2d(1, 3, { dilation: 8000, padding: "same" }),
  ])("windows that span more than a kernel can copy: %s", (layer) => {
    const text = /expected windows that span at most 1073741824 bytes of a padded image, got \d+$/;
    expect(() => compile(layer, [8, 8, 1])).toThrow(text);
  });

  it("enlargements that no instruction holds", () => {
    const text = "expected a result of at most 1048576 rows and columns, got [8, 17179869184]";
    const layer = upsample2d([1, 2 ** 31]);
    expect(() => compile(layer, [8, 8, 1])).toThrow(new RangeError(`${layer.label}: ${text}`));
    expect(() => compile(adaptiveAvgPool2d([1, 2 ** 31]), [8, 8, 1])).toThrow(
      /got \[1, 2147483648\]$/,
    );
  });

  it("what is no sequence", () => {
    const text = "conv1d(8, 3): expected sequences [batch, steps, channels], got";
    const channel = "; a sequence of one channel is [9, 1], by inputShape or reshape";
    expect(() => compile(conv1d(8, 3), [9])).toThrow(new RangeError(`${text} [1, 9]${channel}`));
    const images = "[1, 9, 9, 4]; images have conv2d";
    expect(() => compile(conv1d(8, 3), [9, 9, 4])).toThrow(new RangeError(`${text} ${images}`));
  });

  it("an outputPadding that the stride does not leave open", () => {
    const layer = conv2dTranspose(8, 3, { stride: [2, 1], outputPadding: 1 });
    expect(() => compile(layer, [9, 9, 4])).toThrow(
      new RangeError(`${layer.label}: expected outputPadding below the stride of 1, got 1`),
    );
  });
});

describe("an op refuses", () => {
  const g = engine.graph();
  const x = g.parameter([2, 5, 5, 4], 1);
  const weight = g.parameter([3, 3, 4, 6], 1);
  const of = (...shape: number[]) => g.parameter(shape, 1);

  it.each<[string, () => unknown, string]>([
    [
      "a weight of other axes",
      () => g.conv2d(x, of(3, 4, 6)),
      "[rows, columns, inputs / groups, outputs], got [3, 4, 6]",
    ],
    ["a weight without rows", () => g.conv2d(x, of(0, 3, 4, 6)), "got [0, 3, 4, 6]"],
    [
      "other inputs",
      () => g.conv2d(x, of(3, 3, 5, 6)),
      "as many inputs as x has channels, 4, got 5 of a weight [3, 3, 5, 6] and groups 1",
    ],
    ["another bias", () => g.conv2d(x, weight, of(5)), "a bias of [6], got [5]"],
    [
      "groups",
      () => g.conv2d(x, weight, undefined, { groups: 3 }),
      "got 3 for 4 channels of [2, 5, 5, 4] and 6 filters",
    ],
    [
      "sequences",
      () => g.conv2d(of(2, 5, 4), weight),
      "images [batch, rows, columns, channels], got [2, 5, 4]",
    ],
    ["a number", () => g.conv2d(of(), weight), "images [batch, rows, columns, channels], got []"],
    [
      "an image of steps",
      () => g.conv1d(x, of(3, 4, 6)),
      "sequences [batch, steps, channels], got [2, 5, 5, 4]",
    ],
    [
      "a weight of images",
      () => g.conv1d(of(2, 5, 4), weight),
      "[size, inputs / groups, outputs], got [3, 3, 4, 6]",
    ],
    [
      "inputs and outputs swapped",
      () => g.conv2dTranspose(x, weight),
      "4, got 6 of a weight [3, 3, 4, 6] and groups 1",
    ],
    ["another option", () => g.conv2d(x, weight, undefined, wrong({ pad: 1 })), 'got "pad"'],
    [
      "a name for an activation",
      () => g.conv2d(x, weight, undefined, {}, wrong("relu")),
      'got "relu"',
    ],
    ["no weight", () => g.conv2d(x, wrong(undefined)), "got undefined"],
  ])("%s", (_, record, text) => {
    const error = (() => {
      try {
        record();
      } catch (error) {
        return error as Error;
      }
      return undefined;
    })();
    expect(["RangeError", "TypeError"]).toContain(error?.name);
    expect(error!.message).toMatch(/^conv(1d|2d|2dTranspose): expected .+/);
    expect(error!.message).toContain(text);
  });
});

it("a refused layer leaves the engine as it was", () => {
  const before = engine.graph().parameter([1], 0).shape;
  expect(() => compile(conv2d(8, 30), [9, 9, 4])).toThrow(RangeError);
  const model = compile(conv2d(2, 3), [4, 4, 1]);
  const y = model.predict(new Float32Array(16).fill(1));
  expect([before, y.shape]).toEqual([[1], [1, 2, 2, 2]]);
  model.dispose();
});

it("takes strides and dilations past the image, which leave one window", () => {
  const model = compile(conv2d(2, [3, 1], { stride: 2 ** 40, dilation: [1, 2 ** 33] }), [4, 4, 1]);
  expect(model.predict(new Float32Array(16)).shape).toEqual([1, 1, 1, 2]);
  expect(model.trainStep(new Float32Array(16), new Float32Array(2))).toBe(0);
  model.dispose();
});
