import type { Heap } from "./heap.ts";

/** Regions of a heap under one owner, counted by what they are for and given back together. */
export class Ledger<Purpose extends string> {
  readonly #heap: Heap;
  readonly #regions = new Map<number, { purpose: Purpose; bytes: number }>();
  #closed = false;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** @throws RangeError if the memory cannot grow that far */
  allocate(purpose: Purpose, bytes: number, what: string): number {
    const before = this.#heap.used;
    const at = this.#heap.allocate(bytes, what);
    this.#regions.set(at, { purpose, bytes: this.#heap.used - before });
    return at;
  }

  /** Gives a region back, unless that has been done. */
  release(at: number): void {
    if (this.#regions.delete(at)) this.#heap.release(at);
  }

  /** Bytes of memory held for a purpose. */
  bytes(purpose: Purpose): number {
    let sum = 0;
    for (const region of this.#regions.values())
      if (region.purpose === purpose) sum += region.bytes;
    return sum;
  }

  /** Whether releaseAll has been called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Gives everything back, for good. */
  releaseAll(): void {
    this.#closed = true;
    for (const at of [...this.#regions.keys()]) this.release(at);
  }
}
