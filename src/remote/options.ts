import { remoteEngineRules } from "../engine/options.ts";
import { checkDataset } from "../training/data-checks.ts";
import type { Dataset } from "../training/options.ts";
import type { EpochEnd } from "../training/callbacks.ts";
import { dataset, remoteFitRules } from "../training/option-rules.ts";
import { anything, checkOptions, flag, instance } from "../base/arguments.ts";
import { checkThreads } from "../threads/cores.ts";
import type { Order } from "./protocol.ts";

type WorkerFitOptions = Order["fit"];
type WorkerEngineOptions = Order["engine"];

/** Options of a training in a worker; the worker's module may set what is left out here. */
export interface RemoteOptions extends WorkerFitOptions, WorkerEngineOptions {
  /** Copied to the worker, except arrays over a SharedArrayBuffer, which it reads in place. */
  readonly data?: Dataset;
  /** Copied to the worker and passed to its planner, see serveTraining. */
  readonly settings?: unknown;
  /** A safetensors file to start from, instead of initial weights. */
  readonly weights?: Uint8Array;
  /**
   * A safetensors file with the optimizer's state to continue from, as a training with
   * includeOptimizer or model.toSafetensors returns it. From the weights of `finished`, training
   * continues to the same bits as if it had not stopped; from those of an epoch under way, it
   * continues with the next epoch.
   */
  readonly checkpoint?: Uint8Array;
  /**
   * Includes the optimizer's state in the weights that `finished` and weights() return, for a later
   * `checkpoint`. False by default; see SaveOptions.
   */
  readonly includeOptimizer?: boolean;
  /**
   * Called here, on the page's thread, after each epoch, for one epoch after the other. If it
   * returns a promise, the next call waits for it, and `finished` waits for the last one. Training
   * does not wait. An error that it throws, or with which its promise rejects, ends training as
   * abort does, and `finished` rejects with it.
   */
  readonly onEpochEnd?: (epoch: EpochEnd) => unknown;
  /** Ends training after the current step: `finished` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Names of the options of the worker's fit, and of its engine. */
const FIT = ["epochs", "batchSize", "microBatchSize", "validation", "shuffle", "snapshotSteps"];
const ENGINE = ["threads", "math", "revectorize", "tile"];

/** @throws TypeError or RangeError naming the option that is wrong */
export function readOptions(options: RemoteOptions): RemoteOptions {
  const file = instance("the bytes of a safetensors file", Uint8Array);
  const chosen = checkOptions("trainInWorker", options, {
    ...remoteFitRules(),
    ...remoteEngineRules(),
    data: dataset(),
    settings: anything,
    weights: file,
    checkpoint: file,
    includeOptimizer: flag(),
  });
  const { data, validation, threads, weights, checkpoint } = chosen;
  if (data) checkDataset("trainInWorker", data);
  if (validation) checkDataset("trainInWorker: validation", validation);
  if (threads !== undefined) checkThreads("trainInWorker", threads);
  if (weights && checkpoint) {
    throw new TypeError("trainInWorker: expected weights or a checkpoint to start from, got both");
  }
  return chosen;
}

/** Returns the options that have these names. */
function pick(options: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}

/** Returns the options of the worker's fit. */
export function fitOptionsOf(options: RemoteOptions): WorkerFitOptions {
  return pick(options, FIT);
}

/** Returns the options of the worker's engine. */
export function engineOptionsOf(options: RemoteOptions): WorkerEngineOptions {
  return pick(options, ENGINE);
}
