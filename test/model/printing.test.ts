import { describe, expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import * as gradlane from "../../src/index.ts";
import { loadKernels } from "../../src/kernels.ts";

const { adam, crossEntropy, dense, sequential } = gradlane;

/**
 * Returns the name of an object in Chromium's and WebKit's consoles; Firefox's shows it as a
 * property.
 */
const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

const relu = { activation: "relu" } as const;
const warm = gradlane.oneCycle({ maximum: 0.01, steps: 100 });

/** Everything that is described by data, and how it prints: as the call that made it. */
const described: readonly [string, object][] = [
  ["dense(10)", dense(10)],
  ['dense(128, { activation: "relu" })', dense(128, relu)],
  [
    "dense(4, { activation: leakyRelu({ negativeSlope: 0.3 }), weightPenalty: l2(0.001) })",
    dense(4, {
      activation: gradlane.leakyRelu({ negativeSlope: 0.3 }),
      weightPenalty: gradlane.l2(1e-3),
    }),
  ],
  [
    "dense(4, { weightInitializer: heNormal() })",
    dense(4, { weightInitializer: gradlane.heNormal() }),
  ],
  ["relu()", gradlane.relu()],
  ["relu({ slopeAtZero: 1 })", gradlane.relu({ slopeAtZero: 1 })],
  ["elu({ alpha: 2 })", gradlane.elu({ alpha: 2 })],
  ["softplus({ beta: 2 })", gradlane.softplus({ beta: 2 })],
  ['gelu({ approximate: "tanh" })', gradlane.gelu({ approximate: "tanh" })],
  ['activation("leakyRelu", 0.2)', gradlane.activation("leakyRelu", 0.2)],
  ["softmax()", gradlane.softmax()],
  ["logSoftmax()", gradlane.logSoftmax()],
  ["dropout(0.2)", gradlane.dropout(0.2)],
  ["embedding(100, 8)", gradlane.embedding(100, 8)],
  [
    "embedding(9, 2, { weightInitializer: normal(0, 1) })",
    gradlane.embedding(9, 2, { weightInitializer: gradlane.normal(0, 1) }),
  ],
  ["flatten()", gradlane.flatten()],
  ["batchNorm({ momentum: 0.01 })", gradlane.batchNorm({ momentum: 0.01 })],
  ["layerNorm()", gradlane.layerNorm()],
  ["rmsNorm({ affine: false })", gradlane.rmsNorm({ affine: false })],
  ["groupNorm(2, { epsilon: 0.001 })", gradlane.groupNorm(2, { epsilon: 1e-3 })],
  ["residual([dense(8), tanh()])", gradlane.residual([dense(8), gradlane.tanh()])],
  [
    'sequential([dense(128, { activation: "relu" }), dense(10)])',
    sequential([dense(128, relu), dense(10)]),
  ],
  ["network(a function)", gradlane.network((_g, { x }) => x)],
  ["crossEntropy()", crossEntropy()],
  ["crossEntropy({ labelSmoothing: 0.1 })", crossEntropy({ labelSmoothing: 0.1 })],
  ['mse({ reduction: "sum" })', gradlane.mse({ reduction: "sum" })],
  ["bceWithLogits({ posWeight: [1, 2] })", gradlane.bceWithLogits({ posWeight: [1, 2] })],
  ["adam({ learningRate: 0.001 })", adam()],
  ["adam({ learningRate: 0.01, clipNorm: 1 })", adam({ clipNorm: 1, learningRate: 0.01 })],
  [
    "sgd({ learningRate: oneCycle({ maximum: 0.01, steps: 100 }), momentum: 0.9 })",
    gradlane.sgd({ learningRate: warm, momentum: 0.9 }),
  ],
  ["l1(0.01)", gradlane.l1()],
  ["l2(0.5)", gradlane.l2(0.5)],
  ["glorotUniform()", gradlane.glorotUniform()],
  ["uniform(-1, 1)", gradlane.uniform(-1, 1)],
  ["orthogonal(1)", gradlane.orthogonal()],
  ["constant(2)", gradlane.constant(2)],
  ["zeros()", gradlane.zeros()],
  ["ones()", gradlane.ones()],
  ["f1()", gradlane.f1()],
  ['recall({ average: "macro" })', gradlane.recall({ average: "macro" })],
  ["binaryAccuracy({ threshold: 0.3 })", gradlane.binaryAccuracy({ threshold: 0.3 })],
  ["topKAccuracy(3)", gradlane.topKAccuracy(3)],
  ["confusionMatrix()", gradlane.confusionMatrix()],
  ["rocAuc()", gradlane.rocAuc()],
  ["earlyStopping({ patience: 5 })", gradlane.earlyStopping({ patience: 5 })],
];

describe("an object that is described by data", () => {
  it.each(described)("prints as %s", (text, value) => {
    expect(String(value)).toBe(text);
    expect(tagOf(value)).toBe(text);
  });

  it.each([
    [
      "stepDecay",
      gradlane.stepDecay({ learningRate: 1, stepSize: 3 }),
      "learningRate: 1, stepSize: 3",
    ],
    [
      "multiStepDecay",
      gradlane.multiStepDecay({ learningRate: 1, milestones: [2, 4] }),
      "learningRate: 1, milestones: [2, 4]",
    ],
    [
      "exponentialDecay",
      gradlane.exponentialDecay({ learningRate: 1, gamma: 0.9 }),
      "learningRate: 1, gamma: 0.9",
    ],
    [
      "polynomialDecay",
      gradlane.polynomialDecay({ learningRate: 1, steps: 9 }),
      "learningRate: 1, steps: 9",
    ],
    [
      "cosineDecay",
      gradlane.cosineDecay({ learningRate: 1, steps: 9 }),
      "learningRate: 1, steps: 9",
    ],
    [
      "cosineWarmRestarts",
      gradlane.cosineWarmRestarts({ learningRate: 1, steps: 9 }),
      "learningRate: 1, steps: 9",
    ],
    ["oneCycle", warm, "maximum: 0.01, steps: 100"],
    [
      "linearWarmUp",
      gradlane.linearWarmUp({ learningRate: 1, steps: 5, then: warm }),
      "learningRate: 1, steps: 5, then: oneCycle({ maximum: 0.01, steps: 100 })",
    ],
  ])("prints a schedule as %s", (name, schedule, options) => {
    expect(String(schedule)).toBe(`${name}({ ${options} })`);
    expect(schedule.name).toBe(name);
    expect(tagOf(schedule)).toBe("Function");
  });

  it("prints layers of one's own by their labels", () => {
    const own: gradlane.Layer = { kind: "scale", label: "scale(2)", record: (_g, x) => x };
    expect(String(sequential([own, dense(1)]))).toBe("sequential([scale(2), dense(1)])");
  });

  it("prints what users make in options as errors do, however it is made", () => {
    const own = { name: "own", fill: () => undefined, self: {} };
    own.self = own;
    expect(String(dense(1, { weightInitializer: own }))).toBe(
      'dense(1, { weightInitializer: an object named "own" })',
    );
  });

  it("shows no more than before to whoever lists, copies or compares it", () => {
    expect(Object.keys(dense(1))).toEqual(["kind", "label", "record"]);
    expect(JSON.stringify(crossEntropy())).toBe(
      '{"name":"crossEntropy","takesClasses":true,"probabilities":"softmax","ignoreIndex":-100,"reduction":"mean"}',
    );
    expect(String({ ...dense(1) })).toBe("[object Object]");
    expect(Object.keys({ ...warm })).toEqual([]);
  });
});

const xor = { x: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), y: Float32Array.of(0, 1, 1, 0) };

async function xorModel() {
  const engine = await gradlane.createEngine({ tile: "4x8" });
  const net = sequential([dense(2, relu), gradlane.batchNorm(), dense(1)]);
  const options = { inputShape: [2], loss: gradlane.mse(), optimizer: adam(), seed: 1 };
  return { engine, model: engine.compile(net, options) };
}

describe("an object that holds memory", () => {
  it("prints an engine, and that it has been disposed", async () => {
    const engine = await gradlane.createEngine({ tile: "4x8" });
    const text = "Engine(strict, 1 thread, tile 4x8)";
    expect([String(engine), tagOf(engine)]).toEqual([text, text]);
    engine.dispose();
    expect([String(engine), tagOf(engine)]).toEqual([`${text} (disposed)`, `${text} (disposed)`]);
  });

  it("prints a model, and that it has been disposed", async () => {
    const { model } = await xorModel();
    const text = "Model([2] → [1], 13 parameters)";
    expect([String(model), tagOf(model)]).toEqual([text, text]);
    model.dispose();
    expect([String(model), tagOf(model)]).toEqual([`${text} (disposed)`, `${text} (disposed)`]);
  });

  it("prints parameters and buffers with the first of their numbers as they are now", async () => {
    const { model } = await xorModel();
    const [weight] = model.parameters;
    weight!.data.set([0.5, -1 / 3, 0, 1e-7]);
    expect(String(weight)).toBe("Parameter(dense1.weight [2, 2]: 0.5, -0.3333, 0, 1e-7)");
    expect(tagOf(weight!)).toBe("Parameter(dense1.weight [2, 2])");
    expect(String(model.buffers[1])).toBe("Buffer(batchNorm1.runningVariance [2]: 1, 1)");
    expect(Object.keys(weight!)).toEqual(["name", "shape", "data", "grad"]);
    model.dispose();
    expect(String(weight)).toMatch(/^Parameter\(dense1\.weight \[2, 2\]/);
  });

  it("prints ten numbers of an array at most", async () => {
    const engine = await gradlane.createEngine();
    const tensor = engine.tensor([100, 1000]);
    expect(String(tensor)).toBe("Tensor([100, 1000]: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, …)");
    expect(String(engine.tensor([0]))).toBe("Tensor([0]: )");
    tensor.dispose();
    expect([String(tensor), tagOf(tensor)]).toEqual([
      "Tensor([100, 1000]) (disposed)",
      "Tensor([100, 1000]) (disposed)",
    ]);
  });

  it("prints a graph, its nodes and its steps", async () => {
    const g = (await gradlane.createEngine()).graph();
    expect([String(g), tagOf(g)]).toEqual(["Graph(0 nodes)", "Graph"]);
    // Consoles of browsers list what is an object's own.
    expect(Object.keys(g)).toEqual([]);
    const x = g.input("x", [4, 2]);
    const w = g.parameter([2, 3], 1);
    const y = g.matmul(x, w);
    const loss = g.sum(y);
    expect(String(g)).toBe("Graph(4 nodes)");
    expect([x, w, y, loss].map(String)).toEqual([
      "Node(x [4, 2])",
      "Node(parameter [2, 3])",
      "Node(matmul [4, 3])",
      "Node(sum [])",
    ]);
    expect(tagOf(y)).toBe("Node");
    const step = g.compile(loss);
    expect([String(step), tagOf(step)]).toEqual(["Step(sum, 1 gradient)", "Step(sum, 1 gradient)"]);
    step.dispose();
    expect(String(step)).toBe("Step(sum, 1 gradient) (disposed)");
    const other = g.compile(loss);
    g.dispose();
    expect([String(g), String(other)]).toEqual([
      "Graph (disposed)",
      "Step(sum, 1 gradient) (disposed)",
    ]);
  });

  it("prints the graph that networks and layers are recorded in", async () => {
    const seen: string[] = [];
    const net = gradlane.network((g, { x }) => {
      seen.push(String(g), String(g.relu(x)));
      return x;
    });
    const engine = await gradlane.createEngine();
    engine.compile(net, { inputShape: [3], loss: gradlane.mse(), optimizer: adam() });
    expect(seen.slice(0, 2)).toEqual(["Graph(1 node)", "Node(relu [1, 3])"]);
  });

  it("prints the kernels", async () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const kernels = await loadKernels({ memory, tile: "4x8" });
    expect(String(kernels)).toBe(`Kernels(strict, ${Object.keys(kernels).length} functions)`);
    expect(tagOf(kernels)).toBe(String(kernels));
  });
});

describe("what comes back from training", () => {
  it("prints callbacks with what they have found", async () => {
    const { model } = await xorModel();
    const stopping = gradlane.earlyStopping({ monitor: "loss", patience: 1 });
    const log = gradlane.learningRateLog({ interval: "step" });
    await model.fit(xor, { epochs: 2, batchSize: 2, callbacks: [stopping, log] });
    expect(String(stopping)).toBe(
      `earlyStopping({ monitor: "loss", patience: 1 }): best loss ${stopping.best} in epoch ${stopping.bestEpoch}`,
    );
    expect(String(log)).toBe('learningRateLog({ interval: "step" }): 4 rates');
  });

  it("stays plain data to copies, comparisons and JSON", async () => {
    const { model } = await xorModel();
    const history = await model.fit(xor, { epochs: 1 });
    const { train } = await loadDigits();
    const table = await gradlane.readCsv("1,2,0\n3,4,1\n");
    for (const plain of [history, train, table]) {
      const copy: object = structuredClone(plain);
      expect(Object.getPrototypeOf(plain)).toBe(Object.prototype);
      expect(tagOf(plain)).toBe("Object");
      expect(plain).toStrictEqual(copy);
      expect(JSON.stringify(plain)).toBe(JSON.stringify(copy));
    }
    const plain = [model.predict(xor.x), await model.evaluate(xor), model.memoryPlan];
    for (const value of plain) {
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Reflect.ownKeys(value)).toEqual(Object.keys(value));
    }
  });

  it("prints a history and data sets in one line inside of others", async () => {
    const { model } = await xorModel();
    expect(String(await model.fit(xor, { epochs: 3 }))).toBe("History(3 epochs)");
    const { train } = await loadDigits();
    expect(String(train)).toBe(
      "{ x: Float32Array(91968) [0, 0, 0.3125, 0.8125, 0.5625, 0.0625, 0, 0, 0, 0, …], " +
        "y: Int32Array(1437) [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …], " +
        "count: 1437, shape: [64], classes: 10 }",
    );
  });
});
