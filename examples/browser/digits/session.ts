import { type EpochEnd, type RemoteTraining, type TrainingResult, trainInWorker } from "gradlane";
import { BATCH_SIZE, EPOCHS } from "./network.ts";
import type { Choice } from "./settings.ts";
import type { PaceMessage } from "./trainer.ts";

/** Milliseconds after each step in slow motion. */
const SLOW_STEP = 40;

export type State = "idle" | "training" | "paused" | "finished" | "failed";

export interface SessionEvents {
  readonly onState: (state: State) => void;
  readonly onEpochEnd: (epoch: EpochEnd) => void;
  readonly onFinished: (result: TrainingResult, choice: Choice) => void;
  readonly onFailed: (error: unknown) => void;
}

/** The trainings of the page: one worker, which trains one network after the other. */
export class Session {
  readonly #worker = new Worker(new URL("./trainer.ts", import.meta.url), { type: "module" });
  readonly #events: SessionEvents;
  #training: RemoteTraining | undefined;
  #state: State = "idle";

  constructor(events: SessionEvents) {
    this.#events = events;
  }

  get state(): State {
    return this.#state;
  }

  get training(): RemoteTraining | undefined {
    return this.#training;
  }

  /** Ends the training under way, if there is one; the worker is then free. */
  async stop(): Promise<void> {
    const training = this.#training;
    this.#training = undefined;
    if (!training) return;
    training.abort();
    await training.finished.catch(() => undefined);
  }

  start(choice: Choice): void {
    const { kind, units, learningRate } = choice;
    this.pace(choice);
    const training = trainInWorker(this.#worker, {
      epochs: EPOCHS[kind],
      batchSize: BATCH_SIZE,
      threads: choice.threads,
      settings: { kind, units, learningRate },
      onEpochEnd: this.#events.onEpochEnd,
    });
    this.#training = training;
    this.#enter("training");
    training.finished.then(
      (result) => {
        if (training !== this.#training) return;
        this.#events.onFinished(result, choice);
        this.#enter("finished");
      },
      (error: unknown) => {
        if (training !== this.#training) return;
        this.#events.onFailed(error);
        this.#enter("failed");
      },
    );
  }

  pause(): void {
    this.#training?.pause();
    this.#enter("paused");
  }

  resume(): void {
    this.#training?.resume();
    this.#enter("training");
  }

  /** Full speed or slow motion, from the next step on. */
  pace({ isSlow }: Choice): void {
    const message: PaceMessage = { kind: "pace", wait: isSlow ? SLOW_STEP : 0 };
    this.#worker.postMessage(message);
  }

  #enter(state: State): void {
    this.#state = state;
    this.#events.onState(state);
  }
}
