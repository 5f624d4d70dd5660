import type { Heap } from "./heap.ts";

/** Regions of a heap that belong to one owner, counted by purpose and released together. */
export class Allocations<Purpose extends string> {
  readonly #heap: Heap;
  readonly #owner: string;
  readonly #regions = new Map<number, { purpose: Purpose; bytes: number }>();
  #closed = false;

  /** @param owner name of the owner, for errors: "model" */
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

  /** Releases a region, unless that was done before. */
  release(at: number): void {
    if (this.#regions.delete(at)) this.#heap.release(at);
  }

  /** Returns the bytes of memory that are held for a purpose. */
  bytes(purpose: Purpose): number {
    let sum = 0;
    for (const region of this.#regions.values())
      if (region.purpose === purpose) sum += region.bytes;
    return sum;
  }

  /** True until the owner or the engine is disposed. */
  get isLive(): boolean {
    return !this.#closed && this.#heap.isLive;
  }

  /** @throws Error after the owner or the engine was disposed */
  checkLive(): void {
    this.#heap.checkLive();
    if (!this.#closed) return;
    const owner = this.#owner;
    throw new Error(`${owner}: expected a live ${owner}, it has been disposed`);
  }

  /**
   * Does what Heap.view does; the view throws an Error after the owner or the engine was disposed.
   */
  view(at: number, count: number): () => Float32Array {
    const view = this.#heap.view(at, count);
    return () => {
      this.checkLive();
      return view();
    };
  }

  /** Releases all regions, and marks the owner as disposed. */
  releaseAll(): void {
    this.#closed = true;
    for (const at of [...this.#regions.keys()]) this.release(at);
  }
}

/** Region that grows to the largest size that was asked for; growing loses its contents. */
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

  /** Returns true if it has fewer than `bytes` bytes. */
  isTooSmall(bytes: number): boolean {
    return bytes > this.#bytes;
  }

  /**
   * Grows the region to at least `bytes` bytes, and returns its address.
   * @throws RangeError if the memory has no room; the region is then as before
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
