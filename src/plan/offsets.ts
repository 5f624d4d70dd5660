import { type Shape, size } from "../base/shape.ts";
import { align } from "../memory/heap.ts";

/** Bytes that are needed from one moment to another, both included. */
export interface Buffer {
  readonly bytes: number;
  readonly from: number;
  to: number;
  /** Bytes from the start of the arena; set by placeBuffers. */
  offset: number;
}

/** Bytes in use: starts and ends of ranges that neither meet nor touch, in order. */
type Ranges = number[];

/** Returns the position of the first range that ends at a byte or after it. */
function firstFrom(ranges: Ranges, byte: number): number {
  let [low, high] = [0, ranges.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[2 * middle + 1]! < byte) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}

/** Adds the bytes from start to end, and joins them with the ranges that they meet or touch. */
function addRange(ranges: Ranges, start: number, end: number): void {
  const first = firstFrom(ranges, start);
  let next = first;
  for (; ranges[next]! <= end; next += 2) {
    start = Math.min(start, ranges[next]!);
    end = Math.max(end, ranges[next + 1]!);
  }
  ranges.splice(first, next - first, start, end);
}

/** Returns the lowest offset of a gap of at least `bytes` that none of the ranges meets. */
function lowestGap(lists: readonly Ranges[], bytes: number): number {
  let offset = 0;
  for (let i = 0; i < lists.length; i++) {
    const ranges = lists[i]!;
    const first = firstFrom(ranges, offset + 1);
    if (!(ranges[first]! < offset + bytes)) continue;
    offset = ranges[first + 1]!;
    i = -1;
  }
  return offset;
}

/** A moment, or all that are below it in a tree: the bytes in use at some of them, and at all. */
interface Moments {
  readonly some: Ranges;
  readonly all: Ranges;
}

/**
 * Bytes of an arena that are in use at each moment: a segment tree over the moments. Buffers that lie
 * side by side are one range, so few are looked at, however many there are.
 */
class Usage {
  /** The leaves are its second half; item i is above 2i and 2i + 1. */
  readonly #tree: readonly Moments[];

  constructor(moments: number) {
    const length = 2 ** Math.ceil(1 + Math.log2(moments));
    this.#tree = Array.from({ length }, () => ({ some: [], all: [] }));
  }

  /** Takes the lowest gap that is free from one moment to another, and returns its offset. */
  take(from: number, to: number, bytes: number): number {
    const tree = this.#tree;
    /** All that are above the first of those moments or the last. */
    const above: Moments[] = [];
    /** The fewest that have all those moments below them, and no other. */
    const between: Moments[] = [];
    let [first, last] = [from + tree.length / 2, to + tree.length / 2];
    for (let [left, right] = [first, last]; left > 0; left >>= 1, right >>= 1) {
      above.push(tree[left]!, tree[right]!);
    }
    for (; first <= last; first >>= 1, last >>= 1) {
      if (first % 2 === 1) between.push(tree[first++]!);
      if (last % 2 === 0) between.push(tree[last--]!);
    }
    const lists = [...between.map(({ some }) => some), ...above.map(({ all }) => all)];
    const offset = lowestGap(lists, bytes);
    for (const { all } of between) addRange(all, offset, offset + bytes);
    for (const { some } of [...between, ...above]) addRange(some, offset, offset + bytes);
    return offset;
  }
}

/**
 * Places buffers in one arena so that those needed at the same moment do not overlap: the largest
 * first, each into the lowest gap that holds it ("greedy by size": Pisarchyk and Lee, "Efficient
 * memory management for deep neural net inference", 2020).
 * @returns the arena's bytes
 */
export function placeBuffers(buffers: readonly Buffer[]): number {
  // What is needed after the last buffer has begun is needed at once.
  const last = buffers.reduce((last, { from }) => Math.max(last, from), 0);
  const usage = new Usage(last + 2);
  let arena = 0;
  for (const buffer of buffers.toSorted((a, b) => b.bytes - a.bytes)) {
    const size = align(buffer.bytes);
    // Sources are there before moment 0.
    buffer.offset = usage.take(buffer.from + 1, Math.min(buffer.to, last) + 1, size);
    arena = Math.max(arena, buffer.offset + size);
  }
  return arena;
}

/** Returns offsets of consecutive arrays in one block, each on a cache line of its own, and their bytes. */
export function layBlock(arrays: readonly { readonly shape: Shape }[]): [number[], number] {
  let end = 0;
  const offsets = arrays.map(({ shape }) => {
    const offset = end;
    end += align(size(shape) * 4);
    return offset;
  });
  return [offsets, end];
}
