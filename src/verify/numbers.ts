/** Arrays that kernels read and write. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** Sizes around every vector and unrolling edge. */
export const sizes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 31, 32, 33, 64, 100];

/** Returns a generator of numbers in [0, 1), by mulberry32: equal seeds give equal numbers. */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns n floats in [low, high). */
export function floats(n: number, seed: number, low = -1, high = 1): Float32Array<ArrayBuffer> {
  const next = generator(seed);
  // A loop, because families take millions of numbers, and Float32Array.from calls a function for each.
  const numbers = new Float32Array(n);
  for (let i = 0; i < n; i++) numbers[i] = low + (high - low) * next();
  return numbers;
}

/** Returns n integers in [0, below). */
export function integers(n: number, seed: number, below: number): Int32Array {
  const next = generator(seed);
  return Int32Array.from({ length: n }, () => Math.floor(next() * below));
}

/** Special values of float32, and plain ones around the limits of functions, with either sign. */
export const extremes: readonly number[] = [
  ...[0, 2 ** -149, 3 * 2 ** -149, 2 ** -126 - 2 ** -149, 2 ** -126, 1e-30, 1e-10, 2 ** -24, 1e-5],
  ...[0.25, 0.5, 1 - 2 ** -24, 1, 1 + 2 ** -23, Math.LN2, 2, 4, 9, 10, 16, 17.5, 20, 50, 87, 88.7],
  ...[88.8, 89, 90, 103.9, 104, 105, 800, 1e4, 2 ** 24, 1e10, 1e30, 2 ** 127, 3.4028234e38],
  Infinity,
].flatMap((x) => [Math.fround(x), Math.fround(-x)]);

/**
 * Generates float32 numbers that are `step` bit patterns apart, in arrays of `chunk` numbers: over
 * all patterns, so that every kind of number is among them.
 */
export function* bitPatterns(step: number, chunk: number): Generator<Float32Array> {
  for (let from = 0; from < 2 ** 32; from += step * chunk) {
    const count = Math.min(chunk, Math.ceil((2 ** 32 - from) / step));
    const words = Uint32Array.from({ length: count }, (_, i) => from + i * step);
    yield new Float32Array(words.buffer);
  }
}
