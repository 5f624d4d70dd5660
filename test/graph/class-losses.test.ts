import { describe, expect, it } from "vitest";
import { type ArrayValue, type CrossEntropyOptions, createEngine } from "../../src/index.ts";
import { floats, integers } from "../../src/verify/numbers.ts";
import { bits } from "../engine/fixtures.ts";

/** Losses against class indices on any number of axes, and labels that do not count. */

const engine = await createEngine();

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

interface Trial {
  readonly shape: readonly number[];
  readonly x: Float32Array;
  readonly t: Int32Array | Float32Array;
  readonly options?: CrossEntropyOptions | "none";
  readonly op?: "crossEntropy" | "nll";
}

/** The loss and the gradient of the prediction. */
function run({ shape, x, t, options = {}, op = "crossEntropy" }: Trial) {
  const g = engine.graph();
  const prediction = g.parameter(shape, x);
  const target = g.constant(t, t instanceof Int32Array ? shape.slice(0, -1) : shape);
  const losses = g[op](prediction, target, options);
  const loss = losses.shape.length > 0 ? g.sum(losses) : losses;
  const step = g.compile(loss, { outputs: [losses] });
  step.run();
  const value = step.value(losses);
  const gradient = (step.gradient(prediction) as ArrayValue).data.slice();
  const values = typeof value === "number" ? Float32Array.of(value) : value.data.slice();
  g.dispose();
  return { shape: losses.shape, values: values as Float32Array, gradient };
}

const shapes = [
  [2, 3, 5],
  [4, 1, 7],
  [2, 2, 3, 4],
  [1, 33, 10],
  [2, 1, 1],
  [3, 0, 4],
] as const;

describe.each(shapes.map((shape) => [shape.join(" x "), shape] as const))("%s", (_, shape) => {
  const flat = [size(shape.slice(0, -1)), shape.at(-1)!];
  const x = floats(size(shape), 3, -4, 4);
  const labels = integers(flat[0]!, 4, flat[1]!).map((label, i) => (i % 4 === 3 ? -100 : label));
  const rows = floats(size(shape), 5, 0, 1);
  const classWeights = floats(flat[1]!, 6, 0, 2);

  it.each([
    ["classes", labels, {}],
    ["classes, smoothed", labels, { labelSmoothing: 0.1 }],
    ["classes, weighted", labels, { classWeights }],
    ["classes, weighted and smoothed", labels, { classWeights, labelSmoothing: 0.1 }],
    ["classes, one of which does not count", labels.map((l) => Math.max(l, 0)), { ignoreIndex: 0 }],
    ["classes, summed", labels, { reduction: "sum" }],
    ["probabilities", rows, {}],
    ["probabilities, weighted", rows, { classWeights, labelSmoothing: 0.1 }],
  ] as const)("has the bits of its rows: %s", (_title, t, options) => {
    const deep = run({ shape, x, t, options });
    const wide = run({ shape: flat, x, t, options });
    expect(bits(deep.values)).toEqual(bits(wide.values));
    expect(bits(deep.gradient)).toEqual(bits(wide.gradient));
  });

  it("has a loss for each row, and nll those of log-probabilities", () => {
    const t = labels.map((label) => Math.max(label, 0));
    for (const op of ["crossEntropy", "nll"] as const) {
      const deep = run({ shape, x, t, op, options: "none" });
      const wide = run({ shape: flat, x, t, op, options: "none" });
      expect(deep.shape).toEqual(shape.slice(0, -1));
      expect(bits(deep.values)).toEqual(bits(wide.values));
      expect(bits(deep.gradient)).toEqual(bits(wide.gradient));
    }
  });
});

it("takes logits of a single row, and one label", () => {
  const { values, shape } = run({ shape: [3], x: Float32Array.of(1, 2, 3), t: Int32Array.of(2) });
  expect(shape).toEqual([]);
  expect(values[0]).toBeCloseTo(0.40760596, 6);
});

describe("labels that do not count", () => {
  const [ROWS, COLS] = [6, 5];
  const x = floats(ROWS * COLS, 7, -3, 3);
  const labels = Int32Array.of(1, -100, 4, -100, 0, 2);
  const counting = [0, 2, 4, 5];
  const pick = (from: Float32Array): Float32Array =>
    Float32Array.from(counting.flatMap((i) => [...from.slice(i * COLS, (i + 1) * COLS)]));

  it.each([
    {},
    { labelSmoothing: 0.2 },
    { classWeights: [0.5, 1, 2, 0, 1.5] },
    { classWeights: [0.5, 1, 2, 0, 1.5], labelSmoothing: 0.2 },
  ])("are as if they were not there: %j", (options) => {
    const shape = [ROWS, COLS];
    const all = run({ shape, x, t: labels, options });
    const few = run({
      shape: [4, COLS],
      x: pick(x),
      t: labels.filter((label) => label >= 0),
      options,
    });
    // The losses are added up in another order, which their number decides.
    expect(Math.abs(all.values[0]! / few.values[0]! - 1)).toBeLessThan(4 * 2 ** -24);
    expect(bits(pick(all.gradient))).toEqual(bits(few.gradient));
    const others = [...all.gradient].filter((_, at) => labels[Math.floor(at / COLS)] === -100);
    // +0, not -0.
    expect(others).toEqual(new Array(2 * COLS).fill(0));
  });

  it("hide NaN and infinities of their logits", () => {
    const bad = x.slice();
    bad.set([NaN, Infinity, -Infinity, 0, 1], COLS);
    const [clean, hidden] = [x, bad].map((x) => run({ shape: [ROWS, COLS], x, t: labels }));
    expect(bits(hidden!.values)).toEqual(bits(clean!.values));
    expect(bits(hidden!.gradient)).toEqual(bits(clean!.gradient));
  });

  it.each([
    [{}, Int32Array.of(-100, -100, -100)],
    [{ ignoreIndex: 1 }, Int32Array.of(1, 1, 1)],
    [{ classWeights: [0, 1, 1] }, Int32Array.of(0, 0, 0)],
    [{ classWeights: [1, 2, 1], labelSmoothing: 0.5 }, Int32Array.of(-100, -100, -100)],
  ])("alone give a loss of 0 and no gradient: %j", (options, t) => {
    const { values, gradient } = run({ shape: [3, 3], x: floats(9, 8), t, options });
    expect([...values]).toEqual([0]);
    expect([...gradient].map(Math.abs)).toEqual(new Array(9).fill(0));
  });

  it("may be another number than -100, which is then no class", () => {
    const t = Int32Array.of(-1, 2, 0);
    const { values } = run({ shape: [3, 3], x: floats(9, 9), t, options: { ignoreIndex: -1 } });
    expect(values[0]).toBeGreaterThan(0);
    expect(run({ shape: [3, 3], x: floats(9, 9), t }).values[0]).toBeNaN();
    expect(
      run({
        shape: [3, 3],
        x: floats(9, 9),
        t: Int32Array.of(-100, 2, 0),
        options: { ignoreIndex: 5 },
      }).values[0],
    ).toBeNaN();
  });

  it("change no bit of the mean where all count", () => {
    for (const rows of [1, 7, 32, 33, 64, 129, 1000]) {
      const [x, t] = [floats(rows * 3, rows, -2, 2), integers(rows, 1, 3)];
      const g = engine.graph();
      const prediction = g.parameter([rows, 3], x);
      const loss = g.mean(g.crossEntropy(prediction, g.constant(t), "none"));
      const step = g.compile(loss);
      step.run();
      const { values, gradient } = run({ shape: [rows, 3], x, t });
      expect(values[0]).toBe(step.value(loss));
      expect(bits(gradient)).toEqual(bits((step.gradient(prediction) as ArrayValue).data));
      g.dispose();
    }
  });

  it("count for a label out of range as much as before: the weighted loss is NaN", () => {
    const t = Int32Array.of(0, 7, 1);
    const classWeights = [1, 2, 3];
    for (const labelSmoothing of [0, 0.1]) {
      const options = { classWeights, labelSmoothing };
      const { values, gradient } = run({ shape: [3, 3], x: floats(9, 9), t, options });
      expect(values[0]).toBeNaN();
      expect([0, 1, 2].map((i) => gradient.slice(3 * i, 3 * i + 3).some(Number.isNaN))).toEqual([
        false,
        true,
        false,
      ]);
    }
  });
});
