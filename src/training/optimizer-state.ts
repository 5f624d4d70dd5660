import type { Region } from "../memory/snapshot.ts";
import type { Allocations } from "../memory/allocations.ts";
import type { Purpose } from "../compile/options.ts";
import type { ModelParts } from "../compile/programs.ts";
import type { Stepper } from "./stepper.ts";

/** A model with all that training goes on from. */
export interface TrainingState {
  readonly parts: ModelParts;
  readonly allocations: Allocations<Purpose>;
  readonly stepper: Stepper;
  seed: number;
  /** Epochs that earlier fits have run: each epoch shuffles anew, whoever asked for it. */
  epochs: number;
}

/** Where the optimizer's state lies: moments, its numbers, and the random numbers' four words. */
export function stateRegions(parts: ModelParts): Region[] {
  const { moments, hyperparameters, random, optimizer, blueprint } = parts;
  const { bytes } = blueprint.parameters;
  const blocks = moments.map((at): Region => [at, bytes]);
  return [...blocks, [hyperparameters, optimizer.hyperparameters.length * 8], [random, 16]];
}

/** What training goes on from, beside weights and buffers. */
export interface StateCopy {
  /** Contents of stateRegions, in the same order. */
  readonly blocks: readonly Uint8Array<ArrayBuffer>[];
  readonly seed: number;
  readonly steps: number;
  readonly epochs: number;
}

/** A model's state as it is now. */
export function copyState({ parts, stepper, seed, epochs }: TrainingState): StateCopy {
  const { bytes } = parts.runtime.heap;
  const blocks = stateRegions(parts).map(([at, length]) => bytes.slice(at, at + length));
  return { blocks, seed, steps: stepper.steps, epochs };
}
