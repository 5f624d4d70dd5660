import type { Heap } from "../memory/heap.ts";

/** Bytes of Results. */
export const RESULT_BYTES = 12;

/** Floats in memory by which the programs of a model and TypeScript tell each other numbers. */
export class Results {
  /** Address of the loss of the last run. */
  readonly lossAddress: number;
  /** Address of the number of right answers of the last run. */
  readonly correctAddress: number;
  /** Address of the share of the whole that a run works on. */
  readonly shareAddress: number;
  readonly #heap: Heap;

  /** @param address of RESULT_BYTES */
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
   * Sets the part of a whole that the next run works on. A loss that sums counts so much of the
   * penalties, as the parts of the whole would count them once each.
   */
  set share(share: number) {
    this.#heap.floats[this.shareAddress / 4] = share;
  }
}
