export { createEngine } from "./engine.ts";
export type { Engine, EngineInfo, EngineOptions } from "./engine.ts";
export { network, sequential } from "./layers/layer.ts";
export type { Inputs, Layer, LayerGraph, Network } from "./layers/layer.ts";
export { dense } from "./layers/dense.ts";
export type { DenseOptions } from "./layers/dense.ts";
export { activation, flatten, softmax } from "./layers/shapes.ts";
export { bce, bceWithLogits, crossEntropy, huber, klDiv, mae, mse, nll } from "./losses.ts";
export type {
  BceWithLogitsOptions,
  CrossEntropyOptions,
  HuberOptions,
  Loss,
  LossOptions,
  MseOptions,
  Reduction,
} from "./losses.ts";
export { adam, sgd } from "./optimizers.ts";
export type { AdamOptions, Optimizer, SgdOptions } from "./optimizers.ts";
export {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  zeros,
} from "./initializers.ts";
export type { Initializer } from "./initializers.ts";
export { readCsv } from "./data/csv.ts";
export type { CsvOptions } from "./data/csv.ts";
export { idxDataset, readIdx } from "./data/idx.ts";
export type { LabelledData } from "./data/dataset.ts";
export { splitAt } from "./data/dataset.ts";
export { decodeSafetensors, encodeSafetensors } from "./io/safetensors.ts";
export type { Model, Prediction } from "./model/model.ts";
export type { Graph, GraphOptions } from "./model/graph.ts";
export type { ArrayValue, Step, StepOptions } from "./model/step.ts";
export type { ModelBuffer, Parameter } from "./model/parameters.ts";
export type { Tensor } from "./runtime/tensor.ts";
export type { Node, Shape, Values } from "./graph/node.ts";
export type {
  BatchEnd,
  CompileOptions,
  Dataset,
  EpochEnd,
  Evaluation,
  Features,
  FitOptions,
  History,
  MemoryPlan,
  Metric,
  NamedFeatures,
  Targets,
} from "./model/options.ts";
