export interface BatchEvent {
  readonly loss: number;
  readonly size: number;
}

/** Counts steps and examples of training, and its time without that of validation. */
export class Meter {
  steps = 0;
  samples = 0;
  /** Mean loss over the examples of this epoch so far; NaN before the first batch. */
  loss = NaN;
  #now: () => number;
  #epochStart: number;
  #lastBatch: number;
  #finished = 0;
  #epochSamples = 0;
  #lossSum = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#epochStart = this.#lastBatch = now();
  }

  batch({ loss, size }: BatchEvent): void {
    this.#lastBatch = this.#now();
    this.steps++;
    this.samples += size;
    this.#epochSamples += size;
    this.#lossSum += loss * size;
    this.loss = this.#lossSum / this.#epochSamples;
  }

  /** Ends an epoch that took `seconds` without its validation; the next epoch starts now. */
  epoch(seconds: number): void {
    this.#finished += seconds;
    this.#epochStart = this.#lastBatch = this.#now();
    this.#epochSamples = this.#lossSum = 0;
  }

  get seconds(): number {
    return this.#finished + (this.#lastBatch - this.#epochStart) / 1000;
  }

  get samplesPerSecond(): number {
    return this.samples / this.seconds;
  }
}
