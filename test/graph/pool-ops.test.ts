import { describe, expect, it } from "vitest";
import type { Graph } from "../../src/index.ts";
import { type Shape, type Trial, engine, flat, run, sizes } from "../support/trials.ts";

type Options2d = NonNullable<Parameters<Graph["maxPool2d"]>[2]>;
type Options1d = NonNullable<Parameters<Graph["maxPool1d"]>[2]>;
type Size = Parameters<Graph["maxPool2d"]>[1];

const pools2d: readonly (readonly [Shape, Size, Options2d?])[] = [
  [[2, 4, 6, 3], 2],
  [[1, 5, 7, 2], 2],
  [[1, 5, 7, 2], 2, { padding: "same" }],
  [[2, 6, 5, 1], 3, { stride: 1, padding: 1 }],
  [[1, 9, 8, 5], [3, 2], { stride: [2, 1], padding: { top: 2, right: 1 } }],
  [[1, 7, 7, 4], 2, { stride: 3 }],
  [[1, 7, 7, 4], 3, { stride: 2, padding: [0, 2] }],
  [[1, 18, 17, 2], 17],
  [[0, 4, 4, 2], 2],
  [[2, 4, 4, 0], 2],
  ...sizes.slice(1).map((channels): [Shape, Size] => [[1, 4, 5, channels], 2]),
];

const pools1d: readonly (readonly [Shape, number, Options1d?])[] = [
  [[2, 11, 4], 3, { stride: 2, padding: 1 }],
  [[2, 11, 4], 2],
  [[1, 9, 3], 4, { padding: "same", stride: 3 }],
  [[1, 9, 3], 3, { padding: "causal", stride: 1 }],
  [[1, 9, 3], 3, { padding: { after: 2 } }],
];

const given = (...attributes: readonly unknown[]): Pick<Trial, "attributes"> => ({
  attributes: attributes.filter((one) => one !== undefined),
});

describe("max pools", () => {
  run(
    "maxPool2d",
    pools2d.map(([shape, ...rest]) => ({
      shapes: [shape],
      ...given(...rest),
      record: (g, [x]) => g.maxPool2d(x!, ...rest),
    })),
  );
  run(
    "maxPool1d",
    pools1d.map(([shape, ...rest]) => ({
      shapes: [shape],
      ...given(...rest),
      record: (g, [x]) => g.maxPool1d(x!, ...rest),
    })),
  );
  run("globalMaxPool2d", [
    { shapes: [[2, 3, 4, 5]], record: (g, [x]) => g.globalMaxPool2d(x!) },
    { shapes: [[1, 1, 1, 1]], record: (g, [x]) => g.globalMaxPool2d(x!) },
  ]);
  run("globalMaxPool1d", [{ shapes: [[2, 7, 3]], record: (g, [x]) => g.globalMaxPool1d(x!) }]);

  it("give the gradient to the first of equal elements, and to NaN", () => {
    const g = engine.graph();
    const x = g.parameter(
      [1, 2, 6, 1],
      Float32Array.of(1, 1, 2, NaN, -5, -3, 1, 1, 9, NaN, -3, -4),
    );
    const y = g.maxPool2d(x, 2);
    const weights = g.constant(Float32Array.of(10, 20, 30), y.shape);
    const step = g.compile(g.sum(g.mul(y, weights)), { outputs: [y] });
    step.run();
    expect([...flat(step.value(y))]).toEqual([1, NaN, -3]);
    expect([...flat(step.gradient(x))]).toEqual([10, 0, 0, 20, 0, 30, 0, 0, 0, 0, 0, 0]);
    g.dispose();
  });

  it("of a graph without a gradient keep no places", () => {
    const g = engine.graph();
    const y = g.maxPool2d(g.constant(1, [1, 4, 4, 2]), 2);
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    expect([...flat(step.value(y))]).toEqual(new Array(8).fill(1));
    g.dispose();
  });
});

describe("errors name the op, what is expected and what came", () => {
  const g = engine.graph();
  const [images, sequences] = [g.parameter([2, 6, 6, 3], 1), g.parameter([2, 6, 3], 1)];

  it.each([
    [
      () => g.maxPool2d(sequences, 2),
      "maxPool2d: expected images [batch, rows, columns, channels], got [2, 6, 3]; an image of one channel is [6, 3, 1], by inputShape or reshape",
    ],
    [
      () => g.maxPool1d(images, 2),
      "maxPool1d: expected sequences [batch, steps, channels], got [2, 6, 6, 3]; images have maxPool2d",
    ],
    [
      () => g.globalMaxPool2d(sequences),
      "globalMaxPool2d: expected images [batch, rows, columns, channels], got [2, 6, 3]; an image of one channel is [6, 3, 1], by inputShape or reshape",
    ],
    [
      () => g.globalMaxPool1d(images),
      "globalMaxPool1d: expected sequences [batch, steps, channels], got [2, 6, 6, 3]; images have globalMaxPool2d",
    ],
    [
      () => g.maxPool2d(images, [2, 7]),
      "maxPool2d: expected at least 7 columns for the window, got 6 with padding 0 and 0: [2, 6, 6, 3]",
    ],
    [
      () => g.maxPool2d(images, 2, { padding: 2 }),
      "maxPool2d: expected each window of 2 to reach an element, got a padding of 2 and 2 for [2, 6, 6, 3]",
    ],
    [
      () => g.maxPool2d(images, 2, { padding: { bottom: 3 } }),
      "maxPool2d: expected each window of 2 to reach an element, got a padding of 0 and 3 for [2, 6, 6, 3]",
    ],
    [
      () => g.maxPool1d(sequences, 3, { padding: { before: 3 } }),
      "maxPool1d: expected each window of 3 to reach an element, got a padding of 3 and 0 for [2, 6, 3]",
    ],
    [
      () => g.maxPool2d(images, 2, { stride: 0 }),
      "maxPool2d: expected stride to be a whole number from 1 on, or [rows, columns] of such, got 0",
    ],
    [
      () => g.maxPool2d(images, 2, { padding: "full" as never }),
      'maxPool2d: expected padding to be "valid", "same", a whole number from 0 on, [rows, columns], or { top, bottom, left, right }, got "full"',
    ],
    [
      () => g.maxPool2d(images, 2, { strides: 2 } as never),
      'maxPool2d: expected options stride, padding, got "strides"',
    ],
    [
      () => g.maxPool2d(images, 0),
      "maxPool2d: expected poolSize to be a whole number from 1 on, or [rows, columns] of such, got 0",
    ],
  ])("%#", (record, text) => {
    expect(record).toThrow(new RangeError(text));
  });
});
