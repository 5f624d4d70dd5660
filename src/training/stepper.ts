import { Program } from "../plan/program.ts";
import type { Allocations } from "../memory/allocations.ts";
import { Snapshot } from "../memory/snapshot.ts";
import { scheduledRate } from "../schedules/index.ts";
import { type ModelParts, updateRequest } from "../compile/tasks.ts";
import type { Purpose } from "../compile/options.ts";

/** Runs training steps, sets the learning rate of each, and counts them. */
export class Stepper {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  /** Program of the optimizer, if it waits until values have been checked. */
  readonly #update: Program | undefined;
  /** Number of steps so far, as schedules count them. */
  steps = 0;
  /** Copy of what a checked step changes before its check: buffers, random state, learning rate. */
  readonly #snapshot: Snapshot | undefined;

  constructor(parts: ModelParts, allocations: Allocations<Purpose>) {
    this.#parts = parts;
    this.#allocations = allocations;
    const { runtime, settings, memory, blueprint } = parts;
    if (!settings.checkFinite) return;
    this.#update = new Program(runtime, updateRequest(parts));
    this.#update.place({ own: allocations.allocate("scratch", this.#update.ownBytes, "compile") });
    const { buffers, states, random, hyperparameters } = memory;
    this.#snapshot = new Snapshot(runtime.heap, [
      [buffers, blueprint.buffers.bytes],
      [states.training, blueprint.states.bytes],
      [random, 16],
      [hyperparameters, 8],
    ]);
  }

  /** Runs one step on the batch of a "train" program. @throws as begin and run */
  step(program: Program): void {
    this.begin();
    this.run(program);
    this.#update?.run();
    this.end();
  }

  /**
   * Sets the learning rate of the step that starts now.
   * @throws RangeError if the optimizer's schedule returns no number from 0 on, Error if it has
   * disposed of the model
   */
  begin(): void {
    const { runtime, settings, memory } = this.#parts;
    const { schedule } = settings.optimizer;
    const rate = schedule && scheduledRate(schedule, this.steps);
    // A schedule is the user's function, which may have disposed of the model.
    if (schedule) this.#allocations.checkLive();
    this.#snapshot?.capture();
    if (rate !== undefined) runtime.heap.doubles[memory.hyperparameters / 8] = rate;
  }

  /**
   * Runs forward and reverse sweep, and the optimizer unless values are checked first.
   * @param share fraction of the step's batch that the program works on
   * @throws RangeError, with checkFinite, at the first op that gives NaN or an infinity; all is
   * then as before the step, but for the gradients
   */
  run(program: Program, share = 1): void {
    this.#parts.results.share = share;
    program.run();
    if (!this.#snapshot) return;
    try {
      program.checkFinite("training");
    } catch (error) {
      this.#snapshot.restore();
      throw error;
    }
  }

  /** Counts the step. */
  end(): void {
    this.steps++;
  }
}
