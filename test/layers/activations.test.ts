import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { activationNames } from "../../src/graph/ops/activations.ts";
import { floats, wrong } from "../engine/fixtures.ts";

const { createEngine, dense, mse, sequential, sgd } = gradlane;

const engine = await createEngine();

/** Functions of the package by their names. */
const functions = gradlane as unknown as Readonly<Record<string, () => gradlane.Activation>>;

/** Names that dense takes for an activation, each with the function that makes the same. */
const factories: readonly (readonly [string, () => gradlane.Activation | undefined])[] = [
  ["linear", () => undefined],
  ["geluTanh", () => gradlane.gelu({ approximate: "tanh" })],
  ...[...activationNames, "softmax", "logSoftmax"]
    .filter((name) => name !== "geluTanh")
    .map((name) => [name, () => functions[name]!()] as const),
];

const [BATCH, FEATURES, UNITS] = [7, 5, 6];

/** The loss and every gradient of one training step, and a prediction. */
function stepOf(layers: readonly gradlane.Layer[]): { loss: number; numbers: number[] } {
  const model = engine.compile(sequential(layers), {
    inputShape: [FEATURES],
    loss: mse(),
    optimizer: sgd({ learningRate: 0.1 }),
    seed: 3,
  });
  const x = floats(BATCH * FEATURES, 1).map((v) => 3 * v);
  const loss = model.trainStep(x, floats(BATCH * 2, 2));
  const gradients = model.parameters.flatMap(({ grad }) => [...grad]);
  const numbers = [...gradients, ...model.predict(x).data];
  model.dispose();
  return { loss, numbers };
}

/** A network whose hidden layer is activated in dense, by a name or an activation. */
const inDense = (activation: gradlane.DenseOptions["activation"]): gradlane.Layer[] => [
  dense(UNITS, activation === undefined ? {} : { activation }),
  dense(2),
];

describe("an activation in dense gives the bits of one after it", () => {
  it.each(factories)("%s", (name, make) => {
    const layer = make();
    const apart = stepOf([dense(UNITS), ...(layer ? [layer] : []), dense(2)]);
    expect(apart.numbers.some((v) => v !== 0)).toBe(true);
    expect(apart.numbers).not.toContain(NaN);
    expect(stepOf(inDense(name as gradlane.ActivationOption))).toEqual(apart);
    expect(stepOf(inDense(layer))).toEqual(apart);
  });

  it.each([
    gradlane.relu({ slopeAtZero: 1 }),
    gradlane.leakyRelu({ negativeSlope: 0.2 }),
    gradlane.leakyRelu({ negativeSlope: -0.5 }),
    gradlane.elu({ alpha: 0.5 }),
    gradlane.softplus({ beta: 3 }),
  ])("$label", (layer) => {
    const apart = stepOf([dense(UNITS), layer, dense(2)]);
    expect(stepOf(inDense(layer))).toEqual(apart);
    // No input is exactly 0 here, so that relu's slope there makes no difference.
    const byName = stepOf(inDense(layer.kind as gradlane.ActivationOption));
    if (layer.kind !== "relu") expect(apart).not.toEqual(byName);
  });

  it("which needs nothing more where the gradient is had from y", () => {
    const bytes = (activation: gradlane.ActivationOption): number => {
      const model = engine.compile(sequential([dense(2000, { activation }), dense(2)]), {
        inputShape: [FEATURES],
        loss: mse(),
        optimizer: sgd(),
        batchSize: 50,
      });
      const { activations } = model.memoryPlan;
      model.dispose();
      return activations;
    };
    expect(bytes("tanh")).toBe(bytes("linear"));
    for (const name of ["gelu", "elu", "selu"] as const) {
      expect(bytes(name)).toBe(bytes("linear") + 50 * 2000 * 4);
    }
  });
});

describe.each([
  ["elu", 1],
  ["selu", 1.0507009873554805 * 1.6732632423543772],
] as const)("%s at -17", (name, factor) => {
  const slope = factor * Math.exp(-17);

  it.each([true, false])("has its slope in a graph, in dense: %s", (inDense) => {
    const g = engine.graph();
    const x = g.parameter([1, 1], -17);
    const identity = g.constant(1, [1, 1]);
    const choice = { name, parameter: name === "elu" ? 1 : 0 } as const;
    const y = inDense ? g.dense(x, identity, undefined, choice) : g[name](x);
    const step = g.compile(g.sum(y));
    step.run();
    const { data } = step.gradient(x) as gradlane.ArrayValue;
    expect(data[0]! / slope).toBeCloseTo(1, 6);
    g.dispose();
  });

  it.each([
    ["in dense", (unit: object) => [dense(1, { ...unit, activation: name })]],
    ["after it", (unit: object) => [dense(1, unit), gradlane.activation(name)]],
  ])("trains a model %s", (_, layers) => {
    const model = engine.compile(
      sequential(layers({ weightInitializer: gradlane.constant(-17) })),
      { inputShape: [1], loss: mse({ reduction: "sum" }), optimizer: sgd() },
    );
    const y = model.predict(Float32Array.of(1)).data[0]!;
    model.trainStep(Float32Array.of(1), Float32Array.of(y - 0.5));
    expect(model.parameters[0]!.grad[0]! / slope).toBeCloseTo(1, 6);
    model.dispose();
  });
});

describe("relu in a network", () => {
  it("has the slope at 0 that it is told, and 0 below", () => {
    const slopes = ([0, 1] as const).map((slopeAtZero) => {
      const g = engine.graph();
      const x = g.parameter([3], Float32Array.of(-2, 0, 2));
      const identity = g.constant(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), [3, 3]);
      const activation = { name: "relu", parameter: slopeAtZero } as const;
      const y = g.dense(g.reshape(x, [1, 3]), identity, undefined, activation);
      const step = g.compile(g.sum(y));
      step.run();
      const { data } = step.gradient(x) as gradlane.ArrayValue;
      const gradient = [...data];
      g.dispose();
      return gradient;
    });
    expect(slopes).toEqual([
      [0, 0, 1],
      [0, 1, 1],
    ]);
  });
});

describe("wrong activations", () => {
  it("names of none", () => {
    const known = ["linear", ...activationNames, "softmax", "logSoftmax"].join(", ");
    expect(() => dense(3, { activation: wrong("swish") })).toThrow(
      new RangeError(`dense(3): expected an activation of ${known}, got "swish"`),
    );
    expect(() => dense(3, { activation: wrong("toString") })).toThrow(RangeError);
    expect(() => gradlane.activation(wrong("swish"))).toThrow(RangeError);
  });

  it.each([7, {}, () => 1])("%s is none", (activation) => {
    expect(() => dense(3, { activation: wrong(activation) })).toThrow(TypeError);
  });

  it.each([
    [
      () => gradlane.relu({ slopeAtZero: wrong(0.5) }),
      "relu: expected slopeAtZero to be 0 or 1, got 0.5",
    ],
    [
      () => gradlane.leakyRelu({ negativeSlope: NaN }),
      "leakyRelu: expected negativeSlope to be a finite number, got NaN",
    ],
    [() => gradlane.elu({ alpha: -1 }), "elu: expected alpha to be a number from 0 on, got -1"],
    [() => gradlane.softplus({ beta: 0 }), "softplus: expected beta to be a number above 0, got 0"],
    [
      () => gradlane.gelu({ approximate: wrong("erf") }),
      'gelu: expected approximate to be "none" or "tanh", got "erf"',
    ],
    [() => gradlane.activation("tanh", 2), "tanh: expected no parameter, got 2"],
  ])("parameters out of range, %#", (make, text) => {
    expect(make).toThrow(new RangeError(text));
  });
});
