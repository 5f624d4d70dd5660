/** Four 32-bit words. */
export type Words = readonly [number, number, number, number];

const MASK = 0xffffffffn;

/** Computes Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), as in Random123. */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0;
    const p1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & MASK, (p0 >> 32n) ^ c3 ^ k1, p0 & MASK];
    k0 = (k0 + 0x9e3779b9n) & MASK;
    k1 = (k1 + 0xbb67ae85n) & MASK;
  }
  return [Number(c0), Number(c1), Number(c2), Number(c3)];
}

/** A seed of 64 bits, and the number of one of its streams. */
export interface Stream {
  readonly low: number;
  readonly high: number;
  readonly stream: number;
}

/** Returns n words of a stream: block b is philox of the counter (b, 0, stream, 0) and key seed. */
export function words(n: number, { low, high, stream }: Stream): Uint32Array {
  const all = new Uint32Array(n);
  for (let block = 0; 4 * block < n; block++) {
    const four = philox([block, 0, stream, 0], [low, high]);
    all.set(four.slice(0, n - 4 * block), 4 * block);
  }
  return all;
}

/** Maps the upper 23 bits of a word to the middle of one of 2^23 equal parts of (0, 1). */
export function unit(word: number): number {
  return ((word >>> 9) + 0.5) / 2 ** 23;
}

/** Shuffles by Fisher and Yates: from the last place down, word i picks the place to swap with. */
export function shuffle(picks: Uint32Array): Int32Array {
  const order = Int32Array.from(picks, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Number((BigInt(picks[i]!) * BigInt(i + 1)) >> 32n);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Returns the probability that a standard normal variable is below x. */
export function normalBelow(x: number): number {
  if (x > 0) return 1 - normalBelow(-x);
  if (x > -3) {
    // Its Taylor series.
    let term = x;
    let sum = x;
    for (let i = 1; Math.abs(term) > 1e-17; i++) sum += term *= (x * x) / (2 * i + 1);
    return 0.5 + sum * density(x);
  }
  // Laplace's continued fraction, which is exact to float64 from 3 deviations on.
  let fraction = 0;
  for (let i = 200; i > 0; i--) fraction = i / (-x + fraction);
  return density(x) / (-x + fraction);
}

function density(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}

/** Returns the x for which normalBelow(x) is p, by Newton's method. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  let x = p > 0.02 ? (p - 0.5) * 2.5 : -Math.sqrt(-2 * Math.log(p)) + 0.5;
  for (let i = 0; i < 60; i++) {
    const step = (normalBelow(x) - p) / density(x);
    x -= Math.max(-0.5, Math.min(0.5, step));
    if (Math.abs(step) < 1e-14) break;
  }
  return x;
}

/**
 * Returns true for each element that dropout keeps: its word of Philox, with the counter (block,
 * step, stream, 1), is at least the threshold.
 */
export function keptByDropout(
  n: number,
  threshold: number,
  { low, high, stream }: Stream,
  step: number,
): boolean[] {
  return Array.from({ length: n }, (_, i) => {
    const four = philox([Math.floor(i / 4), step, stream, 1], [low, high]);
    return four[i % 4]! >= threshold;
  });
}

/**
 * Returns true for each probability [batch, heads, queries, keys] that the dropout of attention keeps: the
 * word of query i and key j of part p is word i mod 4 of the counter (i / 4, step, stream, 2 + p · keys + j).
 */
export function keptByAttention(
  { batch, heads, queries, keys }: Readonly<Record<"batch" | "heads" | "queries" | "keys", number>>,
  threshold: number,
  { low, high, stream }: Stream,
  step: number,
): boolean[] {
  const kept = new Array<boolean>(batch * heads * queries * keys);
  for (let part = 0; part < batch * heads; part++) {
    for (let i = 0; i < queries; i += 4) {
      for (let j = 0; j < keys; j++) {
        const four = philox([i / 4, step, stream, 2 + part * keys + j], [low, high]);
        for (let n = 0; n < Math.min(4, queries - i); n++) {
          kept[(part * queries + i + n) * keys + j] = four[n]! >= threshold;
        }
      }
    }
  }
  return kept;
}
