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

/** How a worker is to train; what is not given here its module may say. */
export interface RemoteOptions extends WorkerFitOptions, WorkerEngineOptions {
  /** Copied to the worker, but for arrays over a SharedArrayBuffer, which it reads in place. */
  readonly data?: Dataset;
  /** Handed, as a copy, to the function that the worker has given serveTraining. */
  readonly settings?: unknown;
  /** A safetensors file to start from, instead of first weights. */
  readonly weights?: Uint8Array;
  /**
   * A safetensors file to go on from, with the optimizer's state, as trainings that include it and
   * model.toSafetensors give it. After the weights of `finished` training goes on to the same bits as
   * if it had not stopped; after those of an epoch under way, with the next one.
   */
  readonly checkpoint?: Uint8Array;
  /**
   * Whether the optimizer's state goes along with the weights that come back, from `finished` and from
   * weights(), for a later `checkpoint`. False by default; see SaveOptions.
   */
  readonly includeOptimizer?: boolean;
  /**
   * Called here, on the page's thread, after each epoch, for one epoch after the other: the next call
   * waits for the promise that this one returns, if it does, and `finished` waits for the last. Training
   * does not wait. An error that it throws, or that its promise rejects with, ends training as abort does,
   * and `finished` rejects with it.
   */
  readonly onEpochEnd?: (epoch: EpochEnd) => unknown;
  /** Ends training after the current step: `finished` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Options that go to the worker's fit, and to its engine. */
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

/** Those of the options that have these names. */
function pick(options: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}

/** The options that the worker's fit takes. */
export function fitOptionsOf(options: RemoteOptions): WorkerFitOptions {
  return pick(options, FIT);
}

/** The options that the worker's engine takes. */
export function engineOptionsOf(options: RemoteOptions): WorkerEngineOptions {
  return pick(options, ENGINE);
}
