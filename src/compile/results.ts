import type { Heap } from "../memory/heap.ts";

/** Number of bytes that Results takes. */
export const RESULT_BYTES = 16;

/** Floats in memory through which the programs of a model and TypeScript exchange numbers. */
export class Results {
  /** Address of the loss of the last run. */
  readonly lossAddress: number;
  /** Address of the number of right answers of the last run. */
  readonly correctAddress: number;
  /** Address of the share of a whole that a run works on. */
  readonly shareAddress: number;
  /** Address of the factor of the sum of weighted losses. */
  readonly factorAddress: number;
  readonly #heap: Heap;

  /** @param address address of RESULT_BYTES bytes */
  constructor(heap: Heap, address: number) {
    this.#heap = heap;
    this.lossAddress = address;
    this.correctAddress = address + 4;
    this.shareAddress = address + 8;
    this.factorAddress = address + 12;
  }

  /** Loss of the last run. */
  get loss(): number {
    return this.#heap.floats[this.lossAddress / 4]!;
  }

  /** Number of right answers of the last run, if the model counts them. */
  get correct(): number {
    return this.#heap.floats[this.correctAddress / 4]!;
  }

  /**
   * Sets the share of a whole that the next run works on, above 0 and at most 1. A loss that sums
   * multiplies the penalties by it, because each part of the whole would count them in full.
   */
  set share(share: number) {
    this.#heap.floats[this.shareAddress / 4] = share;
  }

  /**
   * Sets the number by which the next run divides the sum of weighted losses, if their loss is a mean
   * over labels. By 0 it gives 0, as no label counts then.
   */
  set divisor(divisor: number) {
    this.#heap.floats[this.factorAddress / 4] = divisor === 0 ? 0 : 1 / divisor;
  }
}
