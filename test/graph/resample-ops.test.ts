import { describe, expect, it } from "vitest";
import type { Graph } from "../../src/index.ts";
import { type Shape, engine, flat, run, sizes } from "../support/trials.ts";

type Avg2d = Parameters<Graph["avgPool2d"]>;
type Avg1d = Parameters<Graph["avgPool1d"]>;
type Upsample = Parameters<Graph["upsample2d"]>;

const pools2d: readonly (readonly [Shape, Avg2d[1], Avg2d[2]?])[] = [
  [[2, 4, 6, 3], 2],
  [[1, 5, 7, 2], 2, {}],
  ...[false, true].flatMap((countPadding): [Shape, Avg2d[1], Avg2d[2]][] => [
    [[1, 5, 7, 2], 2, { padding: "same", countPadding }],
    [[2, 9, 8, 5], 3, { stride: 2, padding: 1, countPadding }],
    [[2, 4, 5, 1], [3, 2], { stride: [1, 2], padding: { top: 2, right: 1 }, countPadding }],
  ]),
  [[1, 7, 7, 4], 2, { stride: 3 }],
  [[0, 4, 4, 2], 2],
  ...[...sizes.slice(1), 36].map((channels): [Shape, Avg2d[1]] => [[1, 4, 5, channels], 2]),
];

const pools1d: readonly (readonly [Shape, Avg1d[1], Avg1d[2]?])[] = [
  [[2, 11, 4], 2],
  [[2, 11, 4], 3, { stride: 2, padding: 1, countPadding: true }],
  [[1, 9, 3], 4, { padding: "same", stride: 3 }],
  [[1, 9, 3], 3, { padding: "causal", stride: 1 }],
];

const adaptive: readonly (readonly [Shape, Avg2d[1]])[] = [
  [
    [2, 7, 5, 4],
    [3, 2],
  ],
  [[1, 2, 3, 2], 5],
  [[1, 6, 6, 3], 1],
  [
    [1, 4, 3, 1],
    [4, 3],
  ],
];

const upsamplings: readonly (readonly [Shape, Upsample[1], Upsample[2]?])[] = [
  [[2, 3, 4, 3], 2],
  [[1, 3, 2, 4], [1, 3], { interpolation: "nearest" }],
  [[2, 3, 4, 3], 3, { interpolation: "bilinear" }],
  [[1, 1, 4, 17], 2, { interpolation: "bilinear" }],
  [[1, 4, 2, 2], [4, 1], { interpolation: "bilinear" }],
  [[1, 0, 2, 2], 2],
];

/** Attributes of a trial, without options that are left out. */
function given(...attributes: readonly unknown[]) {
  return { attributes: attributes.filter((one) => one !== undefined) };
}

describe("average pools and enlargements", () => {
  run(
    "avgPool2d",
    pools2d.map(([shape, ...rest]) => ({
      ...{ shapes: [shape], ...given(...rest) },
      record: (g, [x]) => g.avgPool2d(x!, ...rest),
    })),
  );
  run(
    "avgPool1d",
    pools1d.map(([shape, ...rest]) => ({
      ...{ shapes: [shape], ...given(...rest) },
      record: (g, [x]) => g.avgPool1d(x!, ...rest),
    })),
  );
  run("globalAvgPool2d", [
    { shapes: [[2, 3, 4, 5]], record: (g, [x]) => g.globalAvgPool2d(x!) },
    { shapes: [[1, 1, 1, 1]], record: (g, [x]) => g.globalAvgPool2d(x!) },
  ]);
  run("globalAvgPool1d", [{ shapes: [[2, 7, 3]], record: (g, [x]) => g.globalAvgPool1d(x!) }]);
  run(
    "adaptiveAvgPool2d",
    adaptive.map(([shape, size]) => ({
      ...{ shapes: [shape], attributes: [size] },
      record: (g, [x]) => g.adaptiveAvgPool2d(x!, size),
    })),
  );
  run(
    "upsample2d",
    upsamplings.map(([shape, ...rest]) => ({
      ...{ shapes: [shape], ...given(...rest) },
      record: (g, [x]) => g.upsample2d(x!, ...rest),
    })),
  );

  it("take long sequences", () => {
    const g = engine.graph();
    const steps = 60_000;
    const x = g.parameter([1, steps, 1], 1);
    const y = g.avgPool1d(x, 2);
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    expect(flat(step.value(y))).toEqual(new Float32Array(steps / 2).fill(1));
    expect(flat(step.gradient(x))).toEqual(new Float32Array(steps).fill(0.5));
    g.dispose();
  });

  it("leave ∞ where it is", () => {
    const g = engine.graph();
    const x = g.constant(Float32Array.of(Infinity, 0, 0), [1, 1, 3, 1]);
    const y = g.upsample2d(x, [1, 3], { interpolation: "bilinear" });
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    const beside = new Array<number>(4).fill(Infinity);
    expect([...flat(step.value(y))]).toEqual([...beside, 0, 0, 0, 0, 0]);
    g.dispose();
  });
});

describe("errors name the op, what is expected and what came", () => {
  const g = engine.graph();
  const [images, sequences] = [g.parameter([2, 6, 6, 3], 1), g.parameter([2, 6, 3], 1)];
  const imagesExpected =
    "expected images [batch, rows, columns, channels], got [2, 6, 3]; an image of one channel is [6, 3, 1], by inputShape or reshape";
  const sequencesExpected =
    "expected sequences [batch, steps, channels], got [2, 6, 6, 3]; images have";

  it.each([
    [() => g.avgPool2d(sequences, 2), `avgPool2d: ${imagesExpected}`],
    [() => g.avgPool1d(images, 2), `avgPool1d: ${sequencesExpected} avgPool2d`],
    [() => g.globalAvgPool2d(sequences), `globalAvgPool2d: ${imagesExpected}`],
    [() => g.globalAvgPool1d(images), `globalAvgPool1d: ${sequencesExpected} globalAvgPool2d`],
    [() => g.adaptiveAvgPool2d(sequences, 2), `adaptiveAvgPool2d: ${imagesExpected}`],
    [() => g.upsample2d(sequences, 2), `upsample2d: ${imagesExpected}`],
    [
      () => g.avgPool2d(images, 3, { padding: [0, 3] }),
      "avgPool2d: expected each window of 3 to reach an element, got a padding of 3 and 3 for [2, 6, 6, 3]",
    ],
    [
      () => g.avgPool2d(images, 2, { countPaddings: true } as never),
      'avgPool2d: expected options stride, padding, countPadding, got "countPaddings"',
    ],
    [
      () => g.adaptiveAvgPool2d(g.parameter([1, 0, 2, 2], 1), 2),
      "adaptiveAvgPool2d: expected images of at least 1 element, got [1, 0, 2, 2]",
    ],
    [
      () => g.adaptiveAvgPool2d(images, [0, 1]),
      "adaptiveAvgPool2d: expected size to be a whole number from 1 on, or [rows, columns] of such, got [0, 1]",
    ],
    [
      () => g.upsample2d(images, 1.5),
      "upsample2d: expected scale to be a whole number from 1 on, or [rows, columns] of such, got 1.5",
    ],
    [
      () => g.upsample2d(images, 2, { interpolation: "cubic" as never }),
      'upsample2d: expected interpolation to be "nearest" or "bilinear", got "cubic"',
    ],
  ])("%#", (record, text) => {
    expect(record).toThrow(new RangeError(text));
  });
});
