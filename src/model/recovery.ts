import { LaneError } from "../runtime/lane-error.ts";
import { Snapshot } from "../runtime/snapshot.ts";
import type { Trainee } from "./fit.ts";
import { statePlaces } from "./state.ts";

/** Whether numbers `from` to `to` are all finite: each of them times 0 is 0 then. */
function areFinite(data: Float32Array, from = 0, to = data.length): boolean {
  let sum = 0;
  for (let i = from; i < to; i++) sum += data[i]! * 0;
  return sum === 0;
}

/**
 * Where a fit goes back to when a lane is lost in the middle of a step, or numbers are not finite
 * any more: weights, the optimizer's state and all else that steps change, as they were when it was
 * last told to remember. It is a copy outside of the engine's memory.
 */
export class Recovery {
  readonly #trainee: Trainee;
  readonly #snapshot: Snapshot;
  #steps = 0;
  #epochs = 0;

  /** Takes room for all that there is to remember. */
  constructor(trainee: Trainee) {
    const { runtime, parameters, buffers, blueprint } = trainee.parts;
    this.#trainee = trainee;
    this.#snapshot = new Snapshot(runtime.heap, [
      [parameters, blueprint.parameters.bytes],
      [buffers, blueprint.buffers.bytes],
      ...statePlaces(trainee.parts),
    ]);
  }

  /** Remembers the model as it is now. */
  remember(): void {
    this.#snapshot.renew();
    this.#steps = this.#trainee.stepper.steps;
    this.#epochs = this.#trainee.epochs;
  }

  /**
   * Looks at the loss of a step.
   * @throws RangeError unless it is finite; all is as it was at the last snapshot then
   */
  checkLoss(loss: number, epoch: number, batch: number, step: number): void {
    if (!Number.isFinite(loss))
      throw this.#diverged(`a finite loss, got ${loss}`, epoch, batch, step);
  }

  /**
   * Looks at the weights that a step has left.
   * @throws RangeError unless all are finite; all is as it was at the last snapshot then
   */
  checkWeights(epoch: number, batch: number, step: number): void {
    const { runtime, parameters: at, blueprint } = this.#trainee.parts;
    // One pass over the block is fast; gaps between arrays may hold the NaN of an epsilon of 0.
    if (areFinite(runtime.heap.floats, at / 4, (at + blueprint.parameters.bytes) / 4)) return;
    const wrong = this.#trainee.model.parameters.find(({ data }) => !areFinite(data));
    if (wrong) throw this.#diverged(`finite weights, ${wrong.name} has others`, epoch, batch, step);
  }

  /** Goes back if a lane has been lost and the model is still there. */
  restoreAfter(error: unknown): void {
    if (error instanceof LaneError && this.#trainee.ledger.isLive) this.#restore();
  }

  #restore(): void {
    this.#snapshot.restore();
    this.#trainee.stepper.steps = this.#steps;
    this.#trainee.epochs = this.#epochs;
  }

  /** Goes back; what is wrong, as an error. */
  #diverged(wrong: string, epoch: number, batch: number, step: number): RangeError {
    this.#restore();
    const where = `in epoch ${epoch}, batch ${batch} (step ${step})`;
    const help = "checkFinite: true in compile finds the op";
    return new RangeError(
      `fit: expected ${wrong} ${where}; the model is as it was at the last snapshot; ${help}`,
    );
  }
}
