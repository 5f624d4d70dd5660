import type { CallbackState, EpochEnd } from "./callbacks.ts";
import type { Position } from "./position.ts";

/** Progress of a fit that a checkpoint holds. */
export interface FitProgress {
  readonly position: Position;
  /** Number of batches in an epoch, if it was known. */
  readonly batches?: number | undefined;
  readonly epochs: readonly EpochEnd[];
  readonly callbacks: readonly CallbackState[];
}
