import { type Model, createEngine } from "../../src/index.ts";

/** Seeded numbers in [0, 1): mulberry32, so that a failing case can be run again. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Numbers in [-1, 1). */
export function floats(count: number, seed: number): Float32Array<ArrayBuffer> {
  const next = random(seed);
  return Float32Array.from({ length: count }, () => 2 * next() - 1);
}

/** Class indices. */
export function classLabels(count: number, classes: number, seed: number): Int32Array<ArrayBuffer> {
  const next = random(seed);
  return Int32Array.from({ length: count }, () => Math.floor(next() * classes));
}

/** All parameters' bits, one array after the other. */
export function weightsOf(model: Model): Uint32Array {
  const bits = model.parameters.flatMap(({ data }) => [
    ...new Uint32Array(data.buffer, data.byteOffset, data.length),
  ]);
  return Uint32Array.from(bits);
}

/** The bits of an array of floats. */
export function bits(data: Float32Array): Uint32Array {
  return new Uint32Array(data.slice().buffer);
}

/** A value of a wrong type where the types do not allow it. */
export function wrong(value: unknown): never {
  return value as never;
}

/** An engine whose memory cannot grow beyond the bytes it starts with. */
export async function engineOfPages(pages: number) {
  return createEngine({
    memory: new WebAssembly.Memory({ initial: pages, maximum: pages }),
  });
}
