import type { Heap } from "./heap.ts";

/** Regions of a heap under one owner, counted by what they are for and given back together. */
export class Allocations<Purpose extends string> {
  readonly #heap: Heap;
  readonly #owner: string;
  readonly #regions = new Map<number, { purpose: Purpose; bytes: number }>();
  #closed = false;

  /** @param owner whose regions they are, for errors: "model" */
  constructor(heap: Heap, owner: string) {
    this.#heap = heap;
    this.#owner = owner;
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

  /** Whether neither the owner nor the engine has been disposed. */
  get isLive(): boolean {
    return !this.#closed && this.#heap.isLive;
  }

  /** @throws Error once one of them has been disposed */
  checkLive(): void {
    this.#heap.checkLive();
    if (!this.#closed) return;
    const owner = this.#owner;
    throw new Error(`${owner}: expected a live ${owner}, it has been disposed`);
  }

  /** As Heap.view; it throws an Error once the owner or the engine has been disposed. */
  view(at: number, count: number): () => Float32Array {
    const view = this.#heap.view(at, count);
    return () => {
      this.checkLive();
      return view();
    };
  }

  /** Gives everything back, for good. */
  releaseAll(): void {
    this.#closed = true;
    for (const at of [...this.#regions.keys()]) this.release(at);
  }
}

/** A region that grows with the most that it has to hold; growing loses what was in it. */
export class GrowableRegion<Purpose extends string> {
  readonly #allocations: Allocations<Purpose>;
  readonly #purpose: Purpose;
  #address = 0;
  #bytes = 0;

  constructor(allocations: Allocations<Purpose>, purpose: Purpose) {
    this.#allocations = allocations;
    this.#purpose = purpose;
  }

  /** Address of the region, which growing changes. */
  get address(): number {
    return this.#address;
  }

  /** Whether it is too small for so many bytes. */
  isTooSmall(bytes: number): boolean {
    return bytes > this.#bytes;
  }

  /**
   * Makes room for so many bytes, unless there is; returns where.
   * @throws RangeError if the memory has none; the room is then as before
   */
  ensureCapacity(bytes: number, what: string): number {
    if (this.isTooSmall(bytes)) {
      const at = this.#allocations.allocate(this.#purpose, bytes, what);
      this.#allocations.release(this.#address);
      this.#address = at;
      this.#bytes = bytes;
    }
    return this.#address;
  }
}
