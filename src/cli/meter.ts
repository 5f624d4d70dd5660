export interface BatchEvent {
  readonly loss: number;
  readonly size: number;
}

/** Counts what was trained and the time it took, without the time of validation. */
export class Meter {
  steps = 0;
  samples = 0;
  /** Mean over the examples of the epoch so far. */
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

  /** To be called when the epoch has been validated: the next one starts now. */
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
