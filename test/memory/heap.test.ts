import { describe, expect, it } from "vitest";
import { Heap, align } from "../../src/memory/heap.ts";
import { random } from "../engine/fixtures.ts";

const PAGE = 65536;

function heapOf(initial: number, maximum?: number, limit?: number): Heap {
  const pages = maximum === undefined ? { initial } : { initial, maximum };
  return new Heap(new WebAssembly.Memory(pages), limit);
}

describe("Heap", () => {
  it("hands out whole cache lines, the first of them not at 0", () => {
    const heap = heapOf(1);
    expect(heap.allocate(1, "a")).toBe(64);
    expect(heap.allocate(65, "b")).toBe(128);
    expect(heap.allocate(0, "c")).toBe(256);
    expect(heap.used).toBe(64 + 128 + 64);
    expect(heap.reserved).toBe(PAGE);
  });

  it.each([0, 1])("never hands out address 0, of a memory of %d pages", (pages) => {
    const heap = heapOf(pages);
    const first = heap.allocate(PAGE, "page");
    expect(first).toBeGreaterThanOrEqual(64);
    expect(first + PAGE).toBeLessThanOrEqual(heap.reserved);
    heap.release(first);
    expect(heap.allocate(64, "line")).toBeGreaterThanOrEqual(64);
  });

  it("takes the first gap that is large enough", () => {
    const heap = heapOf(1);
    const [a, , c, , e] = Array.from({ length: 6 }, (_, i) => heap.allocate(64 * (i + 1), "r"));
    heap.release(c!);
    heap.release(a!);
    heap.release(e!);
    expect(heap.allocate(128, "r")).toBe(c);
    expect(heap.allocate(64, "r")).toBe(a);
    expect(heap.allocate(64, "r")).toBe(c! + 128);
    expect(heap.allocate(320, "r")).toBe(e);
  });

  it.each([
    ["first to last", [0, 1, 2]],
    ["last to first", [2, 1, 0]],
    ["the middle last", [0, 2, 1]],
    ["the middle first", [1, 0, 2]],
  ])("joins neighbours that are released %s", (_, order) => {
    const heap = heapOf(1, 1);
    const regions = [64, 128, 192].map((bytes) => heap.allocate(bytes, "r"));
    const rest = heap.allocate(PAGE - 64 - 384, "rest");
    for (const i of order) heap.release(regions[i]!);
    expect(heap.allocate(384, "all three")).toBe(regions[0]);
    heap.release(rest);
    expect(heap.allocate(PAGE - 64 - 384, "rest")).toBe(rest);
  });

  it("grows by no more than it must", () => {
    const heap = heapOf(1);
    heap.allocate(PAGE - 128, "most");
    heap.allocate(PAGE + 64, "the free line at the end counts");
    expect(heap.reserved).toBe(2 * PAGE);
    heap.allocate(64, "next");
    expect(heap.reserved).toBe(3 * PAGE);
  });

  it("reserves room without handing it out", () => {
    const heap = heapOf(1);
    heap.reserve(3 * PAGE, "room");
    const { reserved } = heap;
    expect(heap.used).toBe(0);
    expect(reserved).toBeGreaterThanOrEqual(3 * PAGE);
    for (let i = 0; i < 3; i++) heap.allocate(PAGE, "page");
    expect(heap.reserved).toBe(reserved);
  });

  it.each([
    ["its maximum", () => heapOf(1, 2)],
    ["the limit", () => heapOf(1, undefined, 2 * PAGE)],
    ["a limit that is not whole pages", () => heapOf(1, undefined, 3 * PAGE - 1)],
  ])("refuses to grow beyond %s and changes nothing", (_, make) => {
    const heap = make();
    const kept = heap.allocate(1024, "kept");
    heap.floats.fill(7, kept / 4, kept / 4 + 256);
    const { used, reserved } = heap;
    const refuse = /^weights: expected room for \S+ bytes more, .* cannot grow by \S+$/;
    for (const bytes of [2 * PAGE, 2 ** 31, 2 ** 32, 2 ** 53, Infinity]) {
      expect(() => heap.allocate(bytes, "weights")).toThrow(refuse);
      expect(() => {
        heap.reserve(bytes, "weights");
      }).toThrow(RangeError);
    }
    expect([heap.used, heap.reserved]).toEqual([used, reserved]);
    expect(heap.floats[kept / 4]).toBe(7);
    expect(heap.allocate(PAGE, "smaller")).toBeGreaterThan(0);
    expect(heap.reserved).toBe(2 * PAGE);
  });

  it("releases only what it has handed out, and once", () => {
    const heap = heapOf(1);
    const at = heap.allocate(128, "a");
    expect(() => {
      heap.release(at + 64);
    }).toThrow(new RangeError(`release: no region starts at ${at + 64}`));
    heap.release(at);
    expect(() => {
      heap.release(at);
    }).toThrow(RangeError);
    expect(heap.used).toBe(0);
  });

  it("renews its views after growth", () => {
    const heap = heapOf(1);
    const at = heap.allocate(64, "a");
    const view = heap.view(at, 4);
    view().set([1, 2, 3, 4]);
    const [stale, { floats, words, bytes, doubles }] = [view(), heap];
    heap.allocate(4 * PAGE, "b");
    for (const old of [stale, floats, words, bytes, doubles]) expect(old.byteLength).toBe(0);
    for (const now of [view(), heap.floats, heap.words, heap.bytes, heap.doubles]) {
      expect(now.buffer).toBe(heap.memory.buffer);
    }
    expect([...view()]).toEqual([1, 2, 3, 4]);
    expect(view()).toBe(view());
    expect(heap.words.length).toBe(heap.reserved / 4);
  });

  it("keeps working when somebody else has grown the memory", () => {
    const heap = heapOf(1);
    const at = heap.allocate(PAGE / 2, "a");
    const view = heap.view(at, 1);
    heap.memory.grow(2);
    expect(heap.floats.byteLength).toBe(3 * PAGE);
    expect(view().buffer).toBe(heap.memory.buffer);
    const bytes = 2 * PAGE + PAGE / 4;
    const next = heap.allocate(bytes, "b");
    expect(next + bytes).toBeLessThanOrEqual(heap.reserved);
    expect(next).toBeGreaterThanOrEqual(at + PAGE / 2);
  });
});

/** The plainest allocator: every region in a list, first fit by trying each place. */
class Model {
  readonly regions = new Map<number, number>();

  place(bytes: number, end: number): number | undefined {
    let at = 64;
    for (const [start, length] of [...this.regions].sort(([a], [b]) => a - b)) {
      if (start - at >= bytes) break;
      at = start + length;
    }
    return at + bytes <= end ? at : undefined;
  }
}

describe("Heap against a plain model", () => {
  it.each([1, 2, 3, 4])("random regions come and go, seed %d", (seed) => {
    const next = random(seed);
    const heap = heapOf(1, 8);
    const model = new Model();
    for (let turn = 0; turn < 3000; turn++) {
      const grow = next() < 0.53;
      if (grow) {
        const bytes = Math.floor(next() ** 4 * 40000);
        const size = Math.max(64, align(bytes));
        const expected = model.place(size, heap.reserved);
        let at: number | undefined;
        try {
          at = heap.allocate(bytes, "region");
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        if (expected !== undefined) expect(at).toBe(expected);
        if (at === undefined) expect(model.place(size, 8 * PAGE)).toBeUndefined();
        else {
          expect(at).toBe(model.place(size, heap.reserved));
          model.regions.set(at, size);
        }
      } else {
        const starts = [...model.regions.keys()];
        const at = starts[Math.floor(next() * starts.length)];
        if (at === undefined) continue;
        heap.release(at);
        model.regions.delete(at);
      }
      const used = [...model.regions.values()].reduce((sum, bytes) => sum + bytes, 0);
      expect(heap.used).toBe(used);
    }
    for (const at of model.regions.keys()) heap.release(at);
    expect(heap.used).toBe(0);
    expect(heap.allocate(heap.reserved - 64, "all of it")).toBe(64);
  });
});
