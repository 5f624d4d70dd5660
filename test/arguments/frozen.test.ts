import { describe, expect, it } from "vitest";
import * as G from "../../src/index.ts";

const engine = await G.createEngine();
const layer = G.dense(2, { activation: "relu" });
const net = G.sequential([layer, G.batchNorm()]);
const model = engine.compile(net, { inputShape: [2], loss: G.mse(), optimizer: G.adam() });
const g = engine.graph();
const node = g.parameter([2], 1);

const factories: Readonly<Record<string, () => object>> = {
  ...{ relu: G.relu, elu: G.elu, gelu: G.gelu, tanh: G.tanh, softmax: G.softmax },
  ...{ logSoftmax: G.logSoftmax, flatten: G.flatten, batchNorm: G.batchNorm },
  ...{ layerNorm: G.layerNorm, rmsNorm: G.rmsNorm, zeros: G.zeros, ones: G.ones },
  ...{ heUniform: G.heUniform, glorotNormal: G.glorotNormal, orthogonal: G.orthogonal },
  ...{ l1: G.l1, l2: G.l2, mse: G.mse, huber: G.huber, crossEntropy: G.crossEntropy, nll: G.nll },
  ...{ sgd: G.sgd, adam: G.adam, nadam: G.nadam, rmsprop: G.rmsprop, adagrad: G.adagrad },
  ...{ f1: G.f1, rocAuc: G.rocAuc, topKAccuracy: G.topKAccuracy, accuracy: G.binaryAccuracy },
  ...{ r2: G.r2Score, logLoss: G.logLoss },
  ...{ earlyStopping: G.earlyStopping, learningRateLog: G.learningRateLog },
  ...{ plateau: G.reduceOnPlateau, average: G.exponentialMovingAverage, nan: G.terminateOnNaN },
  csvLog: () => G.csvLog("log.csv"),
  tensorBoard: () => G.tensorBoard("runs"),
  folderStore: () => G.folderStore("runs"),
  opfsStore: () => G.opfsStore("runs"),
  indexedDbStore: () => G.indexedDbStore("runs"),
  activation: () => G.activation("elu", 2),
  "an activation's choice": () => G.elu().elementwise!,
  dense: () => layer,
  dropout: () => G.dropout(0.5),
  conv2d: () => G.conv2d(2, [3, 3]),
  conv1d: () => G.conv1d(2, 3),
  depthwiseConv2d: () => G.depthwiseConv2d(3),
  separableConv2d: () => G.separableConv2d(2, 3),
  conv2dTranspose: () => G.conv2dTranspose(2, 3),
  spatialDropout2d: () => G.spatialDropout2d(0.5),
  augment: () => G.augment({ crop: [2, 2] }),
  randomFlip: () => G.randomFlip(),
  randomTranslation: () => G.randomTranslation({ rows: 0.1 }),
  randomCrop: () => G.randomCrop(2),
  maxPool2d: () => G.maxPool2d(2),
  globalAvgPool2d: () => G.globalAvgPool2d(),
  upsample2d: () => G.upsample2d(2),
  zeroPad2d: () => G.zeroPad2d(1),
  crop2d: () => G.crop2d(1),
  reshape: () => G.reshape([-1]),
  permute: () => G.permute([1]),
  repeatVector: () => G.repeatVector(2),
  embedding: () => G.embedding(3, 2),
  groupNorm: () => G.groupNorm(2),
  standardize: () => G.standardize({ shape: [2] }),
  impute: () => G.impute({ shape: [2] }),
  residual: () => G.residual([G.relu()]),
  sequential: () => net,
  network: () => G.network((_, { x }) => x),
  uniform: () => G.uniform(0, 1),
  normal: () => G.normal(0, 1),
  "an optimizer's hyperparameters": () => G.adam({ clipNorm: 1 }).hyperparameters,
  stepDecay: () => G.stepDecay({ learningRate: 1, stepSize: 1 }),
  cosineDecay: () => G.cosineDecay({ learningRate: 1, steps: 1 }),
  linearWarmUp: () => G.linearWarmUp({ learningRate: 1, steps: 1 }),
  engine: () => engine,
  "an engine's info": () => engine.info,
  "an engine's notes": () => engine.info.notes,
  model: () => model,
  "a model's parameters": () => model.parameters,
  parameter: () => model.parameters[0]!,
  "a parameter's shape": () => model.parameters[0]!.shape,
  "a model's buffers": () => model.buffers,
  buffer: () => model.buffers[0]!,
  "a layer's kinds of activation": () => G.activationNames,
  tensor: () => engine.tensor([2]),
  "a tensor's shape": () => engine.tensor([2]).shape,
  graph: () => g,
  node: () => node,
  "a node's shape": () => g.add(node, node).shape,
  step: () => g.compile(g.sum(node)),
};

describe("objects that are data", () => {
  it.each(Object.entries(factories))("%s: takes no assignment", (_, make) => {
    const object = make() as Record<string, unknown>;
    for (const name of ["trainable", "label", "name", "0"]) {
      expect(() => (object[name] = 1), name).toThrow(TypeError);
    }
  });

  it("layer.trainable = false is not swallowed", () => {
    expect(() => Object.assign(layer, { trainable: false })).toThrow(TypeError);
  });

  it("a shape that is given to reshape is the caller's own", () => {
    const shape = [1, 2];
    const reshaped = g.reshape(node, shape);
    shape[0] = 7;
    expect(reshaped.shape).toEqual([1, 2]);
  });

  it("setters and live views of a frozen model work", () => {
    model.learningRate = 0.25;
    expect(model.learningRate).toBe(0.25);
    model.parameters[0]!.data[0] = 7;
    expect(model.parameters[0]!.data[0]).toBe(7);
    const tensor = engine.tensor([2]);
    tensor.data[1] = 3;
    expect(tensor.data[1]).toBe(3);
    tensor.dispose();
    expect(() => tensor.data).toThrow(RangeError);
  });
});
