import { afterAll, describe, expect, it } from "vitest";
import * as G from "../../src/index.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/io/safetensors.ts";
import { type Call, expectRefused } from "./refusals.ts";

const engine = await G.createEngine();
const compileOptions = { inputShape: [2], loss: G.mse(), optimizer: G.sgd() };
const model = engine.compile(G.sequential([G.dense(2)]), compileOptions);
const data = { x: new Float32Array(8), y: new Float32Array(8) };
const weights = model.parameters.map((parameter) => parameter.data.slice());
const any = (value: unknown) => value as never;
const f = <T>(call: T) => call as (...args: unknown[]) => unknown;

const g = engine.graph();
const x = g.parameter([2, 2], 1);
const labels = g.constant(new Int32Array(2));
const foreign = engine.graph().constant(2);
const step = g.compile(g.sum(x));
/** Methods of a graph without their types. */
const loose = g as unknown as Record<string, (...args: unknown[]) => unknown>;

type Rows = Readonly<Record<string, readonly [Call, ...texts: string[]]>>;

function refuses(title: string, rows: Rows): void {
  it.each(Object.entries(rows))(`${title}: %s`, async (_, [call, ...texts]) => {
    await expectRefused(call, ...texts);
  });
}

describe("layers and what they are made of", () => {
  refuses("arguments", {
    "leakyRelu(.2)": [() => f(G.leakyRelu)(0.2), "leakyRelu", "options", "0.2"],
    "elu(2)": [() => f(G.elu)(2), "elu", "options", "2"],
    'gelu("tanh")': [() => f(G.gelu)("tanh"), "gelu", "options", '"tanh"'],
    "tanh(x)": [() => f(G.tanh)(x), "tanh", "at most 0 arguments, got 1"],
    "softmax(-1)": [() => f(G.softmax)(-1), "softmax", "arguments"],
    "logSoftmax(1)": [() => f(G.logSoftmax)(1), "logSoftmax", "arguments"],
    "flatten(1)": [() => f(G.flatten)(1), "flatten", "arguments"],
    "silu(1)": [() => f(G.silu)(1), "silu", "arguments"],
    "heNormal({ seed: 1 })": [() => f(G.heNormal)({ seed: 1 }), "heNormal", "arguments"],
    "zeros([2])": [() => f(G.zeros)([2]), "zeros", "arguments"],
    "ones(2)": [() => f(G.ones)(2), "ones", "arguments"],
    'activation("toString")': [() => G.activation(any("toString")), "activation", "toString"],
    "activation(null)": [() => G.activation(any(null)), "activation", "null"],
    'activation("elu", "1")': [() => G.activation("elu", any("1")), "elu", "alpha", '"1"'],
    "dense(Symbol())": [() => G.dense(any(Symbol("4"))), "dense", "units", "Symbol(4)"],
    "dense({ units: 2 })": [() => G.dense(any({ units: 2 })), "dense", "units"],
    "dense without a prototype": [() => G.dense(any(Object.create(null))), "dense", "units"],
    'dense(2, "relu")': [() => G.dense(2, any("relu")), "dense(2)", "options", '"relu"'],
    "a layer that is a penalty": [() => G.dense(2, { activation: any(G.l2()) }), "activation"],
    "an array that fills": [() => G.dense(2, { weightInitializer: any([1]) }), "initializer"],
    "dropout({ rate: .5 })": [() => G.dropout(any({ rate: 0.5 })), "dropout", "rate"],
    "embedding(3)": [() => f(G.embedding)(3), "embedding", "width", "undefined"],
    'groupNorm("2")': [() => G.groupNorm(any("2")), "groupNorm", "groups", '"2"'],
    "sequential(dense, dense)": [() => f(G.sequential)(G.dense(2), G.dense(2)), "sequential"],
    "sequential([loss])": [() => G.sequential([any(G.mse())]), "sequential", "position 0"],
    "residual(dense)": [() => G.residual(any(G.dense(2))), "a list of at least 1 layer"],
    "network([])": [() => G.network(any([])), "network", "record"],
    'l1("0.1")': [() => G.l1(any("0.1")), "l1", "factor"],
    "l2({ l2: 0.1 })": [() => G.l2(any({ l2: 0.1 })), "l2", "factor"],
    "l2(null)": [() => G.l2(any(null)), "l2", "factor", "null"],
    "uniform(1)": [() => f(G.uniform)(1), "uniform", "high", "undefined"],
    "uniform({})": [() => f(G.uniform)({}), "uniform", "low"],
    "normal(null, 1)": [() => G.normal(any(null), 1), "normal", "mean", "null"],
    'truncatedNormal(0, "1")': [() => G.truncatedNormal(0, any("1")), "deviation", '"1"'],
    "orthogonal(null)": [() => G.orthogonal(any(null)), "orthogonal", "gain"],
    "constant([])": [() => G.constant(any([])), "constant", "value", "[]"],
  });
});

describe("optimizers, losses, metrics and callbacks", () => {
  refuses("arguments", {
    "adam(null)": [() => G.adam(any(null)), "adam", "options", "null"],
    "adam(0.01)": [() => f(G.adam)(0.01), "adam", "options", "0.01"],
    'crossEntropy("sum")': [() => f(G.crossEntropy)("sum"), "crossEntropy", "options", '"sum"'],
    'f1("macro")': [() => f(G.f1)("macro"), "f1", "options", '"macro"'],
    "binaryAccuracy(.7)": [() => f(G.binaryAccuracy)(0.7), "binaryAccuracy", "options", "0.7"],
    "topKAccuracy({ k: 3 })": [() => G.topKAccuracy(any({ k: 3 })), "topKAccuracy", "k"],
    "perplexity({ base: 2 })": [() => f(G.perplexity)({ base: 2 }), "perplexity", "arguments"],
    "earlyStopping(5)": [() => f(G.earlyStopping)(5), "earlyStopping", "options", "5"],
    "csvLog()": [() => f(G.csvLog)(), "csvLog", "path", "undefined"],
    "csvLog({ append: true })": [() => G.csvLog(any({ append: true })), "csvLog", "path"],
    "tensorBoard()": [() => f(G.tensorBoard)(), "tensorBoard", "folder", "undefined"],
    "indexedDbStore({})": [() => f(G.indexedDbStore)({}), "indexedDbStore", "name"],
    "terminateOnNaN({})": [() => f(G.terminateOnNaN)({}), "terminateOnNaN", "arguments"],
    "of(null)": [() => G.f1().of(any(null), [1]), "f1", "predictions", "undefined"],
    "of() targets": [() => G.f1().of({ data: [1], shape: [1] }, any(null)), "f1", "targets"],
    "of() a shape": [() => G.f1().of({ data: [1], shape: any(1) }, [1]), "f1", "shape"],
    "update() a kind": [
      () =>
        G.f1()
          .create()
          .update({ data: [1], shape: [1] }, { data: [1], kind: any("class") }),
      "f1",
      "kind",
    ],
    "update() without a target": [
      () =>
        G.f1()
          .create()
          .update({ data: [1], shape: [1] }, any(undefined)),
      "f1",
      "target",
    ],
  });
});

describe("ops of a graph", () => {
  const others = ["relu", "exp", "neg", "softmax", "sum", "reshape", "transpose", "slice"];
  const binary = ["add", "sub", "mul", "div", "matmul", "dense", "embedding", "mse", "nll"];
  const comparisons = ["greater", "greaterEqual", "less", "lessEqual", "equal", "notEqual"];
  const names: string[] = [];
  for (const name in g) if (!/^(constant|input|compile|dispose)$/.test(name)) names.push(name);

  it("all refuse what is no node", async () => {
    expect(names).toEqual(expect.arrayContaining([...others, ...binary]));
    for (const name of names.filter((name) => !["parameter", "concat"].includes(name))) {
      for (const value of [undefined, null, 1, "x", [], {}, engine.tensor([2, 2]), () => x]) {
        await expectRefused(() => loose[name]!(value, x, x), name, "a node");
      }
      await expectRefused(() => loose[name]!(foreign, foreign, foreign));
    }
  });

  it("of two nodes refuse one", async () => {
    for (const name of [...binary, ...comparisons, "where"]) {
      for (const value of [undefined, null, 2, [x]]) {
        await expectRefused(() => loose[name]!(x, value), name, "a node");
      }
    }
  });

  it("of floats refuse class indices", async () => {
    const layouts = ["reshape", "transpose", "slice"];
    const floating = others.filter((name) => !layouts.includes(name));
    for (const name of [...floating, "add", "matmul", "mse", "layerNorm"]) {
      await expectRefused(() => loose[name]!(labels, x), name, "a node of floats");
    }
    await expectRefused(
      () => g.concat([x, g.constant(new Int32Array(4), [2, 2])]),
      "concat",
      "nodes of one type",
      "float, int",
    );
    await expectRefused(() => g.where(x, x, labels), "where", "of one type", "float and int");
  });

  refuses("arguments", {
    "sum(x, 0, true)": [() => loose.sum!(x, 0, true), "sum", "options", "true"],
    "sum(x, null)": [() => loose.sum!(x, null), "sum", "axis", "null"],
    'sum(x, "0")': [() => loose.sum!(x, "0"), "sum", "axis", '"0"'],
    'sum(x, ["0"])': [() => loose.sum!(x, ["0"]), "sum", "axis", '"0"'],
    "sum(x, [1n])": [() => loose.sum!(x, [-1n]), "sum", "axis", "-1n"],
    "softmax(x, 0)": [() => loose.softmax!(x, 0), "softmax", "at most 1 argument"],
    "exp(x, 2)": [() => loose.exp!(x, 2), "exp", "at most 1 argument"],
    "tanh(x, 2)": [() => loose.tanh!(x, 2), "tanh", "parameter", "2"],
    "add(x, x, x)": [() => loose.add!(x, x, x), "add", "at most 2 arguments, got 3"],
    'matmul(x, x, "false")': [() => loose.matmul!(x, x, "false"), "matmul", "transA"],
    "matmul(x, x, 0)": [() => loose.matmul!(x, x, 0), "matmul", "transA", "0"],
    'dense(…, "relu")': [() => loose.dense!(x, x, undefined, "relu"), "dense", "activation"],
    "dense(…, null)": [() => loose.dense!(x, x, null), "dense", "bias", "null"],
    "reshape(x, 4)": [() => loose.reshape!(x, 4), "reshape", "shape", "4"],
    "reshape(x, [-2, -2])": [() => g.reshape(x, [-2, -2]), "reshape", "shape", "[-2, -2]"],
    'reshape(x, ["4"])': [() => loose.reshape!(x, ["4"]), "reshape", "shape", '["4"]'],
    "transpose(x, 1)": [() => loose.transpose!(x, 1), "transpose", "permutation"],
    "slice(x)": [() => loose.slice!(x), "slice", "begin", "undefined"],
    "slice(x, 1)": [() => loose.slice!(x, 1), "slice", "begin", "1"],
    "slice(x, [null])": [() => loose.slice!(x, [null]), "slice", "null"],
    "concat(x, x)": [() => loose.concat!(x, x), "concat", "list of nodes"],
    'concat([x], "1")': [() => loose.concat!([x, x], "1"), "concat", "axis"],
    'dropout(x, "0.5")': [() => loose.dropout!(x, "0.5"), "dropout", "rate"],
    "layerNorm(x, 1e-5)": [() => loose.layerNorm!(x, 1e-5), "layerNorm", "weight"],
    "rmsNorm(…, 0)": [() => loose.rmsNorm!(x, undefined, 0), "rmsNorm", "epsilon", "0"],
    "groupNorm(x)": [() => loose.groupNorm!(x), "groupNorm", "groups", "undefined"],
    'mse(x, x, "avg")': [() => loose.mse!(x, x, "avg"), "mse", "reduction", '"avg"'],
    "mse(x, x, null)": [() => loose.mse!(x, x, null), "mse", "options", "null"],
    "mse of unknown": [() => loose.mse!(x, x, { weight: 1 }), "mse", "options", '"weight"'],
    "parameter([2])": [() => loose.parameter!([2]), "parameter", "undefined"],
    "parameter(2, 1)": [() => loose.parameter!(2, 1), "parameter", "shape", "2"],
    "constant()": [() => loose.constant!(), "constant", "undefined"],
    "constant(null)": [() => loose.constant!(null), "constant", "null"],
    "constant([1])": [() => loose.constant!([1]), "constant", "[1]"],
    "input(2)": [() => loose.input!(2, [2]), "input", "name", "2"],
    "input of doubles": [() => loose.input!("z", [2], "double"), "input", "type", '"double"'],
    "compile()": [() => loose.compile!(), "compile", "node", "undefined"],
    "compile(5)": [() => loose.compile!(5), "compile", "node", "5"],
    "compile of another graph": [() => g.compile(foreign), "compile", "another"],
    "outputs of none": [() => g.compile(g.sum(x), { outputs: [any(null)] }), "compile", "null"],
    "run(null)": [() => step.run(any(null)), "run", "null"],
    "run([])": [() => step.run(any([])), "run", "[]"],
    "run(5)": [() => step.run(any(5)), "run", "5"],
    "run of none": [() => step.run({ toString: 1 }), "run", "toString"],
    "value()": [() => f(step.value.bind(step))(), "value", "undefined"],
    "value(null)": [() => step.value(any(null)), "value", "null"],
    "value of another graph": [() => step.value(foreign), "value", "node of this graph"],
    "gradient(null)": [() => step.gradient(any(null)), "gradient", "null"],
    "set(null)": [() => step.set(any(null), 1), "set", "null"],
    'set(x, "1")': [() => step.set(x, any("1")), "parameter", '"1"'],
    "tensor(2)": [() => engine.tensor(any(2)), "tensor", "shape", "2"],
    "tensor([2], data)": [
      () => f(engine.tensor.bind(engine))([2], [1, 2]),
      "tensor",
      "at most 1 argument",
    ],
  });
});

describe("models", () => {
  const compile = (network: unknown, more = {}) =>
    engine.compile(any(network), { ...compileOptions, ...more });
  const run = (record: unknown) => compile(G.network(any(record)));

  refuses("arguments", {
    "a layer as network": [() => compile(G.dense(2)), "compile", "a network", "label"],
    "a list as network": [() => compile([G.dense(2)]), "compile", "a network"],
    "a loss as network": [() => compile(G.mse()), "mse", "a node"],
    "a penalty as network": [() => compile(G.l2()), "a node"],
    "a penalty as loss": [() => compile(G.sequential([G.dense(2)]), { loss: G.l2() }), "a loss"],
    "a layer as loss": [() => compile(G.sequential([G.dense(2)]), { loss: G.relu() }), "a loss"],
    "a loss as penalty": [
      () => compile(G.sequential([G.dense(2, { weightPenalty: any(G.mse()) })])),
      "mse",
      "target",
    ],
    "use of no layer": [() => run((h: G.LayerGraph, { x }: G.Inputs) => h.use(any(G.relu), x))],
    "use of no node": [() => run((h: G.LayerGraph) => h.use(G.dense(2), any(undefined)))],
    "a node of another graph": [() => run(() => foreign)],
    "data as arrays": [() => f(model.fit.bind(model))(data.x, data.y), "fit", "{ x, y }"],
    "another field": [() => model.fit(any({ ...data, weights: [] })), "fit", '"weights"'],
    "evaluate of more": [() => model.evaluate(any({ ...data, weights: 1 })), "evaluate", "weights"],
    "evaluate(data, 32)": [() => model.evaluate(data, any(32)), "evaluate", "options", "32"],
    "resetStates(1)": [() => f(model.resetStates.bind(model))(1), "resetStates", "arguments"],
    "predict(x, 32)": [
      () => f(model.predict.bind(model))(data.x, 32),
      "predict",
      "at most 1 argument",
    ],
    "fit(data, { signal: {} })": [() => model.fit(data, { signal: any({}) }), "fit", "signal"],
    "another hook": [
      () => model.fit(data, { callbacks: [any({ onEpochBegin: f, onEpochEnd: f })] }),
      "fit",
      "callback 0",
      '"onEpochBegin"',
    ],
    "save(path, true)": [() => model.save("/nowhere/at/all", any(true)), "save", "options", "true"],
    "save()": [() => f(model.save.bind(model))(), "save", "path", "undefined"],
    'save("")': [() => model.save(""), "save", "path", '""'],
    "load(null)": [() => model.load(any(null)), "load", "path", "null"],
    "toSafetensors(true)": [() => model.toSafetensors(any(true)), "toSafetensors", "true"],
    "fromSafetensors(null)": [() => model.fromSafetensors(any(null)), "Uint8Array", "null"],
    "trainStep()": [() => f(model.trainStep.bind(model))(), "trainStep", "x", "undefined"],
    "trainStep(x)": [() => f(model.trainStep.bind(model))(data.x), "trainStep", "y", "undefined"],
  });

  it.each([null, "", [], false, "1", NaN, -1, undefined])("learningRate = %j", async (rate) => {
    const set = (): void => {
      model.learningRate = any(rate);
    };
    await expectRefused(set, "model", "learningRate", "a number from 0 on");
  });

  afterAll(() => {
    expect(model.parameters.map((parameter) => parameter.data.slice())).toEqual(weights);
    expect(model.learningRate).toBe(G.sgd().learningRate);
  });
});

describe("readers and writers", () => {
  const labelled = {
    x: new Float32Array(4),
    y: new Int32Array(4),
    count: 4,
    shape: [1],
    classes: 1,
  };
  refuses("arguments", {
    "splitAt(null, 1)": [() => G.splitAt(any(null), 1), "splitAt", "data", "null"],
    "splitAt({ x, y }, 1)": [() => G.splitAt(any(data), 1), "splitAt", "count", "undefined"],
    "splitAt of more": [() => G.splitAt(any({ ...labelled, w: 1 }), 1), "splitAt", '"w"'],
    'splitAt(data, "1")': [() => G.splitAt(labelled, any("1")), "splitAt", "count", '"1"'],
    "readCsv(null)": [() => G.readCsv(any(null)), "CSV", "null"],
    "readIdx(null)": [() => G.readIdx(any(null)), "IDX", "null"],
    "readIdx(bytes, 5)": [() => G.readIdx(new Uint8Array(), any(5)), "readIdx", "name", "5"],
    "encode(null)": [() => encodeSafetensors(any(null)), "encodeSafetensors", "tensors", "null"],
    "encode([null])": [() => encodeSafetensors([any(null)]), "encodeSafetensors", "null"],
    "encode without a name": [
      () => encodeSafetensors([any({ shape: [], data: new Float32Array(1) })]),
      "name",
      "undefined",
    ],
    "encode of no shape": [
      () => encodeSafetensors([any({ name: "a", shape: 1, data: new Float32Array(1) })]),
      "shape",
      "1",
    ],
    "decode of no source": [() => decodeSafetensors(new Uint8Array(), any(5)), "source", "5"],
    "trainInWorker()": [() => f(G.trainInWorker)(), "trainInWorker", "worker", "undefined"],
    "serveTraining(null)": [() => G.serveTraining(any(null)), "serveTraining", "planner", "null"],
  });
});
