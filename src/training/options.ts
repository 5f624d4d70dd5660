import type { ParameterChoice } from "../compile/parameter-groups.ts";
import type { Features, NamedFeatures, Targets } from "../compile/options.ts";
import type { BatchEnd, Callback, EpochEnd } from "./callbacks.ts";

/** Examples and what they should give. */
export interface Dataset {
  /** [examples, ...inputShape], row-major; by name for networks with several inputs. */
  readonly x: Features | NamedFeatures;
  /**
   * Class indices [examples, ...], one for each row of the output, or numbers [examples, ...outputShape],
   * row-major.
   */
  readonly y: Targets;
  /**
   * Weight of each example in the loss, from 0 on, [examples]; 1 by default. The loss is the sum of
   * weighted losses, divided as without weights: a weight of 2 counts an example twice. Accuracy and
   * other metrics count all examples alike.
   */
  readonly sampleWeights?: Float32Array;
}

/** Batches one after the other, each with its examples and what they should give. */
export type BatchStream = Iterable<Dataset> | AsyncIterable<Dataset>;

/**
 * Examples to train on: a data set; or a stream of batches, of which only one or two are in memory; or a
 * function that makes the stream of each epoch, counted from 0. An iterable is run through anew in each
 * epoch; one that can be run through only once, such as a generator, goes on where it is.
 */
export type FitSource =
  Dataset | BatchStream | ((epoch: number) => BatchStream | Promise<BatchStream>);

/** Options of fit: length, sizes of batches, and callbacks. */
export interface FitOptions {
  /** Number of epochs; 1 by default, as in Keras. */
  readonly epochs?: number;
  /**
   * Examples of a batch; by default the planned batch size, or all examples if there are fewer. A
   * stream has batches already.
   */
  readonly batchSize?: number;
  /**
   * Divides each batch into micro-batches of this many examples and adds up their gradients. The
   * step equals that of the whole batch up to rounding. It needs the memory of a micro-batch and
   * one more block of gradients, or three more for more than 32 micro-batches, which add up in
   * float64. By default a batch is not divided. Layers that need whole batches (batchNorm, and
   * those that update a buffer) are refused. dropout draws another mask for each micro-batch, so
   * its masks differ from those of the whole batch. Two differences are not detected: ops in
   * networks of your own that mix examples (a mean over the first axis) see those of the
   * micro-batch alone, and a loss that a layer adds (addLoss) from its outputs is weighted by the
   * micro-batch.
   */
  readonly microBatchSize?: number;
  /**
   * Number of batches that an epoch takes from a stream; by default all that it has. A stream that ends
   * earlier is an error.
   */
  readonly stepsPerEpoch?: number;
  /**
   * Share of the data set, between 0 and 1, that is kept for validation: its last examples, before any
   * shuffling, as in Keras. It excludes `validation`.
   */
  readonly validationSplit?: number;
  /** Data to evaluate after each epoch. A loss of NaN is reported and does not end training. */
  readonly validation?: Dataset;
  /**
   * Puts the examples in a new order in each epoch, which the seed decides; true by default. Streams are
   * taken as they come.
   */
  readonly shuffle?: boolean;
  /**
   * Steps between snapshots within an epoch. fit goes back to the last snapshot if a loss is not
   * finite or a thread is lost. There is always one at the start of each epoch. A snapshot is a
   * copy of parameters, optimizer state and buffers outside of the engine's memory: for Adam three
   * times the parameters.
   */
  readonly snapshotSteps?: number;
  /**
   * Called after each step; if it returns a promise, training continues once that is fulfilled. It
   * is not called for a step whose loss is not finite: that step is undone, and fit rejects.
   */
  readonly onBatchEnd?: (batch: BatchEnd) => unknown;
  /**
   * Called after each epoch and its validation; training continues once its promise is fulfilled.
   */
  readonly onEpochEnd?: (epoch: EpochEnd) => unknown;
  /**
   * True to show the progress on standard error, in Node, Deno and Bun: on a terminal a line with the
   * loss and the accuracy so far, steps per second and the time left, and a line for each epoch. False by
   * default.
   */
  readonly verbose?: boolean;
  /** Called in the order of the list, before the two functions above. */
  readonly callbacks?: readonly Callback[];
  /** Ends training after the current step: fit rejects with its reason, the weights stay. */
  readonly signal?: AbortSignal;
}

/** A model's measures over a data set. */
export interface Evaluation {
  /** Mean loss over the examples, or their sum if the loss is a sum. */
  readonly loss: number;
  /** Share of right answers, 0 to 1, if the model counts it. */
  readonly accuracy?: number;
  /** Other metrics, by their names. */
  readonly [metric: string]: unknown;
}

/** Options for writing a model. */
export interface SaveOptions {
  /**
   * Includes the optimizer's state, so that training continues from the file to the same bits as if
   * it had not stopped: moments, learning rate and other hyperparameters, counts of steps and
   * epochs, the seed, the random state of dropout. False by default (true in Keras). Each moment
   * takes as many bytes as the weights; Adam has two.
   */
  readonly includeOptimizer?: boolean;
}

/** Arrays that a file and a model do not share. */
export interface LoadReport {
  /** Names of the model's arrays that were to be read, and that the file does not have. */
  readonly missing: readonly string[];
  /** Names of the file's arrays that the model does not have. */
  readonly unexpected: readonly string[];
}

/** Options for reading a model. */
export interface LoadOptions {
  /**
   * Reads the optimizer's state from the file too, hyperparameters and seed included, as PyTorch's
   * load_state_dict does. The model keeps its own schedule. False by default.
   */
  readonly includeOptimizer?: boolean;
  /**
   * False to take the arrays that both have, and leave the others as they are, as in PyTorch; the result
   * says which. An array of another shape is an error all the same. True by default.
   */
  readonly strict?: boolean;
  /**
   * The parameters and buffers to read, by their names: those of a layer, of a pattern, and so on, as in
   * parameterGroups. All by default. With it, the file may have others.
   */
  readonly parameters?: ParameterChoice | readonly ParameterChoice[];
  /** Name of the file in errors; "safetensors" by default. */
  readonly source?: string;
}
