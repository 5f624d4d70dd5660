import type { Region } from "../memory/snapshot.ts";
import type { Allocations } from "../memory/allocations.ts";
import type { Purpose } from "../compile/options.ts";
import { type ModelParts, STATE_USES, type StateUse, trainingOf } from "../compile/tasks.ts";
import type { Stepper } from "./stepper.ts";

/** Parts of a model that decide how training continues. */
export interface TrainingState {
  readonly parts: ModelParts;
  readonly allocations: Allocations<Purpose>;
  readonly stepper: Stepper;
  seed: number;
  /** Number of epochs of all fits: each epoch shuffles anew, whichever fit it belongs to. */
  epochs: number;
}

/** Returns the regions of the state: the last one is the four words of the random state. */
export function stateRegions(parts: ModelParts) {
  const { settings, memory } = parts;
  const { block, moments, hyperparameters, groups } = trainingOf(parts, "training");
  const numbers = settings.optimizer!.hyperparameters.length * groups.length;
  return {
    moments: moments.map((at): Region => [at, block.bytes]),
    hyperparameters: [hyperparameters, numbers * 8] as Region,
    random: [memory.random, 16] as Region,
  };
}

/** Sets the states that layers keep from batch to batch to zeros: those of some uses, or of all. */
export function clearStates(
  { runtime, memory, blueprint }: ModelParts,
  ...uses: readonly StateUse[]
): void {
  for (const use of uses.length > 0 ? uses : STATE_USES) {
    const at = memory.states[use];
    runtime.heap.bytes.fill(0, at, at + blueprint.states.bytes);
  }
}

/** State from which training continues, besides weights and buffers. */
export interface StateCopy {
  /** Blocks of float32, as long as that of the gradients. */
  readonly moments: readonly Uint8Array<ArrayBuffer>[];
  /** Float64 numbers. */
  readonly hyperparameters: Uint8Array<ArrayBuffer>;
  /** Words of 32 bits. */
  readonly random: Uint8Array<ArrayBuffer>;
  readonly seed: number;
  readonly steps: number;
  readonly epochs: number;
}

/** Copies a model's current state. */
export function copyState({ parts, stepper, seed, epochs }: TrainingState): StateCopy {
  const { bytes } = parts.runtime.heap;
  const copy = ([at, length]: Region) => bytes.slice(at, at + length);
  const { moments, hyperparameters, random } = stateRegions(parts);
  return {
    moments: moments.map(copy),
    hyperparameters: copy(hyperparameters),
    random: copy(random),
    seed,
    steps: stepper.steps,
    epochs,
  };
}
