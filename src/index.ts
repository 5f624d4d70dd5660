export { createEngine } from "./engine/engine.ts";
export type { Engine, MemoryUsage } from "./engine/engine.ts";
export type { EngineInfo, EngineOptions } from "./engine/options.ts";
export { ThreadError } from "./wasm/runtime.ts";
export { serveTraining } from "./remote/serve.ts";
export type { TrainingPlan, TrainingPlanner } from "./remote/serve.ts";
export { trainInWorker } from "./remote/train.ts";
export type { RemoteOptions } from "./remote/options.ts";
export type { RemoteTraining } from "./remote/train.ts";
export type { Progress, TrainingResult } from "./remote/protocol.ts";
export { network, sequential } from "./layers/layer.ts";
export type { Decoding, Inputs, Layer, LayerGraph, LayerInputs, Network } from "./layers/layer.ts";
export { dense } from "./layers/dense.ts";
export type { DenseOptions } from "./layers/dense.ts";
export {
  activation,
  elu,
  gelu,
  leakyRelu,
  logSoftmax,
  relu,
  softmax,
  softplus,
} from "./layers/activations.ts";
export * from "../build/activation-layers.ts";
export { activationNames } from "./graph/ops/activations.ts";
export type { Activation, ActivationOption } from "./layers/activations.ts";
export {
  conv1d,
  conv2d,
  conv2dTranspose,
  depthwiseConv2d,
  separableConv2d,
} from "./layers/conv.ts";
export type {
  Conv1dLayerOptions,
  Conv2dLayerOptions,
  Conv2dTransposeLayerOptions,
  DepthwiseConv2dOptions,
} from "./layers/conv.ts";
export type { FilterOptions } from "./layers/filters.ts";
export { gru, lstm, simpleRnn } from "./layers/recurrent.ts";
export type {
  RecurrentLayer,
  RecurrentLayerOptions,
  SimpleRnnLayerOptions,
} from "./layers/recurrent.ts";
export { bidirectional, timeDistributed } from "./layers/wrappers.ts";
export type { BidirectionalOptions } from "./layers/wrappers.ts";
export { named } from "./layers/named.ts";
export { residual } from "./layers/residual.ts";
export { flatten, permute, repeatVector, reshape } from "./layers/shapes.ts";
export { crop2d, zeroPad2d } from "./layers/borders.ts";
export { adaptiveAvgPool2d, avgPool1d, avgPool2d, upsample2d } from "./layers/pool.ts";
export { globalAvgPool1d, globalAvgPool2d, globalMaxPool1d } from "./layers/pool.ts";
export { globalMaxPool2d, maxPool1d, maxPool2d } from "./layers/pool.ts";
export { dropout, spatialDropout2d } from "./layers/dropout.ts";
export { augment, cutout, randomCrop, randomFlip } from "./layers/augmentation.ts";
export { randomRotation, randomTranslation, randomZoom } from "./layers/augmentation.ts";
export { embedding, unembedding } from "./layers/embedding.ts";
export type { EmbeddingOptions } from "./layers/embedding.ts";
export { multiHeadAttention } from "./layers/attention.ts";
export type { MultiHeadAttentionOptions } from "./layers/attention.ts";
export { transformerBlock } from "./layers/transformer.ts";
export type { TransformerBlockOptions } from "./layers/transformer.ts";
export { positionEmbedding, rotaryPositions, sinusoidalPositions } from "./layers/positions.ts";
export type { PositionEmbeddingOptions, RotaryPositionsOptions } from "./layers/positions.ts";
export { batchNorm, groupNorm, layerNorm, rmsNorm } from "./layers/norm.ts";
export type { BatchNormOptions, NormOptions, RmsNormOptions } from "./layers/norm.ts";
export { impute, minMax, oneHot, standardize } from "./layers/preprocessing.ts";
export type { ImputeOptions, OneHotOptions } from "./layers/preprocessing.ts";
export type { FittingData } from "./layers/features.ts";
export { l1, l2 } from "./penalties.ts";
export type { Penalty } from "./penalties.ts";
export * from "./losses.ts";
export { binaryAccuracy, topKAccuracy } from "./metrics/accuracy.ts";
export { confusionMatrix } from "./metrics/confusion-matrix.ts";
export type { ConfusionMatrix } from "./metrics/confusion-matrix.ts";
export type {
  MetricState,
  ModelMetric,
  PredictedBatch,
  TargetBatch,
  ThresholdOption,
} from "./metrics/metric.ts";
export { logLoss } from "./metrics/log-loss.ts";
export type { LogLossOptions } from "./metrics/log-loss.ts";
export { perplexity } from "./metrics/perplexity.ts";
export {
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  r2Score,
  rootMeanSquaredError,
} from "./metrics/regression.ts";
export { f1, precision, recall } from "./metrics/precision.ts";
export type { AverageOptions } from "./metrics/precision.ts";
export { rocAuc } from "./metrics/roc-auc.ts";
export type { RocAucOptions } from "./metrics/roc-auc.ts";
export type {
  BatchEnd,
  Callback,
  CallbackState,
  EpochEnd,
  FitContext,
  History,
  NamedArray,
  TrainedModel,
} from "./training/callbacks.ts";
export { historyChart } from "./charts/history-chart.ts";
export type { HistoryChartOptions } from "./charts/history-chart.ts";
export { checkpoint } from "./callbacks/checkpoint.ts";
export type { Checkpoint, CheckpointOptions } from "./callbacks/checkpoint.ts";
export { csvLog } from "./callbacks/csv-log.ts";
export type { CsvLogOptions } from "./callbacks/csv-log.ts";
export { earlyStopping } from "./callbacks/early-stopping.ts";
export type { EarlyStopping, EarlyStoppingOptions } from "./callbacks/early-stopping.ts";
export { exponentialMovingAverage } from "./callbacks/exponential-moving-average.ts";
export type {
  ExponentialMovingAverage,
  ExponentialMovingAverageOptions,
} from "./callbacks/exponential-moving-average.ts";
export { learningRateLog } from "./callbacks/learning-rate-log.ts";
export type { LearningRateLog, LearningRateLogOptions } from "./callbacks/learning-rate-log.ts";
export { reduceOnPlateau } from "./callbacks/reduce-on-plateau.ts";
export type {
  ReduceOnPlateau,
  ReduceOnPlateauOptions,
  LearningRateReduction,
} from "./callbacks/reduce-on-plateau.ts";
export { tensorBoard } from "./callbacks/tensor-board.ts";
export { terminateOnNaN } from "./callbacks/terminate-on-nan.ts";
export { folderStore } from "./stores/folder.ts";
export { indexedDbStore } from "./stores/indexed-db.ts";
export { opfsStore } from "./stores/opfs.ts";
export type { CheckpointStore } from "./stores/store.ts";
export * from "./optimizers/index.ts";
export {
  cosineDecay,
  cosineWarmRestarts,
  exponentialDecay,
  linearWarmUp,
  multiStepDecay,
  oneCycle,
  polynomialDecay,
  stepDecay,
} from "./schedules/index.ts";
export type {
  CosineDecayOptions,
  CosineWarmRestartsOptions,
  ExponentialDecayOptions,
  LinearWarmUpOptions,
  MultiStepDecayOptions,
  OneCycleOptions,
  PolynomialDecayOptions,
  Schedule,
  StepDecayOptions,
} from "./schedules/index.ts";
export {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  normal,
  ones,
  orthogonal,
  truncatedNormal,
  uniform,
  zeros,
} from "./initializers.ts";
export type { Initializer } from "./initializers.ts";
export { readCsv } from "./data/csv.ts";
export type { CsvOptions } from "./data/csv.ts";
export { idxDataset, readIdx } from "./data/idx.ts";
export { mixup } from "./data/mixup.ts";
export type { MixedBatch, MixupOptions, MixupSource } from "./data/mixup.ts";
export type { Unmixed, UnmixedStream } from "./data/mixup.ts";
export type { LabelledData } from "./data/dataset.ts";
export { splitAt } from "./data/dataset.ts";
export { split } from "./data/split.ts";
export type { ExampleArray, ExampleArrays, SplitOptions, SplittableData } from "./data/split.ts";
export { table, tableBatches } from "./data/table.ts";
export type {
  Table,
  TableBatch,
  TableBatchesOptions,
  TableFormat,
  TableInput,
  TableOptions,
  TableSchema,
} from "./data/table-options.ts";
export type { TableColumn } from "./base/columns.ts";
export { windows } from "./data/windows.ts";
export type { Series, Windows, WindowsOptions } from "./data/windows.ts";
export type { Model } from "./model/model.ts";
export { classify } from "./model/classify.ts";
export type { Classification, ClassifyOptions } from "./model/classify.ts";
export { createDecoder } from "./generation/decoder.ts";
export type { Decoder, DecoderOptions } from "./generation/decoder.ts";
export { generate } from "./generation/generate.ts";
export type { GenerateOptions } from "./generation/generate.ts";
export { createSampler } from "./generation/sampler.ts";
export type { SamplerOptions } from "./generation/sampler.ts";
export type { Prediction } from "./training/evaluate.ts";
export type { Graph, GraphOptions } from "./compile/graph.ts";
export type { ArrayValue, Step, StepOptions } from "./compile/step.ts";
export type { ParameterChoice, ParameterGroup } from "./compile/parameter-groups.ts";
export type { ModelBuffer, Parameter } from "./compile/parameters.ts";
export type { Tensor } from "./wasm/tensor.ts";
export type { IntNode, Node, Recorder, Shape, Values } from "./graph/node.ts";
export type { OpMethods } from "./graph/ops/index.ts";
export type { ActivationChoice, ActivationName } from "./graph/ops/activations.ts";
export type { AttentionOptions } from "./graph/ops/attention.ts";
export type { AugmentOptions, FillOption, FlipOptions, Shares } from "./graph/ops/augment.ts";
export type { Conv1dOptions, Conv2dOptions } from "./graph/ops/conv.ts";
export type { Conv2dTransposeOptions } from "./graph/ops/conv-transpose.ts";
export type { AvgPool1dOptions, AvgPool2dOptions, PaddingCount } from "./graph/ops/avgpool.ts";
export type { Upsample2dOptions } from "./graph/ops/upsample.ts";
export type { Pool1dOptions, Pool2dOptions } from "./graph/ops/maxpool.ts";
export type {
  LstmOptions,
  LstmOutputs,
  RecurrentOptions,
  RecurrentOutputs,
  SimpleRnnOptions,
} from "./graph/ops/recurrent.ts";
export type { Borders2d, Padding1d, Padding2d, Pair } from "./graph/ops/windows.ts";
export type { ReduceOptions } from "./graph/ops/reduce.ts";
export type { LossArgument, ReductionOption } from "./graph/ops/reduction.ts";
export type { IdxArray } from "./data/idx.ts";
export type {
  CompileOptions,
  Features,
  MemoryPlan,
  Metric,
  NamedFeatures,
  Targets,
} from "./compile/options.ts";
export type {
  BatchStream,
  Dataset,
  Evaluation,
  FitOptions,
  FitSource,
  LoadOptions,
  LoadReport,
  SaveOptions,
} from "./training/options.ts";
