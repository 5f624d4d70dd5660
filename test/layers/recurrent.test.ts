import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { adam, bidirectional, createEngine, dense, flatten, gru, lstm } from "../../src/index.ts";
import { mse, sequential, simpleRnn, timeDistributed } from "../../src/index.ts";
import { recurrentFormulas } from "../../src/reference/recurrent.ts";
import { floats } from "../../src/verify/numbers.ts";
import { expectWithin } from "../support/expect.ts";

const engine = await createEngine();

function compile(layers: gradlane.Layer[], inputShape: number[], batchSize = 2): gradlane.Model {
  return engine.compile(sequential(layers), {
    inputShape,
    loss: mse(),
    optimizer: adam({ learningRate: 0.01 }),
    batchSize,
    seed: 4,
  });
}

/** Shape of the result for one example. */
function shapeOf(layers: gradlane.Layer[], inputShape: number[]): readonly number[] {
  const model = compile(layers, inputShape);
  const length = inputShape.reduce((product, n) => product * n, 1);
  const { shape } = model.predict(new Float32Array(length));
  model.dispose();
  return shape.slice(1);
}

describe("parameters", () => {
  it.each([
    [lstm(6), { weight: [3, 24], recurrentWeight: [6, 24], bias: [24] }],
    [gru(6), { weight: [3, 18], recurrentWeight: [6, 18], bias: [2, 18] }],
    [simpleRnn(6, { useBias: false }), { weight: [3, 6], recurrentWeight: [6, 6] }],
  ])("have names and shapes: %s", (layer, expected) => {
    const model = compile([layer], [5, 3]);
    const named = Object.entries(expected).map(([name, shape]) => [
      `${layer.kind}1.${name}`,
      shape,
    ]);
    expect(model.parameters.map(({ name, shape }) => [name, shape])).toEqual(named);
    model.dispose();
  });

  it("begin as Keras has them", () => {
    const model = compile([lstm(4)], [5, 3]);
    const [weight, recurrentWeight, bias] = model.parameters.map(({ data }) => data);
    const largest = Math.max(...weight!.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(Math.sqrt(6 / (3 + 16)) * (1 + 2 ** -20));
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [2, 3],
      [3, 3],
    ] as const) {
      const row = (k: number) => recurrentWeight!.subarray(k * 16, k * 16 + 16);
      const product = row(i).reduce((sum, value, k) => sum + value * row(j)[k]!, 0);
      expect(product).toBeCloseTo(i === j ? 1 : 0, 6);
    }
    expect([...bias!]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    model.dispose();
  });
});

describe("shapes", () => {
  it.each([
    [[lstm(6)], [6]],
    [[lstm(6, { returnSequences: true })], [5, 6]],
    [[gru(4, { returnSequences: true }), gru(3)], [3]],
    [[bidirectional(lstm(6))], [12]],
    [[bidirectional(gru(6, { returnSequences: true }), { merge: "sum" })], [5, 6]],
    [[timeDistributed(dense(7))], [5, 7]],
  ])("%s", (layers, expected) => {
    expect(shapeOf(layers, [5, 3])).toEqual(expected);
  });

  it("of steps that are images", () => {
    const layers = [timeDistributed(gradlane.conv2d(2, 3)), timeDistributed(flatten()), lstm(4)];
    expect(shapeOf(layers, [3, 5, 5, 1])).toEqual([4]);
  });
});

describe("values", () => {
  it.each(["lstm", "gru", "simpleRnn"] as const)("of %s are the formula's, both ways", (kind) => {
    const units = 5;
    const make = gradlane[kind];
    for (const merge of ["concat", "sum", "mul", "average"] as const) {
      const model = compile([bidirectional(make(units), { merge })], [4, 3]);
      model.parameters.forEach(({ data }, i) => data.set(floats(data.length, 20 + i)));
      const x = floats(2 * 4 * 3, 3);
      const array = (values: Float32Array, shape: readonly number[]) => ({
        shape,
        data: Float64Array.from(values),
      });
      const lastOf = (first: number, reverse: boolean): number[] => {
        const weights = model.parameters.slice(first, first + 3);
        const inputs = [array(x, [2, 4, 3]), ...weights.map((w) => array(w.data, w.shape))];
        const { data } = recurrentFormulas[kind](inputs, { reverse });
        return [...data.subarray(2 * 4 * units, 2 * 5 * units)];
      };
      const [ahead, back] = [lastOf(0, false), lastOf(3, true)];
      const row = (values: number[], b: number) => values.slice(b * units, (b + 1) * units);
      const expected = {
        concat: [0, 1].flatMap((b) => [...row(ahead, b), ...row(back, b)]),
        sum: ahead.map((value, i) => value + back[i]!),
        mul: ahead.map((value, i) => value * back[i]!),
        average: ahead.map((value, i) => (value + back[i]!) / 2),
      }[merge];
      expectWithin(model.predict(x).data, expected, () => 2e-6, merge);
      model.dispose();
    }
  });

  it("of a linear simpleRnn are running sums", () => {
    const model = compile(
      [simpleRnn(1, { activation: "linear", returnSequences: true })],
      [4, 1],
      1,
    );
    model.parameters.forEach(({ data }, i) => data.fill(i < 2 ? 1 : 0));
    expect([...model.predict(Float32Array.of(1, 2, 3, 4)).data]).toEqual([1, 3, 6, 10]);
    model.dispose();
  });
});

describe("errors", () => {
  it("name the layer and what came", () => {
    expect(() => lstm(0)).toThrow("lstm: expected units to be a whole number");
    expect(() => lstm(3, { returnSequence: true } as object)).toThrow("lstm(3): expected options");
    expect(() => compile([gru(3)], [4])).toThrow(
      "gru(3): expected sequences [batch, steps, features], got [1, 4]",
    );
    expect(() => simpleRnn(3, { activation: "softmax" })).toThrow(
      "simpleRnn(3): expected an activation whose gradient needs its result alone",
    );
    expect(() => simpleRnn(3, { activation: "gelu" })).toThrow("such as tanh or relu, got gelu");
    expect(() => bidirectional(dense(3) as never)).toThrow(
      "bidirectional: expected layer to be a recurrent layer, such as lstm(64), got dense(3)",
    );
    expect(() => bidirectional(lstm(3), { merge: "max" as never })).toThrow(
      "bidirectional(lstm(3)): expected merge to be",
    );
    expect(() => timeDistributed(3 as never)).toThrow(
      "timeDistributed: expected layer to be a layer",
    );
  });
});

describe("training", () => {
  it("learns which sequences begin with 1", () => {
    const model = engine.compile(sequential([lstm(8), dense(1)]), {
      inputShape: [6, 1],
      loss: gradlane.bceWithLogits(),
      optimizer: adam({ learningRate: 0.05 }),
      batchSize: 32,
      seed: 2,
    });
    const x = floats(32 * 6, 9).map((value) => (value > 0 ? 1 : 0));
    const y = Float32Array.from({ length: 32 }, (_, b) => x[b * 6]!);
    let loss = 0;
    for (let step = 0; step < 150; step++) loss = model.trainStep(x, y);
    expect(loss).toBeLessThan(0.05);
    model.dispose();
  });
});
