import { Program } from "../plan/program.ts";
import type { Allocations } from "../memory/allocations.ts";
import { Snapshot } from "../memory/snapshot.ts";
import { type Schedule, scheduledRate } from "../schedules/index.ts";
import { type ModelParts, updateRequest } from "../compile/tasks.ts";
import type { OptimizerGroup } from "../compile/training.ts";
import type { Purpose } from "../compile/options.ts";

/** Update that waits until the values of a step have been checked. */
interface CheckedUpdate {
  readonly program: Program;
  /** Address of the program. */
  readonly own: number;
  /** Copy of what the step changes before its check: buffers, random state, learning rate. */
  readonly snapshot: Snapshot;
}

/** Runs training steps, sets the learning rate of each, and counts them. */
export class Stepper {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  /** Undefined unless values are checked before the update. */
  #checked: CheckedUpdate | undefined;
  /** Number of steps so far, as schedules count them. */
  steps = 0;

  /** @throws RangeError if the memory has no room for the program of a checked update */
  constructor(parts: ModelParts, allocations: Allocations<Purpose>) {
    this.#parts = parts;
    this.#allocations = allocations;
    this.prepare();
  }

  /** Makes the program of a checked update anew. @throws RangeError if the memory has no room */
  prepare(): void {
    const { runtime, settings, memory, blueprint, training } = this.#parts;
    if (!settings.checkFinite || !training) return;
    const program = new Program(runtime, updateRequest(this.#parts));
    const own = this.#allocations.allocate("scratch", program.ownBytes, "compile");
    program.place({ own });
    const { buffers, states, random } = memory;
    const snapshot = new Snapshot(runtime.heap, [
      [buffers, blueprint.buffers.bytes],
      [states.training, blueprint.states.bytes],
      [random, 16],
      [training.hyperparameters, 8],
    ]);
    if (this.#checked) this.#allocations.release(this.#checked.own);
    this.#checked = { program, own, snapshot };
  }

  /** Runs one step on the batch of a "train" program. @throws as begin and run */
  step(program: Program): void {
    this.begin();
    this.run(program);
    this.#checked?.program.run();
    this.end();
  }

  /**
   * Sets the learning rates of the step that starts now.
   * @throws RangeError if a schedule returns no number from 0 on, Error if it has disposed of the
   * model
   */
  begin(): void {
    const { settings, training } = this.#parts;
    const { schedule } = settings.optimizer!;
    // A constant rate is in its place, and most steps have no other.
    const rates = schedule || training!.groups.length > 1 ? this.#rates(schedule) : undefined;
    this.#checked?.snapshot.capture();
    if (!rates) return;
    const { doubles } = this.#parts.runtime.heap;
    rates.forEach((rate, i) => (doubles[training!.groups[i]!.hyperparameters / 8] = rate));
  }

  /** Returns the rate of each group. */
  #rates(schedule: Schedule | undefined): number[] {
    const { runtime, training } = this.#parts;
    const { groups, hyperparameters } = training!;
    const own = schedule && scheduledRate(schedule, this.steps);
    const rate = own ?? runtime.heap.doubles[hyperparameters / 8]!;
    const rates = groups.map((group) => this.#rateOf(group, rate));
    // A schedule is the user's function, which may have disposed of the model.
    this.#allocations.checkLive();
    return rates;
  }

  /** Returns the rate of a group, where that of the model is `rate`. */
  #rateOf({ learningRate }: OptimizerGroup, rate: number): number {
    if (learningRate === undefined) return rate;
    if (typeof learningRate === "function") return scheduledRate(learningRate, this.steps);
    const first = this.#parts.settings.optimizer!.learningRate;
    return rate === first ? learningRate : learningRate * (rate / first);
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
    if (!this.#checked) return;
    try {
      program.checkFinite("training");
    } catch (error) {
      this.#checked.snapshot.restore();
      throw error;
    }
  }

  /** Counts the step. */
  end(): void {
    this.steps++;
  }
}
