import * as G from "../../src/index.ts";
import { activationNames, activationTable } from "../../src/graph/ops/activations.ts";
import { loadKernels } from "../../src/kernels.ts";
import { setups } from "../../src/reference/optimizers.ts";
import { lossNames, lossVariants } from "../support/loss-variants.ts";
import { kindsOf } from "../support/options.ts";
import { attentionTakers } from "./attention-takers.ts";
import { dataTakers } from "./data-takers.ts";
import { augmentationTakers, convolutionTakers, poolTakers } from "./image-takers.ts";
import type { Taker } from "./taker.ts";

export const engine = await G.createEngine();
const net = G.sequential([G.dense(2)]);
export const plain = { inputShape: [2], loss: G.mse(), optimizer: G.sgd() };
const model = engine.compile(net, plain);
const data = { x: new Float32Array(8), y: new Float32Array(8) };
const weights = await model.toSafetensors();
const memory = new WebAssembly.Memory({ initial: 1 });

/** A graph with a node, a node of the same shape, and one of class indices. */
function graph() {
  const g = engine.graph();
  const [x, t] = [g.parameter([2, 2], 1), g.constant(1, [2, 2])];
  return { g, x, t, labels: g.constant(new Int32Array(2)) };
}

const rates = { learningRate: "rate", clipNorm: "number", clipValue: "number" } as const;
const scale = { epsilon: "number", affine: "flag", weightInitializer: "object" } as const;
const norm = { ...scale, biasInitializer: "object" } as const;
const average = { average: "name", threshold: "number" } as const;

function reduction(name: "sum" | "mean" | "max"): Taker {
  const call = (options: never): unknown => {
    const { g, x } = graph();
    return g[name](x, 0, options);
  };
  return { call, options: { keepDims: "flag" } };
}

/** Functions of the package by their names. */
const functions = G as unknown as Readonly<Record<string, Taker["call"]>>;

/** Activations whose parameter is an option. */
function activationTakers(): Record<string, Taker> {
  const takers = activationNames.flatMap((name): [string, Taker][] => {
    const row = activationTable[name];
    if (!("takes" in row)) return [];
    const [option] = row.takes;
    return [[name, { call: functions[name]!, options: { [option]: "number" } }]];
  });
  return Object.fromEntries(takers);
}

/** Losses, with the options that their tests try. */
function lossTakers(): Record<string, Taker> {
  const takers = lossNames.map((name): [string, Taker] => {
    const tried = lossVariants.filter((variant) => variant.name === name);
    const own = kindsOf(tried.map(({ options }) => options));
    return [name, { call: functions[name]!, options: { reduction: "name", ...own } }];
  });
  return Object.fromEntries(takers);
}

/** Optimizers, with the options that their tests try. */
function optimizerTakers(): Record<string, Taker> {
  const takers = Object.entries(setups).map(([name, tried]): [string, Taker] => {
    return [name, { call: functions[name]!, options: { ...kindsOf(tried), ...rates } }];
  });
  return Object.fromEntries(takers);
}

/** Every function that takes options, by its name. */
export const takers: Readonly<Record<string, Taker>> = {
  ...activationTakers(),
  gelu: { call: G.gelu, options: { approximate: "name" } },
  dense: {
    call: (options) => G.dense(2, options),
    options: {
      ...{ useBias: "flag", biasUnit: "flag", activation: "name" },
      ...{ weightPenalty: "object", weightInitializer: "object", biasInitializer: "object" },
    },
  },
  ...convolutionTakers(),
  ...attentionTakers(),
  ...poolTakers(engine.graph()),
  ...augmentationTakers(engine.graph()),
  embedding: {
    call: (options) => G.embedding(3, 2, options),
    options: { weightInitializer: "object" },
  },
  batchNorm: { call: G.batchNorm, options: { ...norm, momentum: "number" } },
  layerNorm: { call: G.layerNorm, options: norm },
  groupNorm: { call: (options) => G.groupNorm(2, options), options: norm },
  rmsNorm: { call: G.rmsNorm, options: scale },
  ...lossTakers(),
  ...optimizerTakers(),
  stepDecay: {
    call: G.stepDecay,
    options: { learningRate: "number", stepSize: "whole", gamma: "number" },
    needed: { learningRate: 1, stepSize: 1 },
  },
  multiStepDecay: {
    call: G.multiStepDecay,
    options: { learningRate: "number", milestones: "list", gamma: "number" },
    needed: { learningRate: 1, milestones: [1] },
  },
  exponentialDecay: {
    call: G.exponentialDecay,
    options: { learningRate: "number", gamma: "number" },
    needed: { learningRate: 1, gamma: 1 },
  },
  polynomialDecay: {
    call: G.polynomialDecay,
    options: { learningRate: "number", steps: "whole", power: "number", minimum: "number" },
    needed: { learningRate: 1, steps: 1 },
  },
  cosineDecay: {
    call: G.cosineDecay,
    options: { learningRate: "number", steps: "whole", minimum: "number" },
    needed: { learningRate: 1, steps: 1 },
  },
  cosineWarmRestarts: {
    call: G.cosineWarmRestarts,
    options: { learningRate: "number", steps: "whole", factor: "whole", minimum: "number" },
    needed: { learningRate: 1, steps: 1 },
  },
  oneCycle: {
    call: G.oneCycle,
    options: {
      ...{ maximum: "number", steps: "whole", warmUp: "number", divisor: "number" },
      ...{ finalDivisor: "number", anneal: "name", threePhases: "flag" },
    },
    needed: { maximum: 1, steps: 1 },
  },
  linearWarmUp: {
    call: G.linearWarmUp,
    options: { learningRate: "number", steps: "whole", from: "number", then: "function" },
    needed: { learningRate: 1, steps: 1 },
  },
  binaryAccuracy: { call: G.binaryAccuracy, options: { threshold: "number" } },
  confusionMatrix: { call: G.confusionMatrix, options: { threshold: "number" } },
  precision: { call: G.precision, options: average },
  recall: { call: G.recall, options: average },
  f1: { call: G.f1, options: average },
  rocAuc: { call: G.rocAuc, options: { average: "name" } },
  logLoss: { call: G.logLoss, options: { fromLogits: "flag" } },
  earlyStopping: {
    call: G.earlyStopping,
    options: {
      ...{ monitor: "text", patience: "whole", minDelta: "number", mode: "name" },
      restoreBest: "flag",
    },
  },
  learningRateLog: { call: G.learningRateLog, options: { interval: "name" } },
  historyChart: {
    call: (options) => G.historyChart({ epochs: [{ epoch: 0, loss: 1, seconds: 1 }] }, options),
    options: { format: "name", title: "text" },
  },
  csvLog: { call: (options) => G.csvLog("log.csv", options), options: { append: "flag" } },
  exponentialMovingAverage: {
    call: G.exponentialMovingAverage,
    options: { decay: "number", applyAtEnd: "flag" },
  },
  reduceOnPlateau: {
    call: G.reduceOnPlateau,
    options: {
      ...{ monitor: "text", factor: "number", patience: "whole", cooldown: "whole" },
      ...{ minLearningRate: "number", minDelta: "number", mode: "name" },
    },
  },
  createEngine: {
    call: G.createEngine,
    options: {
      ...{ math: "name", threads: "whole", workerUrl: "object", revectorize: "flag", tile: "name" },
      ...{ memory: "object", module: "object", maximumBytes: "whole" },
    },
  },
  loadKernels: {
    call: loadKernels,
    options: { memory: "object", math: "name", tile: "name", module: "object" },
    needed: { memory },
  },
  compile: {
    call: (options) => engine.compile(net, options).dispose(),
    options: {
      ...{ inputShape: "list", loss: "object", optimizer: "object", metrics: "list" },
      ...{ seed: "whole", batchSize: "whole", byteScale: "number", checkFinite: "flag" },
    },
    needed: plain,
  },
  graph: { call: (options) => engine.graph(options), options: { seed: "whole" } },
  fit: {
    call: (options) => model.fit(data, options),
    options: {
      ...{ epochs: "whole", batchSize: "whole", microBatchSize: "whole", validation: "object" },
      ...{ shuffle: "flag", snapshotSteps: "whole", onBatchEnd: "function" },
      ...{ onEpochEnd: "function", callbacks: "list", signal: "object" },
    },
  },
  evaluate: {
    call: (options) => model.evaluate(data, options),
    options: { batchSize: "whole" },
  },
  toSafetensors: {
    call: (options) => model.toSafetensors(options),
    options: { includeOptimizer: "flag" },
  },
  fromSafetensors: {
    call: (options) => model.fromSafetensors(weights, options),
    options: { includeOptimizer: "flag", source: "text" },
  },
  ...dataTakers,
  "the compile of a graph": {
    who: "compile",
    call(options) {
      const { g, x } = graph();
      return g.compile(g.sum(x), options);
    },
    options: { outputs: "list", gradients: "list", checkFinite: "flag" },
  },
  save: {
    call: (options) => model.save("/nowhere/at/all", options),
    options: { includeOptimizer: "flag" },
    isHarmless: false,
  },
  load: {
    call: (options) => model.load("/nowhere/at/all", options),
    options: { includeOptimizer: "flag" },
    isHarmless: false,
  },
  trainInWorker: {
    call: (options) => G.trainInWorker(new URL("file:///nowhere.mjs"), options),
    options: {
      ...{ epochs: "whole", batchSize: "whole", microBatchSize: "whole", validation: "object" },
      ...{ shuffle: "flag", snapshotSteps: "whole", threads: "whole", math: "name" },
      ...{ revectorize: "flag", tile: "name", data: "object", weights: "object" },
      ...{ checkpoint: "object", includeOptimizer: "flag", onEpochEnd: "function" },
      signal: "object",
    },
    isHarmless: false,
  },
  sum: reduction("sum"),
  mean: reduction("mean"),
  max: reduction("max"),
};
