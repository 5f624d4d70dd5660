import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { createEngine, dense, mse, sequential, sgd } from "../../src/index.ts";
import { moments } from "../../src/reference/norm.ts";
import { expectWithin } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";

const engine = await createEngine();

function modelOf(layers: gradlane.Layer[], inputShape: number[], batchSize = 8) {
  return engine.compile(sequential(layers), {
    inputShape,
    loss: mse(),
    optimizer: sgd({ learningRate: 0 }),
    batchSize,
  });
}

describe("batchNorm", () => {
  const channels = 3;
  const x = floats(8 * channels, 1, 2, 6);
  const columns = (rows: Float32Array) =>
    Array.from({ length: channels }, (_, c) =>
      moments([...rows].filter((_, i) => i % channels === c)),
    );

  it.each([[[]], [[26, 5]]])(
    "gives its activation's bits for examples of [%s, channels]",
    (space) => {
      const shape = [...space, channels];
      const count = 8 * shape.reduce((product, length) => product * length, 1);
      const [images, targets] = [floats(count, 2, -1, 4), floats(count, 3)];
      const [alone, both] = [[], [gradlane.relu()]].map((after) => {
        const model = modelOf([gradlane.batchNorm({ momentum: 0.5 }), ...after], shape);
        model.trainStep(images, targets);
        return model.predict(images).data.slice();
      });
      expect(both).toEqual(alone!.map((v) => Math.max(0, v)));
    },
  );

  it("normalises by the batch while training, and by what it has seen elsewhere", () => {
    const model = modelOf([gradlane.batchNorm({ momentum: 0.25 })], [channels]);
    // Nothing seen yet: mean 0, variance 1.
    const scale = 1 / Math.sqrt(1 + 1e-5);
    expectWithin(
      model.predict(x).data,
      Array.from(x, (v) => v * scale),
      () => 1e-6,
    );
    const target = new Float32Array(x.length);
    const loss = model.trainStep(x, target);
    // Mean of the squares of numbers of variance 1, less what epsilon takes off.
    expect(loss).toBeCloseTo(1, 4);
    const [mean, variance] = model.buffers;
    const expected = columns(x).map(([m, v]) => [0.25 * m, 0.75 + 0.25 * v * (8 / 7)] as const);
    expectWithin(
      mean!.data,
      expected.map(([m]) => m),
      () => 1e-6,
    );
    expectWithin(
      variance!.data,
      expected.map(([, v]) => v),
      () => 1e-6,
    );
    model.trainStep(x, target);
    expectWithin(
      mean!.data,
      columns(x).map(([m]) => 0.4375 * m),
      () => 1e-6,
    );
    model.dispose();
  });

  it("normalises numbers whose squares are past the largest float, and goes on after them", () => {
    const model = modelOf([gradlane.batchNorm({ momentum: 0.5 })], [1], 4);
    const huge = Float32Array.of(1e30, 2e30, 3e30, 4e30);
    const right = Float32Array.of(-1.3416408, -0.4472136, 0.4472136, 1.3416408);
    expect(model.trainStep(huge, right)).toBeLessThan(1e-12);
    const [mean, variance] = model.buffers;
    // Half of the largest float, which the batch's variance counts as, times 4/3 as it is unbiased.
    expect(variance!.data[0]).toBeCloseTo(((2 ** 128 - 2 ** 104) * 2) / 3, -33);
    // Each ordinary batch halves what the large one has left.
    for (let step = 0; step < 150; step++) model.trainStep(Float32Array.of(0, 1, 2, 3), right);
    expect(variance!.data[0]).toBeCloseTo(5 / 3, 5);
    expect(mean!.data[0]).toBeCloseTo(1.5, 5);
    model.dispose();
  });

  it.each([
    ["batchNorm", gradlane.batchNorm(), 1],
    ["layerNorm", gradlane.layerNorm(), 4],
    ["groupNorm", gradlane.groupNorm(1), 4],
  ])("keeps small differences of large numbers: %s", (_, layer, features) => {
    const model = modelOf([layer], [features], 4 / features);
    const x = Float32Array.of(1e7, 1e7 + 1, 1e7 + 2, 1e7 + 3);
    const right = Float32Array.of(-1.3416354, -0.4472118, 0.4472118, 1.3416354);
    expect(model.trainStep(x, right)).toBeLessThan(1e-12);
    model.dispose();
  });

  it("does not learn from evaluation or prediction", async () => {
    const model = modelOf([gradlane.batchNorm()], [channels]);
    const before = model.buffers.map(({ data }) => [...data]);
    model.predict(x);
    await model.evaluate({ x, y: new Float32Array(x.length) });
    expect(model.buffers.map(({ data }) => [...data])).toEqual(before);
    model.dispose();
  });

  it("takes one row: its variance is 0, and the running one finite", () => {
    const model = modelOf([gradlane.batchNorm({ momentum: 0.5 })], [channels], 1);
    const loss = model.trainStep(x.slice(0, channels), new Float32Array(channels));
    expect(loss).toBe(0);
    expect([...model.buffers[1]!.data]).toEqual([0.5, 0.5, 0.5]);
    model.dispose();
  });

  it("saves and restores its statistics", async () => {
    const layers = () => [dense(4), gradlane.batchNorm()];
    const model = modelOf(layers(), [channels]);
    model.trainStep(x, new Float32Array(32));
    const file = await model.toSafetensors();
    const other = modelOf(layers(), [channels]);
    await other.fromSafetensors(file);
    expect([...other.predict(x).data]).toEqual([...model.predict(x).data]);
    model.dispose();
    other.dispose();
  });

  it("refuses wrong numbers and shapes", () => {
    expect(() => gradlane.batchNorm({ momentum: 1.5 })).toThrow(
      new RangeError("batchNorm: expected momentum to be a number from 0 to 1, got 1.5"),
    );
    expect(() => gradlane.batchNorm({ epsilon: 0 })).toThrow(
      new RangeError("batchNorm: expected epsilon to be a number above 0, got 0"),
    );
  });
});

describe("layers without statistics", () => {
  it("name their parameters, and start as the identity after normalising", () => {
    const layers = [gradlane.layerNorm(), gradlane.rmsNorm(), gradlane.groupNorm(2)];
    const model = modelOf(layers, [6]);
    expect(model.parameters.map(({ name, data }) => [name, data[0]])).toEqual([
      ["layerNorm1.weight", 1],
      ["layerNorm1.bias", 0],
      ["rmsNorm1.weight", 1],
      ["groupNorm1.weight", 1],
      ["groupNorm1.bias", 0],
    ]);
    model.dispose();
  });

  it("have no parameters where affine is false", () => {
    const options = { affine: false };
    const layers = [
      gradlane.batchNorm(options),
      gradlane.layerNorm(options),
      gradlane.rmsNorm(options),
      gradlane.groupNorm(3, options),
    ];
    const model = modelOf([...layers, dense(1)], [6]);
    expect(model.parameters.map(({ name }) => name)).toEqual(["dense1.weight", "dense1.bias"]);
    expect(model.trainStep(floats(12, 1), new Float32Array(2))).toBeGreaterThanOrEqual(0);
    model.dispose();
  });

  it("refuse wrong numbers and shapes", () => {
    expect(() => gradlane.groupNorm(0)).toThrow(
      new RangeError("groupNorm: expected groups to be a whole number from 1 on, got 0"),
    );
    expect(() => modelOf([gradlane.groupNorm(4)], [6])).toThrow(
      new RangeError(
        "groupNorm(4): expected a number of groups that divides the channels, got 4 for 6 channels",
      ),
    );
    expect(() => gradlane.layerNorm({ epsilon: -1 })).toThrow(RangeError);
    expect(() => gradlane.rmsNorm({ epsilon: NaN })).toThrow(RangeError);
    const g = engine.graph();
    const x = g.parameter([2, 6], 1);
    expect(() => g.layerNorm(x, g.parameter([5], 1))).toThrow(
      new RangeError("layerNorm: expected a weight of [6], got [5]"),
    );
    expect(() => g.batchNorm(x, undefined, g.parameter([2, 6], 1))).toThrow(
      new RangeError("batchNorm: expected a bias of [6], got [2, 6]"),
    );
    expect(() => g.rmsNorm(g.parameter([], 1))).toThrow(
      new RangeError("rmsNorm: expected an array with at least 1 channel, got []"),
    );
    expect(() => g.normalize(x, g.parameter([5], 1), g.parameter([6], 1))).toThrow(
      new RangeError("normalize: expected a mean of [6], got [5]"),
    );
  });
});
