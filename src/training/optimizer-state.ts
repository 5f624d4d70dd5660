import type { Region } from "../memory/snapshot.ts";
import type { Allocations } from "../memory/allocations.ts";
import type { Purpose } from "../compile/options.ts";
import type { ModelParts } from "../compile/tasks.ts";
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

/**
 * Returns the regions of the state: moments, hyperparameters, and the four words of the random
 * state.
 */
export function stateRegions({ settings, memory, blueprint }: ModelParts): Region[] {
  const { moments, hyperparameters, random } = memory;
  const { bytes } = blueprint.parameters;
  const blocks = moments.map((at): Region => [at, bytes]);
  return [
    ...blocks,
    [hyperparameters, settings.optimizer.hyperparameters.length * 8],
    [random, 16],
  ];
}

/** State from which training continues, besides weights and buffers. */
export interface StateCopy {
  /** Contents of stateRegions, in the same order. */
  readonly blocks: readonly Uint8Array<ArrayBuffer>[];
  readonly seed: number;
  readonly steps: number;
  readonly epochs: number;
}

/** Copies a model's current state. */
export function copyState({ parts, stepper, seed, epochs }: TrainingState): StateCopy {
  const { bytes } = parts.runtime.heap;
  const blocks = stateRegions(parts).map(([at, length]) => bytes.slice(at, at + length));
  return { blocks, seed, steps: stepper.steps, epochs };
}
