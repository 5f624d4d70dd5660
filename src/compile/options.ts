import type { Shape } from "../graph/node.ts";
import type { Loss } from "../losses.ts";
import type { ModelMetric } from "../metrics/metric.ts";
import type { Optimizer } from "../optimizers/index.ts";
import type { ParameterGroup } from "./parameter-groups.ts";
import type { Tensor } from "../wasm/tensor.ts";

/**
 * A metric besides the loss: "accuracy", which WebAssembly counts in every step, or an object such
 * as f1(), which evaluation computes.
 */
export type Metric = "accuracy" | ModelMetric<unknown>;

/** Options that turn a network into a model. */
export interface CompileOptions {
  /**
   * Shape of one example, without the batch axis: [784]. For a network with several inputs, an
   * object that has the shape of each input under its name.
   */
  readonly inputShape: Shape | Readonly<Record<string, Shape>>;
  /** Loss that training minimises. A model without one only predicts. */
  readonly loss?: Loss;
  /**
   * Rule that updates parameters from their gradients. A model without one holds neither gradients nor
   * moments; it predicts, and evaluates if it has a loss.
   */
  readonly optimizer?: Optimizer;
  /**
   * Parameters that are trained in another way than the rest: with another learning rate or weight
   * decay, or not at all; none by default. Model.setParameterGroups sets others later.
   */
  readonly parameterGroups?: readonly ParameterGroup[];
  /** Metrics besides the loss; none by default. */
  readonly metrics?: readonly Metric[];
  /**
   * Seed of first weights, shuffling and dropout: a whole number from 0 to 2^53 - 1; 0 by default.
   */
  readonly seed?: number;
  /** Number of examples in a batch that memory is planned for; 32 by default, as in Keras. */
  readonly batchSize?: number;
  /** Factor of the bytes of Uint8Array inputs; 1/255 by default, which maps pixels to 0 to 1. */
  readonly byteScale?: number;
  /**
   * True to search inputs, targets and every value of a training step for NaN and infinities before
   * parameters change. It is slow and meant for finding faults; false by default.
   */
  readonly checkFinite?: boolean;
}

/**
 * Examples, row-major. Bytes are scaled as they are read (CompileOptions.byteScale); integers
 * become floats of the same value.
 */
export type Features = Float32Array | Uint8Array | Int32Array | Tensor;

/** The examples of each input by name, for networks with several. */
export type NamedFeatures = Readonly<Record<string, Features>>;

/** Class indices, or numbers: one-hot rows, probabilities or values to regress on. */
export type Targets = Int32Array | Uint8Array | Float32Array | Tensor;

/** Kind of targets: class indices, or as many numbers as the prediction has. */
export type TargetKind = "classes" | "values";

/** Bytes of linear memory that a model holds. */
export interface MemoryPlan {
  /** Arrays that training changes. */
  readonly parameters: number;
  /** Gradients of the parameters that are trained; as many bytes as these. */
  readonly gradients: number;
  /** Moments and hyperparameters of the optimizer, buffers of layers, and random state. */
  readonly state: number;
  /** Batches, values and gradients between layers, and results. */
  readonly activations: number;
  /** Packed operands and programs. */
  readonly scratch: number;
  /** Sum of the others. */
  readonly total: number;
}

/** Purpose of a region of a model's memory. */
export type Purpose = Exclude<keyof MemoryPlan, "total">;
