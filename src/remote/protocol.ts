import type { EngineInfo, EngineOptions } from "../engine/options.ts";
import type { Dataset, FitOptions } from "../training/options.ts";
import type { EpochEnd, History } from "../training/callbacks.ts";

/** What a worker trains on, and how, as far as it is the page's to say. */
export interface Order {
  readonly data: Dataset | undefined;
  readonly fit: Omit<FitOptions, "signal" | "callbacks" | "onBatchEnd" | "onEpochEnd">;
  readonly engine: Pick<EngineOptions, "threads" | "math" | "revectorize" | "tile">;
  readonly settings: unknown;
  /** As safetensors. */
  readonly weights: Uint8Array | undefined;
  /** As safetensors with the optimizer's state. */
  readonly checkpoint: Uint8Array | undefined;
  /** Whether the optimizer's state goes along with weights that come back. */
  readonly includeOptimizer: boolean | undefined;
  /** Where progress is written; its own array, told now and then, where memory cannot be shared. */
  readonly progress: SharedArrayBuffer | undefined;
}

export interface TrainMessage {
  readonly kind: "train";
  readonly order: Order;
}

/** What a page says to its worker. */
export type PageMessage = TrainMessage | { readonly kind: Request };

/** What a page may ask of the training that is under way. */
export const REQUESTS = ["pause", "resume", "abort", "weights"] as const;

export type Request = (typeof REQUESTS)[number];

/** What training comes to. */
export interface TrainingResult {
  /** What the worker's fit gave. */
  readonly history: History;
  /**
   * The weights as a safetensors file, for model.fromSafetensors or a download; with the optimizer's
   * state if the training was to include it.
   */
  readonly weights: Uint8Array<ArrayBuffer>;
  /** What the worker's engine ran on. */
  readonly info: EngineInfo;
}

/** What a worker says to its page. */
export type WorkerMessage =
  | { readonly kind: "life"; readonly lock: string }
  | { readonly kind: "progress"; readonly values: Float64Array }
  | { readonly kind: "epoch"; readonly epoch: EpochEnd }
  | { readonly kind: "weights"; readonly weights: Uint8Array<ArrayBuffer> }
  | { readonly kind: "noWeights"; readonly error: unknown }
  | { readonly kind: "done"; readonly result: TrainingResult }
  | { readonly kind: "failed"; readonly error: unknown };

/** How far training has come. */
export interface Progress {
  /** Of the batch that was trained last, from 0; -1 before the first. */
  readonly epoch: number;
  /** From 0, within the epoch; -1 before the first. */
  readonly batch: number;
  /** Batches in an epoch; 0 before the first. */
  readonly batches: number;
  /** Steps that are done. */
  readonly step: number;
  /** Of the last batch; NaN before the first. */
  readonly loss: number;
  /** Whether it waits for resume. */
  readonly paused: boolean;
}

const FIELDS = ["epoch", "batch", "batches", "step", "loss", "paused"] as const;

/** Bytes of progress in memory: a float64 for each field. */
export const PROGRESS_BYTES = 8 * FIELDS.length;

/** Progress before the first step. */
export function clearProgress(values: Float64Array): void {
  writeProgress(values, { epoch: -1, batch: -1, batches: 0, step: 0, loss: NaN, paused: false });
}

/** Writes fields of progress; a reader on another thread may see some of them earlier than others. */
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
