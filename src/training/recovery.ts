import { ThreadError } from "../wasm/runtime.ts";
import { size } from "../base/shape.ts";
import { Snapshot } from "../memory/snapshot.ts";
import type { Block } from "../compile/parameters.ts";
import { trainingOf } from "../compile/tasks.ts";
import { type TrainingState, stateRegions } from "./optimizer-state.ts";

/** Returns true if numbers `from` to `to` are all finite: each of them times 0 is 0 then. */
function areFinite(data: Float32Array, from: number, to: number): boolean {
  let sum = 0;
  for (let i = from; i < to; i++) sum += data[i]! * 0;
  return sum === 0;
}

/**
 * Snapshot that a fit goes back to when a thread is lost in the middle of a step, or numbers are no
 * longer finite. It holds weights, the optimizer's state and all else that steps change, outside of
 * the engine's memory.
 */
export class Recovery {
  readonly #model: TrainingState;
  readonly #snapshot: Snapshot;
  #steps = 0;
  #epochs = 0;

  /** Allocates the snapshot, which is empty until takeSnapshot. */
  constructor(model: TrainingState) {
    const { runtime, memory, blueprint } = model.parts;
    this.#model = model;
    const { moments, hyperparameters, random } = stateRegions(model.parts);
    this.#snapshot = new Snapshot(runtime.heap, [
      [memory.parameters, blueprint.parameters.bytes],
      [memory.buffers, blueprint.buffers.bytes],
      [memory.states.training, blueprint.states.bytes],
      ...moments,
      hyperparameters,
      random,
    ]);
  }

  /** Copies the model's current state. */
  takeSnapshot(): void {
    this.#snapshot.capture();
    this.#steps = this.#model.stepper.steps;
    this.#epochs = this.#model.epochs;
  }

  /**
   * Checks the loss of a step.
   * @throws RangeError unless it is finite; all is as it was at the last snapshot then
   */
  checkLoss(loss: number, epoch: number, batch: number, step: number): void {
    if (!Number.isFinite(loss))
      throw this.#diverged(`a finite loss, got ${loss}`, epoch, batch, step);
  }

  /**
   * Checks the results of a step: weights, the optimizer's moments, and buffers.
   * @throws RangeError unless all are finite; all is as it was at the last snapshot then
   */
  checkState(epoch: number, batch: number, step: number): void {
    const { memory, blueprint } = this.#model.parts;
    const { parameters, buffers } = memory;
    const { block, moments } = trainingOf(this.#model.parts, "fit");
    const wrong =
      this.#nameInfinite("weights", parameters, blueprint.parameters) ??
      moments.map((at) => this.#nameInfinite("optimizer state", at, block)).find(Boolean) ??
      this.#nameInfinite("buffers", buffers, blueprint.buffers);
    if (wrong) throw this.#diverged(wrong, epoch, batch, step);
  }

  /** Returns what is wrong with a block, naming an array that is not finite, if there is one. */
  #nameInfinite(what: string, at: number, { specs, offsets, bytes }: Block): string | undefined {
    const { floats } = this.#model.parts.runtime.heap;
    // One pass over the block is fast; gaps between arrays may hold the NaN of an epsilon of 0.
    if (areFinite(floats, at / 4, (at + bytes) / 4)) return undefined;
    const found = specs.find(({ shape }, i) => {
      const from = (at + offsets[i]!) / 4;
      return !areFinite(floats, from, from + size(shape));
    });
    return found && `finite ${what}, ${found.name} has others`;
  }

  /** Goes back to the snapshot if a thread was lost and the model is not disposed. */
  restoreAfter(error: unknown): void {
    if (error instanceof ThreadError && this.#model.allocations.isLive) this.#restore();
  }

  #restore(): void {
    this.#snapshot.restore();
    this.#model.stepper.steps = this.#steps;
    this.#model.epochs = this.#epochs;
  }

  /** Goes back to the snapshot, and returns the error. */
  #diverged(wrong: string, epoch: number, batch: number, step: number): RangeError {
    this.#restore();
    const where = `in epoch ${epoch}, batch ${batch} (step ${step})`;
    const help = "checkFinite: true in compile finds the op";
    return new RangeError(
      `fit: expected ${wrong} ${where}; the model is as it was at the last snapshot; ${help}`,
    );
  }
}
