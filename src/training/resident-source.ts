import type { BatchSource, SourcedBatch } from "./batch-source.ts";
import type { Examples } from "./batches.ts";
import type { TrainingState } from "./optimizer-state.ts";
import type { ResidentDataset } from "./resident-dataset.ts";

/** Batches of a data set that is in memory as a whole. */
export class ResidentSource implements BatchSource {
  readonly batches: number;
  readonly #data: ResidentDataset;
  readonly #examples: Examples;
  readonly #batchSize: number;
  readonly #state: TrainingState;
  readonly #shuffle: boolean;
  #batch = 0;

  constructor(
    state: TrainingState,
    data: ResidentDataset,
    examples: Examples,
    { batchSize, shuffle }: { readonly batchSize: number; readonly shuffle: boolean },
  ) {
    this.batches = Math.ceil(examples.count / batchSize);
    this.#state = state;
    this.#data = data;
    this.#examples = examples;
    this.#batchSize = batchSize;
    this.#shuffle = shuffle;
  }

  /** Puts the examples in the order of the epoch that the model has counted. */
  begin(_epoch: number, batch: number): void {
    if (this.#shuffle) this.#data.shuffle(this.#state.seed, this.#state.epochs);
    else this.#data.keepOrder();
    this.#batch = batch;
  }

  next(): SourcedBatch | undefined {
    if (this.#batch === this.batches) return undefined;
    const from = this.#batch++ * this.#batchSize;
    const rows = Math.min(this.#batchSize, this.#examples.count - from);
    return { examples: this.#examples, data: this.#data, from, rows };
  }

  end(): void {
    this.#batch = this.batches;
  }

  dispose(): void {
    this.#data.dispose();
  }
}
