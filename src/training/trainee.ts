import type { Workspace } from "../compile/workspace.ts";
import type { ModelMetric } from "../metrics/metric.ts";
import type { Batches } from "./batches.ts";
import type { TrainedModel } from "./callbacks.ts";
import type { TrainingState } from "./optimizer-state.ts";
import type { Recovery } from "./recovery.ts";

/** Parts of a model that fit needs. */
export interface Trainee extends TrainingState {
  readonly workspace: Workspace;
  readonly batches: Batches;
  readonly metrics: readonly ModelMetric<unknown>[];
  /** The model as callbacks see it. */
  readonly model: TrainedModel;
  readonly batchSize: number;
  /** True while a fit is under way. */
  fitting: boolean;
  /** Snapshot of the last fit, reused because allocating it costs more than copying. */
  lastRecovery: WeakRef<Recovery> | undefined;
}
