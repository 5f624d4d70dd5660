import {
  type Stream,
  keptByDropout,
  normalBelow,
  normalQuantile,
  shuffle,
  unit,
  words,
} from "../../reference/random.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats, sizes } from "../numbers.ts";

const streams: readonly Stream[] = [
  { low: 0, high: 0, stream: 0 },
  { low: 1, high: 0, stream: 0 },
  { low: 0, high: 1, stream: 0 },
  { low: 0, high: 0, stream: 1 },
  { low: 0xffffffff, high: 0xffffffff, stream: 0xffffffff },
  { low: 0x80000000, high: 0x12345678, stream: 0x80000001 },
  // The first 256 words of these have the lowest and the highest value of the upper 23 bits.
  { low: 42591, high: 0, stream: 0 },
  { low: 5947, high: 0, stream: 0 },
];

/** Counts of numbers to draw: around every vector edge, and larger ones. */
export const counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 64, 1001];

const seedOf = ({ low, high, stream }: Stream) => [low, high, stream] as const;

const nameOf = (n: number, { low, high, stream }: Stream): string =>
  `n = ${n}, seed ${high}:${low}, stream ${stream}`;

function wordsCase(n: number, of: Stream): KernelCase {
  return kernelCase({
    what: nameOf(n, of),
    inputs: {},
    results: { y: { expected: words(n, of) } },
    call(kernels, { y }) {
      kernels.randomWords(y, n, ...seedOf(of));
    },
  });
}

function uniformCase(n: number, of: Stream): KernelCase {
  const [low, high] = [-0.3, 1.7];
  const expected = Array.from(words(n, of), (word) => low + (high - low) * unit(word));
  return kernelCase({
    what: nameOf(n, of),
    inputs: {},
    results: { y: { expected } },
    call(kernels, { y }) {
      kernels.randomUniform(y, n, low, high, ...seedOf(of));
    },
  });
}

const MEAN = 3;

/** Returns the error allowed: a rounding of the sum, and the quantile's relative error. */
const normalError = (e: number): number => U * Math.abs(e) + 3e-7 * Math.abs(e - MEAN);

function normalCase(n: number, of: Stream): KernelCase {
  const deviation = 2;
  const quantile = (word: number): number => MEAN + deviation * normalQuantile(unit(word));
  return kernelCase({
    what: nameOf(n, of),
    inputs: {},
    results: { y: { expected: Array.from(words(n, of), quantile), allowed: normalError } },
    call(kernels, { y }) {
      kernels.randomNormal(y, n, MEAN, deviation, ...seedOf(of));
    },
  });
}

/** Probability of either tail that is cut off, two deviations from the mean. */
const cut = normalBelow(-2);

function truncatedCase(n: number, of: Stream): KernelCase {
  const deviation = 0.5;
  const quantile = (word: number): number =>
    MEAN + deviation * normalQuantile(cut + (1 - 2 * cut) * unit(word));
  return kernelCase({
    what: nameOf(n, of),
    inputs: {},
    results: { y: { expected: Array.from(words(n, of), quantile), allowed: normalError } },
    call(kernels, { y }) {
      kernels.randomTruncatedNormal(y, n, MEAN, deviation, ...seedOf(of));
    },
  });
}

function shuffleCase(n: number, of: Stream): KernelCase {
  return kernelCase({
    what: nameOf(n, of),
    inputs: {},
    results: { y: { expected: shuffle(words(n, of)) } },
    scratch: { words: () => new Uint32Array(n) },
    call(kernels, { y, words }) {
      kernels.shuffle(y, n, words, ...seedOf(of));
    },
  });
}

/** Rate of dropout, and factor of the elements that are kept. */
const [RATE, SCALE] = [0.3, Math.fround(1 / 0.7)] as const;

const STEP = 1_234_567;

function dropoutCase(n: number, of: Stream): KernelCase {
  const threshold = Math.floor(RATE * 2 ** 32);
  const x = floats(n, 1);
  const kept = keptByDropout(n, threshold, of, STEP);
  return kernelCase({
    what: nameOf(n, of),
    inputs: { x },
    results: { y: { expected: x.map((value, i) => (kept[i] ? value * SCALE : 0)) } },
    call(kernels, { x, y }) {
      kernels.dropout(x, y, 0, n, threshold, SCALE, ...seedOf(of), STEP);
    },
  });
}

type Make = (n: number, of: Stream) => KernelCase;

const drawn = (make: Make, ns: readonly number[]) => () =>
  streams.flatMap((of) => ns.map((n) => make(n, of)));

type Draw = "randomWords" | "randomUniform" | "randomNormal" | "randomTruncatedNormal";

export const randomFamily: Family<Draw | "shuffle" | "dropout"> = {
  name: "random numbers",
  kernels: {
    randomWords: drawn(wordsCase, counts),
    randomUniform: drawn(uniformCase, counts),
    randomNormal: drawn(normalCase, [...counts, 4000]),
    randomTruncatedNormal: drawn(truncatedCase, [...counts, 4000]),
    shuffle: drawn(shuffleCase, counts),
    dropout: drawn(dropoutCase, [...sizes, 65, 1000]),
  },
};
