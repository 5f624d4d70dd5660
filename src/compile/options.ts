import type { Shape } from "../graph/node.ts";
import type { Loss } from "../losses.ts";
import type { ModelMetric } from "../metrics/metric.ts";
import type { Optimizer } from "../optimizers/index.ts";
import type { Tensor } from "../wasm/tensor.ts";

/**
 * What is counted besides the loss: "accuracy" in every step, in WebAssembly; objects such as f1()
 * in evaluation.
 */
export type Metric = "accuracy" | ModelMetric<unknown>;

/** What a network needs to be trained. */
export interface CompileOptions {
  /** Shape of one example, without the batch: [784]; of each input by name, if there are several. */
  readonly inputShape: Shape | Readonly<Record<string, Shape>>;
  /** What is minimised. */
  readonly loss: Loss;
  /** How parameters follow their gradients. */
  readonly optimizer: Optimizer;
  /** What is counted besides the loss; nothing by default. */
  readonly metrics?: readonly Metric[];
  /** For first weights, shuffling and dropout: a whole number from 0 to 2^53 - 1; 0 by default. */
  readonly seed?: number;
  /** Examples that memory is planned for before training starts; 32 by default, as in Keras. */
  readonly batchSize?: number;
  /** What a byte of Uint8Array input is multiplied by; 1/255 by default, so that pixels are 0 to 1. */
  readonly byteScale?: number;
  /**
   * Whether inputs, targets and every value of a training step are searched for NaN and infinities
   * before the step is taken; slow, for finding faults; false by default.
   */
  readonly checkFinite?: boolean;
}

/**
 * Examples, row-major; bytes are scaled as they are read (CompileOptions.byteScale), integers
 * become floats as they are.
 */
export type Features = Float32Array | Uint8Array | Int32Array | Tensor;

/** The examples of each input by name, for networks with several. */
export type NamedFeatures = Readonly<Record<string, Features>>;

/** Class indices, or numbers: one-hot rows, probabilities, values to regress on. */
export type Targets = Int32Array | Uint8Array | Float32Array | Tensor;

/** What targets are to a loss: class indices, or as many numbers as the prediction has. */
export type TargetKind = "classes" | "values";

/** Bytes of linear memory that a model holds. */
export interface MemoryPlan {
  /** Trainable arrays. */
  readonly parameters: number;
  /** As many bytes as parameters. */
  readonly gradients: number;
  /** The optimizer's moments and rates. */
  readonly state: number;
  /** Batches, values and gradients between layers, and results. */
  readonly activations: number;
  /** Packed operands and programs. */
  readonly scratch: number;
  /** All of these. */
  readonly total: number;
}

/** What a model's memory is for. */
export type Purpose = Exclude<keyof MemoryPlan, "total">;
