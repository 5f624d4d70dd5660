import type { Heap } from "./heap.ts";

/** A region of memory, or a part of one. */
export type Place = readonly [at: number, bytes: number];

/** The places in order, those that follow each other as one: each is a call to copy. */
function joined(places: readonly Place[]): Place[] {
  const list: Place[] = [];
  for (const [at, bytes] of places.toSorted(([a], [b]) => a - b)) {
    const [start, length] = list.at(-1) ?? [NaN, 0];
    if (start + length === at) list.splice(-1, 1, [start, length + bytes]);
    else list.push([at, bytes]);
  }
  return list;
}

/** What places in memory held, set aside to be put back. */
export class Snapshot {
  readonly #heap: Heap;
  readonly #places: readonly Place[];
  readonly #kept: readonly Uint8Array[];

  /** Takes room for what the places hold. */
  constructor(heap: Heap, places: readonly Place[]) {
    this.#heap = heap;
    this.#places = joined(places);
    this.#kept = this.#places.map(([, bytes]) => new Uint8Array(bytes));
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
