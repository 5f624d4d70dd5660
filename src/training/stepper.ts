import { Program, programBytes } from "../plan/program.ts";
import type { Allocations } from "../memory/allocations.ts";
import { Snapshot } from "../memory/snapshot.ts";
import { scheduledRate } from "../schedules/index.ts";
import { type ModelParts, optimizerJobs, setShare } from "../compile/programs.ts";
import type { ReadyProgram } from "../compile/workspace.ts";
import type { Purpose } from "../compile/options.ts";

/** Takes training steps: the learning rate of each, and its count. */
export class Stepper {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  /** The optimizer's step, where it waits until the values have been looked at. */
  readonly #update: Program | undefined;
  /** Steps that were taken, as schedules count them. */
  steps = 0;
  /** What a step that is checked changes before it is sure: buffers, random state, learning rate. */
  readonly #snapshot: Snapshot | undefined;

  constructor(parts: ModelParts, allocations: Allocations<Purpose>) {
    this.#parts = parts;
    this.#allocations = allocations;
    if (!parts.checkFinite) return;
    const jobs = optimizerJobs(parts);
    const at = allocations.allocate("scratch", programBytes(jobs), "compile");
    this.#update = new Program(parts.runtime, jobs, at);
    const { runtime, buffers, random, hyperparameters, blueprint } = parts;
    this.#snapshot = new Snapshot(runtime.heap, [
      [buffers, blueprint.buffers.bytes],
      [random, 16],
      [hyperparameters, 8],
    ]);
  }

  /** One step on the batch that a "train" program has been given. @throws as begin and run */
  step(ready: ReadyProgram): void {
    this.begin();
    this.run(ready);
    this.#update?.run();
    this.end();
  }

  /**
   * Gives the step that starts now its learning rate.
   * @throws RangeError if the optimizer's schedule gives no number from 0 on, Error if it has disposed
   * of the model
   */
  begin(): void {
    const { optimizer, runtime, hyperparameters } = this.#parts;
    const { schedule } = optimizer;
    const rate = schedule && scheduledRate(schedule, this.steps);
    // A schedule is the user's function, which may have disposed of the model.
    if (schedule) this.#allocations.checkLive();
    this.#snapshot?.capture();
    if (rate !== undefined) runtime.heap.doubles[hyperparameters / 8] = rate;
  }

  /**
   * Runs forward and reverse sweep, and the optimizer unless values are to be looked at first.
   * @param share the part of the step's batch that the program works on
   * @throws RangeError, with checkFinite, at the first op that gives NaN or an infinity; all is then
   * as before the step, but for the gradients
   */
  run({ program, check }: ReadyProgram, share = 1): void {
    setShare(this.#parts, share);
    program.run();
    if (!this.#snapshot) return;
    try {
      check();
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
