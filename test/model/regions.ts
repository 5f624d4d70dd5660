import { expect, vi } from "vitest";
import type { Engine } from "../../src/index.ts";
import { Heap } from "../../src/memory/heap.ts";

type Allocate = (this: Heap, bytes: number, what: string) => number;
type Release = (this: Heap, at: number) => void;

function method<F>(name: keyof Heap): F {
  return Object.getOwnPropertyDescriptor(Heap.prototype, name)!.value as F;
}

/** Addresses of the regions of every heap that are allocated from now on and not released. */
export class Regions {
  readonly #live = new Map<number, number>();

  constructor() {
    const [allocate, release] = [method<Allocate>("allocate"), method<Release>("release")];
    const live = this.#live;
    vi.spyOn(Heap.prototype, "allocate").mockImplementation(function (this: Heap, bytes, what) {
      const before = this.used;
      const at = allocate.call(this, bytes, what);
      live.set(at, this.used - before);
      return at;
    });
    vi.spyOn(Heap.prototype, "release").mockImplementation(function (this: Heap, at) {
      release.call(this, at);
      live.delete(at);
    });
  }

  /** The bytes of all regions now, by their addresses, and those below the first. */
  contents({ memory }: Engine): Map<number, Uint8Array> {
    const bytes = new Uint8Array(memory.buffer);
    const all = [[0, 64] as const, ...this.#live];
    return new Map(all.map(([at, length]) => [at, bytes.slice(at, at + length)]));
  }
}

/** A call fails with this error, and not a byte of any region is another after it. */
export async function expectRefused(
  engine: Engine,
  regions: Regions,
  call: () => unknown,
  error: Error,
): Promise<void> {
  const [before, { used }] = [regions.contents(engine), engine.memoryUsage];
  const thrown: unknown = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  expect(thrown).toEqual(error);
  expect(engine.memoryUsage.used).toBe(used);
  const after = regions.contents(engine);
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [at, bytes] of after) {
    const changed = bytes.findIndex((byte, i) => byte !== before.get(at)![i]);
    expect(changed, `region at ${at}`).toBe(-1);
  }
}
