import { align } from "../memory/heap.ts";

/** Bytes that are needed from one moment to another, both included. */
export interface Buffer {
  readonly bytes: number;
  readonly from: number;
  to: number;
  /** Where it lies in the arena; set by placeBuffers. */
  offset: number;
}

/**
 * Places buffers in one arena so that those needed at the same moment do not overlap: the largest
 * first, each into the lowest gap that holds it ("greedy by size": Pisarchyk and Lee, "Efficient
 * memory management for deep neural net inference", 2020).
 * @returns the arena's bytes
 */
export function placeBuffers(buffers: readonly Buffer[]): number {
  const placed: Buffer[] = [];
  let arena = 0;
  for (const buffer of buffers.toSorted((a, b) => b.bytes - a.bytes)) {
    const size = align(buffer.bytes);
    let offset = 0;
    for (const other of placed) {
      const apart = other.to < buffer.from || buffer.to < other.from;
      if (apart) continue;
      if (offset + size <= other.offset) break;
      offset = Math.max(offset, other.offset + align(other.bytes));
    }
    buffer.offset = offset;
    arena = Math.max(arena, offset + size);
    const next = placed.findIndex((other) => other.offset > offset);
    placed.splice(next < 0 ? placed.length : next, 0, buffer);
  }
  return arena;
}
