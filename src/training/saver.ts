import { check, instance } from "../base/arguments.ts";
import { load } from "../base/on-demand.ts";
import type { Callbacks, FitContext, History } from "./callbacks.ts";
import type { FitProgress } from "./fit-progress.ts";
import { type Position, noSums } from "./position.ts";
import type { Trainee } from "./trainee.ts";

/** Saves where a fit is, and goes on from there. */
export class Saver implements Pick<FitContext, "saveCheckpoint" | "resume"> {
  readonly position: Position = { epoch: 0, batch: 0, step: 0, sums: noSums() };
  readonly history: History;
  readonly #trainee: Trainee;
  #callbacks: Callbacks | undefined;
  #batches: number | undefined;
  #hasStarted = false;

  constructor(trainee: Trainee, history: History) {
    this.#trainee = trainee;
    this.history = history;
  }

  /** Says what else a checkpoint depends on. @param batches number in an epoch, if it is known */
  open(callbacks: Callbacks, batches: number | undefined): void {
    this.#callbacks = callbacks;
    this.#batches = batches;
  }

  /** Marks the first step, from which on there is no going elsewhere. */
  start(): void {
    this.#hasStarted = true;
  }

  readonly saveCheckpoint = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const { packCheckpoint } = await load(this.#trainee.checkpoints);
    this.#trainee.workspace.checkAlive();
    const { position, history } = this;
    const callbacks = this.#callbacks!.states;
    const progress = { position, batches: this.#batches, epochs: history.epochs, callbacks };
    return packCheckpoint(this.#trainee, progress);
  };

  readonly resume = async (bytes: Uint8Array, source = "checkpoint"): Promise<void> => {
    check("resume", "checkpoint", bytes, instance("the bytes of a checkpoint", Uint8Array));
    const { unpackCheckpoint } = await load(this.#trainee.checkpoints);
    this.#trainee.workspace.checkAlive();
    if (this.#hasStarted) throw new Error("resume: expected no step before, the fit has started");
    const progress = unpackCheckpoint(this.#trainee, bytes, source, (progress) => {
      this.#check(progress, source);
    });
    Object.assign(this.position, progress.position);
    // The order of an epoch under way is drawn again.
    if (this.position.batch > 0) this.#trainee.epochs--;
    this.history.epochs.splice(0, Infinity, ...progress.epochs);
    this.#callbacks!.restore(progress.callbacks);
  };

  /** @throws RangeError for a checkpoint of a fit of another form */
  #check({ batches, callbacks }: FitProgress, source: string): void {
    if (batches !== this.#batches) {
      const [expected, came] = [this.#batches, batches].map((n) => n ?? "an unknown number of");
      throw new RangeError(`${source}: expected ${expected} batches in an epoch, got ${came}`);
    }
    this.#callbacks!.checkStates(callbacks, source);
  }
}
