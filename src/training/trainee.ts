import type { OnDemand } from "../base/on-demand.ts";
import type { ModelBuffer } from "../compile/parameters.ts";
import type { Workspace } from "../compile/workspace.ts";
import type { ModelMetric } from "../metrics/metric.ts";
import type { Batches } from "./batches.ts";
import type { TrainedModel } from "./callbacks.ts";
import type { TrainingState } from "./optimizer-state.ts";
import type { FitProgress } from "./fit-progress.ts";
import type { Recovery } from "./recovery.ts";

/** Code that packs a fit under way, and unpacks it, loaded on demand. */
export interface CheckpointCode {
  readonly packCheckpoint: (trainee: Trainee, progress: FitProgress) => Uint8Array<ArrayBuffer>;
  readonly unpackCheckpoint: (
    trainee: Trainee,
    bytes: Uint8Array,
    source: string,
    check: (progress: FitProgress) => void,
  ) => FitProgress;
}

/** A model whose arrays have shapes. */
interface ShapedModel extends TrainedModel {
  readonly parameters: readonly ModelBuffer[];
  readonly buffers: readonly ModelBuffer[];
}

/** Parts of a model that fit needs. */
export interface Trainee extends TrainingState {
  readonly workspace: Workspace;
  readonly batches: Batches;
  readonly metrics: readonly ModelMetric<unknown>[];
  /** The model as callbacks see it. */
  readonly model: ShapedModel;
  readonly checkpoints: OnDemand<CheckpointCode>;
  readonly batchSize: number;
  /** True while a fit is under way. */
  fitting: boolean;
  /** Snapshot of the last fit, reused because allocating it costs more than copying. */
  lastRecovery: WeakRef<Recovery> | undefined;
}
