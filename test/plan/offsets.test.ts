import { describe, expect, it } from "vitest";
import { align } from "../../src/memory/heap.ts";
import { type Buffer, placeBuffers } from "../../src/plan/offsets.ts";
import { random } from "../engine/fixtures.ts";

type Span = readonly [bytes: number, from: number, to: number];

const buffer = ([bytes, from, to]: Span): Buffer => ({ bytes, from, to, offset: NaN });

const place = (spans: readonly Span[]): { offsets: number[]; arena: number } => {
  const buffers = spans.map(buffer);
  const arena = placeBuffers(buffers);
  return { offsets: buffers.map(({ offset }) => offset), arena };
};

/** Tries, for the largest first, one offset after the other. */
function placeByDefinition(spans: readonly Span[]): { offsets: number[]; arena: number } {
  const buffers = spans.map(buffer);
  const placed: Buffer[] = [];
  const end = ({ offset, bytes }: Buffer): number => offset + align(bytes);
  for (const next of buffers.toSorted((a, b) => b.bytes - a.bytes)) {
    const others = placed.filter(({ from, to }) => from <= next.to && next.from <= to);
    const isFree = (offset: number): boolean =>
      others.every((other) => end(other) <= offset || offset + align(next.bytes) <= other.offset);
    next.offset = 0;
    while (!isFree(next.offset)) next.offset += 64;
    placed.push(next);
  }
  return { offsets: buffers.map(({ offset }) => offset), arena: Math.max(0, ...buffers.map(end)) };
}

describe("placeBuffers", () => {
  it("needs no arena for nothing", () => {
    expect(place([])).toEqual({ offsets: [], arena: 0 });
  });

  it("gives bytes that are not needed any more to what comes then", () => {
    const spans: Span[] = [
      [64, 0, 1],
      [64, 1, 2],
      [64, 2, 3],
    ];
    expect(place(spans)).toEqual({ offsets: [0, 64, 0], arena: 128 });
  });

  it("fills the lowest gap that is large enough", () => {
    const spans: Span[] = [
      [256, 0, 1],
      [192, 0, 9],
      [128, 5, 6],
      [64, 5, 6],
      [64, 7, Infinity],
    ];
    expect(place(spans)).toEqual({ offsets: [0, 256, 0, 128, 0], arena: 448 });
  });

  it.each(Array.from({ length: 60 }, (_, i) => i + 1))("is greedy by size, seed %d", (seed) => {
    const next = random(seed);
    const upTo = (most: number): number => Math.floor(next() * most);
    const moments = 1 + upTo(40);
    const spans = Array.from({ length: upTo(80) }, (): Span => {
      const from = upTo(moments) - 1;
      const to = next() < 0.1 ? Number.MAX_SAFE_INTEGER : from + upTo(moments);
      return [seed % 2 === 0 ? 100 * upTo(8) : upTo(1000), from, to];
    });
    expect(place(spans)).toEqual(placeByDefinition(spans));
  });
});
