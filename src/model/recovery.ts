import { LaneError } from "../runtime/lane-error.ts";
import { Snapshot } from "../runtime/snapshot.ts";
import type { ModelParts } from "./programs.ts";
import { statePlaces } from "./state.ts";
import type { Stepper } from "./stepper.ts";

/** What a recovery needs of a model. */
interface Recoverable {
  readonly parts: ModelParts;
  readonly stepper: Stepper;
  epochs: number;
}

/**
 * Where a fit goes back to when a lane is lost in the middle of a step: weights, the optimizer's
 * state and all else that steps change, as they were when it was last told to remember.
 */
export class Recovery {
  readonly #model: Recoverable;
  readonly #snapshot: Snapshot;
  #steps: number;
  #epochs: number;

  /** Remembers the model as it is now. */
  constructor(model: Recoverable) {
    const { runtime, parameters, buffers, blueprint } = model.parts;
    this.#model = model;
    this.#snapshot = new Snapshot(runtime.heap, [
      [parameters, blueprint.parameters.bytes],
      [buffers, blueprint.buffers.bytes],
      ...statePlaces(model.parts),
    ]);
    this.#steps = model.stepper.steps;
    this.#epochs = model.epochs;
  }

  remember(): void {
    this.#snapshot.renew();
    this.#steps = this.#model.stepper.steps;
    this.#epochs = this.#model.epochs;
  }

  /** Goes back if a lane has been lost. */
  restoreAfter(error: unknown): void {
    if (!(error instanceof LaneError)) return;
    this.#snapshot.restore();
    this.#model.stepper.steps = this.#steps;
    this.#model.epochs = this.#epochs;
  }
}
