import type { Shape } from "../graph/node.ts";
import type { Loss } from "../losses.ts";
import type { Optimizer } from "../optimizers.ts";
import type { BatchEnd, Callback, EpochEnd } from "./callbacks.ts";
import type { ModelMetric } from "../metrics/metric.ts";
import type { Tensor } from "../runtime/tensor.ts";

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

/** Examples and what they should give. */
export interface Dataset {
  /** [examples, ...inputShape], row-major; by name for networks with several inputs. */
  readonly x: Features | NamedFeatures;
  /** One class index for each example, or [examples, ...outputShape], row-major. */
  readonly y: Targets;
}

/** How long and by what pieces a model is trained, and who is told. */
export interface FitOptions {
  /** 1 by default, as in Keras. */
  readonly epochs?: number;
  /** The planned batch size by default, or all examples if they are fewer. */
  readonly batchSize?: number;
  /**
   * Works through each batch in pieces of this many examples and adds up their gradients: the step
   * of the whole batch up to rounding, in the memory of a piece and of one more block of gradients,
   * or of three more for more than 32 pieces, which add up in float64. Without it a batch is one piece.
   * Layers that need whole batches (batchNorm, and those that update a buffer) are refused. dropout
   * draws another mask for each piece, so its masks are not those of the whole batch. Ops of a
   * network of one's own that mix examples (a mean over the first axis) see those of the piece
   * alone, and what a layer adds to the loss (addLoss) of its outputs is weighed by the piece, neither
   * of which can be noticed.
   */
  readonly microBatchSize?: number;
  /** Evaluated after each epoch. A loss of NaN is reported as it is and does not end training. */
  readonly validation?: Dataset;
  /** Whether each epoch takes the examples in a new order, which the seed decides; true by default. */
  readonly shuffle?: boolean;
  /**
   * Steps between snapshots within an epoch: what fit goes back to when a loss is not finite or a
   * lane is lost. There is always one at the start of each epoch. It is a copy of parameters,
   * optimizer state and buffers, outside of the engine's memory: for Adam three times the
   * parameters.
   */
  readonly snapshotSteps?: number;
  /**
   * Called after each step; training goes on when its promise, if it gives one, is fulfilled. A
   * step whose loss is not finite is not told: it is undone, and fit rejects.
   */
  readonly onBatchEnd?: (batch: BatchEnd) => unknown;
  /** Called after each epoch and its validation; training goes on when its promise is fulfilled. */
  readonly onEpochEnd?: (epoch: EpochEnd) => unknown;
  /** Called in the order of the list, before the two functions above. */
  readonly callbacks?: readonly Callback[];
  /** Ends training after the current step: fit rejects with its reason, the weights stay. */
  readonly signal?: AbortSignal;
}

/** A model's measures over a data set. */
export interface Evaluation {
  /** Mean over the examples, or the sum where the loss is one. */
  readonly loss: number;
  /** The part that was right, 0 to 1, if the model counts it. */
  readonly accuracy?: number;
  /** Other metrics, by their names. */
  readonly [metric: string]: unknown;
}

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

/** What is written of a model. */
export interface SaveOptions {
  /**
   * Whether the optimizer's state goes along, so that training goes on from the file to the same bits
   * as if it had not stopped: moments, learning rate and other numbers, counts of steps and epochs,
   * the seed, the random state of dropout. False by default (Keras's is true); it takes as much room as
   * the weights for each moment, of which Adam has two.
   */
  readonly includeOptimizer?: boolean;
}

/** What is read of a model. */
export interface LoadOptions {
  /**
   * Whether the optimizer's state is to come from the file too, hyperparameters and seed included, as
   * PyTorch's load_state_dict does; a schedule stays the model's own. False by default.
   */
  readonly includeOptimizer?: boolean;
  /** What errors call the file: "safetensors" by default. */
  readonly source?: string;
}
