import type { EngineInfo, EngineOptions } from "../engine/options.ts";
import type { Dataset, FitOptions } from "../training/options.ts";
import type { EpochEnd, History } from "../training/callbacks.ts";

/** Options of fit that cannot be sent, or that a worker has no place for. */
type Left = "signal" | "callbacks" | "onBatchEnd" | "onEpochEnd" | "verbose";

/** Data and options that a page sends to its worker for one training. */
export interface Order {
  readonly data: Dataset | undefined;
  readonly fit: Omit<FitOptions, Left>;
  readonly engine: Pick<EngineOptions, "threads" | "math" | "revectorize" | "tile">;
  readonly settings: unknown;
  /** A safetensors file. */
  readonly weights: Uint8Array | undefined;
  /** A safetensors file with the optimizer's state. */
  readonly checkpoint: Uint8Array | undefined;
  /** True to include the optimizer's state in the weights that come back. */
  readonly includeOptimizer: boolean | undefined;
  /**
   * Memory that progress is written to; undefined if memory cannot be shared, and messages report
   * it.
   */
  readonly progress: SharedArrayBuffer | undefined;
}

export interface TrainMessage {
  readonly kind: "train";
  readonly order: Order;
}

/** Message of a page to its worker. */
export type PageMessage = TrainMessage | { readonly kind: Request };

/** Requests that a page may make of the training that is under way. */
export const REQUESTS = ["pause", "resume", "abort", "weights"] as const;

export type Request = (typeof REQUESTS)[number];

/** Result of a training. */
export interface TrainingResult {
  /** History that the worker's fit returned. */
  readonly history: History;
  /**
   * The weights as a safetensors file, for model.fromSafetensors or a download. They include the
   * optimizer's state if the training was asked to.
   */
  readonly weights: Uint8Array<ArrayBuffer>;
  /** Build, tile and threads of the worker's engine. */
  readonly info: EngineInfo;
}

/** Message of a worker to its page. */
export type WorkerMessage =
  | { readonly kind: "lock"; readonly lock: string }
  | { readonly kind: "progress"; readonly values: Float64Array }
  | { readonly kind: "epoch"; readonly epoch: EpochEnd }
  | { readonly kind: "weights"; readonly weights: Uint8Array<ArrayBuffer> }
  | { readonly kind: "noWeights"; readonly error: unknown }
  | { readonly kind: "done"; readonly result: TrainingResult }
  | { readonly kind: "failed"; readonly error: unknown };

/** Position of a training. */
export interface Progress {
  /** Epoch of the last batch, counted from 0; -1 before the first. */
  readonly epoch: number;
  /** Last batch within the epoch, counted from 0; -1 before the first. */
  readonly batch: number;
  /** Number of batches in an epoch; 0 before the first. */
  readonly batches: number;
  /** Number of steps that are done. */
  readonly step: number;
  /** Loss of the last batch; NaN before the first. */
  readonly loss: number;
  /** True while training waits for resume. */
  readonly paused: boolean;
}

const FIELDS = ["epoch", "batch", "batches", "step", "loss", "paused"] as const;

/** Bytes of progress in memory: a float64 for each field. */
export const PROGRESS_BYTES = 8 * FIELDS.length;

/** Writes the progress before the first step. */
export function clearProgress(values: Float64Array): void {
  writeProgress(values, { epoch: -1, batch: -1, batches: 0, step: 0, loss: NaN, paused: false });
}

/**
 * Writes fields of progress; a reader on another thread may see some of them earlier than others.
 */
export function writeProgress(values: Float64Array, progress: Partial<Progress>): void {
  for (let i = 0; i < FIELDS.length; i++) {
    const value = progress[FIELDS[i]!];
    if (value !== undefined) values[i] = Number(value);
  }
}

export function readProgress(values: Float64Array): Progress {
  const [epoch, batch, batches, step, loss, paused] = values as unknown as number[];
  return {
    epoch: epoch!,
    batch: batch!,
    batches: batches!,
    step: step!,
    loss: loss!,
    paused: paused !== 0,
  };
}
