import type { Heap } from "../memory/heap.ts";

/** Number of bytes that Results takes. */
export const RESULT_BYTES = 12;

/** Floats in memory through which the programs of a model and TypeScript exchange numbers. */
export class Results {
  /** Address of the loss of the last run. */
  readonly lossAddress: number;
  /** Address of the number of right answers of the last run. */
  readonly correctAddress: number;
  /** Address of the share of a whole that a run works on. */
  readonly shareAddress: number;
  readonly #heap: Heap;

  /** @param address address of RESULT_BYTES bytes */
  constructor(heap: Heap, address: number) {
    this.#heap = heap;
    this.lossAddress = address;
    this.correctAddress = address + 4;
    this.shareAddress = address + 8;
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
}
