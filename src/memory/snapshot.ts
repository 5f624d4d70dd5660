import type { Heap } from "./heap.ts";

/** Region of memory, or a piece of one. */
export type Region = readonly [at: number, bytes: number];

/** Sorts regions by address and joins neighbours, because each region is one call to copy. */
function joined(regions: readonly Region[]): Region[] {
  const list: Region[] = [];
  for (const [at, bytes] of regions.toSorted(([a], [b]) => a - b)) {
    const [start, length] = list.at(-1) ?? [NaN, 0];
    if (start + length === at) list.splice(-1, 1, [start, length + bytes]);
    else list.push([at, bytes]);
  }
  return list;
}

/** Copy of regions in memory, from which they can be restored. */
export class Snapshot {
  readonly #heap: Heap;
  readonly #regions: readonly Region[];
  readonly #copies: readonly Uint8Array[];

  /** Allocates the copy, whose contents are undefined until capture. */
  constructor(heap: Heap, regions: readonly Region[]) {
    this.#heap = heap;
    this.#regions = joined(regions);
    this.#copies = this.#regions.map(([, bytes]) => new Uint8Array(bytes));
  }

  /** Copies the current contents of the regions. */
  capture(): void {
    const { bytes } = this.#heap;
    this.#regions.forEach(([at, length], i) => {
      this.#copies[i]!.set(bytes.subarray(at, at + length));
    });
  }

  /** Writes the copy back to the regions. */
  restore(): void {
    const { bytes } = this.#heap;
    this.#regions.forEach(([at], i) => {
      bytes.set(this.#copies[i]!, at);
    });
  }
}
