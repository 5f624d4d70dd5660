import type { Heap } from "./heap.ts";

/** A region of memory, or a part of one. */
export type Place = readonly [at: number, bytes: number];

/** What places in memory held, set aside to be put back. */
export class Snapshot {
  readonly #heap: Heap;
  readonly #places: readonly Place[];
  readonly #kept: readonly Uint8Array[];

  /** Takes room for the places, and what they hold now. */
  constructor(heap: Heap, places: readonly Place[]) {
    this.#heap = heap;
    this.#places = places;
    this.#kept = places.map(([at, bytes]) => heap.bytes.slice(at, at + bytes));
  }

  /** Takes what the places hold now. */
  renew(): void {
    const { bytes } = this.#heap;
    this.#places.forEach(([at, length], i) => {
      this.#kept[i]!.set(bytes.subarray(at, at + length));
    });
  }

  /** Puts it back. */
  restore(): void {
    const { bytes } = this.#heap;
    this.#places.forEach(([at], i) => {
      bytes.set(this.#kept[i]!, at);
    });
  }
}
