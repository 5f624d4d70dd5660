import type { Features, NamedFeatures, Targets } from "../compile/options.ts";
import type { BatchEnd, Callback, EpochEnd } from "./callbacks.ts";

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
   * thread is lost. There is always one at the start of each epoch. It is a copy of parameters,
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
