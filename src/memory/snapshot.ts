import type { Heap } from "./heap.ts";

/** A region of memory, or a part of one. */
export type Region = readonly [at: number, bytes: number];

/** The regions in order, those that follow each other as one: each is a call to copy. */
function joined(regions: readonly Region[]): Region[] {
  const list: Region[] = [];
  for (const [at, bytes] of regions.toSorted(([a], [b]) => a - b)) {
    const [start, length] = list.at(-1) ?? [NaN, 0];
    if (start + length === at) list.splice(-1, 1, [start, length + bytes]);
    else list.push([at, bytes]);
  }
  return list;
}

/** What regions in memory held, set aside to be put back. */
export class Snapshot {
  readonly #heap: Heap;
  readonly #regions: readonly Region[];
  readonly #copies: readonly Uint8Array[];

  /** Takes room for what the regions hold. */
  constructor(heap: Heap, regions: readonly Region[]) {
    this.#heap = heap;
    this.#regions = joined(regions);
    this.#copies = this.#regions.map(([, bytes]) => new Uint8Array(bytes));
  }

  /** Takes what the regions hold now. */
  capture(): void {
    const { bytes } = this.#heap;
    this.#regions.forEach(([at, length], i) => {
      this.#copies[i]!.set(bytes.subarray(at, at + length));
    });
  }

  /** Puts it back. */
  restore(): void {
    const { bytes } = this.#heap;
    this.#regions.forEach(([at], i) => {
      bytes.set(this.#copies[i]!, at);
    });
  }
}
