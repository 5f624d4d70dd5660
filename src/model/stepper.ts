import { Program, programBytes } from "../plan/program.ts";
import type { Ledger } from "../runtime/ledger.ts";
import { scheduledRate } from "../schedules.ts";
import { type ModelParts, optimizerRecords } from "./programs.ts";
import type { Purpose, ReadyProgram } from "./workspace.ts";

/** Takes training steps: the learning rate of each, and its count. */
export class Stepper {
  readonly #parts: ModelParts;
  /** The optimizer's step, where it waits until the values have been looked at. */
  readonly #update: Program | undefined;
  #steps = 0;

  constructor(parts: ModelParts, ledger: Ledger<Purpose>) {
    this.#parts = parts;
    if (!parts.checkFinite) return;
    const records = optimizerRecords(parts);
    const at = ledger.allocate("scratch", programBytes(records), "compile");
    this.#update = new Program(parts.runtime, records, at);
  }

  /** One step on the batch that a "train" program has been given. @throws as begin and run */
  take(ready: ReadyProgram): void {
    this.begin();
    this.run(ready);
    this.#update?.run();
    this.end();
  }

  /**
   * Gives the step that starts now its learning rate.
   * @throws RangeError if the optimizer's schedule gives no number from 0 on
   */
  begin(): void {
    const { optimizer, runtime, rates } = this.#parts;
    if (!optimizer.schedule) return;
    runtime.heap.doubles[rates / 8] = scheduledRate(optimizer.schedule, this.#steps);
  }

  /**
   * Runs forward and reverse sweep, and the optimizer unless values are to be looked at first.
   * @throws RangeError, with checkFinite, at the first op that gives NaN or an infinity
   */
  run({ program, check }: ReadyProgram): void {
    if (!this.#update) {
      program.run();
      return;
    }
    const { runtime, buffers, blueprint } = this.#parts;
    const kept = runtime.heap.bytes.slice(buffers, buffers + blueprint.buffers.bytes);
    program.run();
    try {
      check();
    } catch (error) {
      runtime.heap.bytes.set(kept, buffers);
      throw error;
    }
  }

  /** Counts the step. */
  end(): void {
    this.#steps++;
  }
}
