/** Milliseconds that a speed is the mean of. */
const WINDOW = 600;

/** Measures how many samples a second were trained lately. */
export class Meter {
  #readings: { readonly time: number; readonly samples: number }[] = [];

  clear(): void {
    this.#readings = [];
  }

  /** @param samples all that have been trained so far, at a time in milliseconds */
  read(samples: number, time: number): number {
    this.#readings.push({ time, samples });
    while (this.#readings.length > 2 && time - this.#readings[0]!.time > WINDOW) {
      this.#readings.shift();
    }
    const [first] = this.#readings;
    return (1000 * (samples - first!.samples)) / Math.max(1, time - first!.time);
  }
}
