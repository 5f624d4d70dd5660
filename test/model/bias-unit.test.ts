import { describe, expect, it } from "vitest";
import {
  createEngine,
  constant,
  dense,
  heNormal,
  mse,
  normal,
  ones,
  sequential,
  sgd,
} from "../../src/index.ts";
import type { DenseOptions, Model } from "../../src/index.ts";
import { bits, floats } from "../engine/fixtures.ts";

const engine = await createEngine();
const [ROWS, IN, UNITS] = [10, 5, 3];
const x = floats(ROWS * IN, 1);
const y = floats(ROWS * UNITS, 2);

function layer(options: DenseOptions, units = UNITS, features = IN): Model {
  return engine.compile(sequential([dense(units, options)]), {
    inputShape: [features],
    loss: mse(),
    optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
    seed: 11,
  });
}

const values = (model: Model, what: "data" | "grad"): number[] =>
  model.parameters.flatMap((parameter) => [...parameter[what]]);

/** Bias before weight, as the rows of a bias unit have them. */
function biasFirst(model: Model, what: "data" | "grad"): number[] {
  const [weight, bias] = model.parameters;
  return [...bias![what], ...weight![what]];
}

describe("a bias unit", () => {
  it("is the first row of the weight, 0 at the start", () => {
    const model = layer({ biasUnit: true });
    expect(model.parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ["dense1.weight", [1 + IN, UNITS]],
    ]);
    const { data } = model.parameters[0]!;
    expect([...data.subarray(0, UNITS)]).toEqual([0, 0, 0]);
    expect(data.subarray(UNITS).every((weight) => weight !== 0)).toBe(true);
    expect(model.summary()).toContain(String((1 + IN) * UNITS));
  });

  it.each([
    ["glorotUniform and zeros", {}],
    ["heNormal and ones", { weightInitializer: heNormal(), biasInitializer: ones() }],
    ["two constants", { weightInitializer: constant(2), biasInitializer: constant(-3) }],
  ])("starts as the bias does: %s", (_, options) => {
    const [unit, plain] = [layer({ ...options, biasUnit: true }), layer(options)];
    expect(values(unit, "data")).toEqual(biasFirst(plain, "data"));
  });

  it("has random numbers of its own, not those of the weights", () => {
    const initializer = normal(0, 1);
    const options = { weightInitializer: initializer, biasInitializer: initializer };
    const model = layer({ ...options, biasUnit: true });
    const { data } = model.parameters[0]!;
    const [bias, first] = [data.slice(0, UNITS), data.slice(UNITS, 2 * UNITS)];
    expect(bias.some((value, i) => value === first[i])).toBe(false);
  });

  it.each([
    [1, 1],
    [3, 5],
    [4, 4],
    [8, 7],
    [17, 9],
  ])("of %d units and %d features learns as a bias does, bit for bit", (units, features) => {
    const rows = 6;
    const [inputs, targets] = [floats(rows * features, 3), floats(rows * units, 4)];
    for (const activation of ["linear", "relu", "tanh"] as const) {
      const unit = layer({ biasUnit: true, activation }, units, features);
      const plain = layer({ activation }, units, features);
      for (let step = 0; step < 10; step++) {
        expect(unit.trainStep(inputs, targets)).toBe(plain.trainStep(inputs, targets));
        expect(values(unit, "grad")).toEqual(biasFirst(plain, "grad"));
      }
      expect(values(unit, "data")).toEqual(biasFirst(plain, "data"));
      const [a, b] = [unit.predict(inputs).data, plain.predict(inputs).data];
      expect(bits(a as Float32Array<ArrayBuffer>)).toEqual(bits(b as Float32Array<ArrayBuffer>));
    }
  });

  it("is the product with a column of ones", () => {
    const model = layer({ biasUnit: true });
    model.parameters[0]!.data.set(floats((1 + IN) * UNITS, 7));
    const { data } = model.parameters[0]!;
    const expected = Array.from({ length: ROWS * UNITS }, (_, at) => {
      const [row, unit] = [Math.floor(at / UNITS), at % UNITS];
      let sum = data[unit]!;
      for (let i = 0; i < IN; i++) sum += x[row * IN + i]! * data[(1 + i) * UNITS + unit]!;
      return sum;
    });
    const { data: predicted } = model.predict(x);
    predicted.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 5);
    });
    expect(model.trainStep(x, y)).toBeGreaterThan(0);
  });

  it("is saved as one array", async () => {
    const [model, other] = [layer({ biasUnit: true }), layer({ biasUnit: true })];
    model.trainStep(x, y);
    const file = await model.toSafetensors();
    await other.fromSafetensors(file);
    expect(values(other, "data")).toEqual(values(model, "data"));
    await expect(layer({}).fromSafetensors(file)).rejects.toThrow(
      /expected "dense1.weight" of shape \[5, 3\], got \[6, 3\]/,
    );
  });

  it("needs a bias", () => {
    expect(() => dense(3, { biasUnit: true, useBias: false })).toThrow(
      new RangeError("dense(3): expected useBias for a biasUnit, got false"),
    );
  });
});
