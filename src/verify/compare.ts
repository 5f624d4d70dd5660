/** Value that stands for infinity, and for numbers beyond the range of float32. */
const OVERFLOW = 2 ** 128;

/** Unit roundoff of float32. */
export const U = 2 ** -24;

/** Returns the distance between float32 numbers at x; near 0 it is that of subnormals. */
export function ulp(x: number): number {
  if (!(Math.abs(x) >= 2 ** -126)) return 2 ** -149;
  if (Math.abs(x) >= OVERFLOW) return 2 ** 104;
  bits.setFloat64(0, Math.abs(x));
  return 2 ** ((bits.getUint32(0) >>> 20) - 1023 - 23);
}

const bits = new DataView(new ArrayBuffer(8));

/**
 * Returns |actual - expected| with infinity as 2^128: 0 for two NaN, NaN if only one of them is.
 */
export function distance(actual: number, expected: number): number {
  if (Number.isNaN(actual) && Number.isNaN(expected)) return 0;
  return Math.abs(finite(actual) - finite(expected));
}

/** Returns the error of a float32 result in units of the last place of the expected number. */
export function ulpsOff(actual: number, expected: number): number {
  return distance(actual, expected) / ulp(expected);
}

function finite(x: number): number {
  return Math.abs(x) > OVERFLOW ? Math.sign(x) * OVERFLOW : x;
}

/** First element of a result that is wrong. */
export interface Difference {
  readonly index: number;
  readonly came: string;
  readonly wanted: string;
  /** Error and largest allowed error, in words, if errors are allowed at all. */
  readonly limit?: string;
}

export interface Comparison {
  /** Largest error as a share of its bound: 0 if all elements are exact, infinite for a miss. */
  readonly share: number;
  readonly difference?: Difference;
}

/** Returns the largest |actual - expected| that is allowed at an index. */
export type Tolerance = (expected: number, index: number) => number;

/**
 * Compares floats with float64 results.
 * @param signs true if an element that should be 0 must have its sign too
 */
export function within(
  actual: Float32Array | Float64Array,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  signs = false,
): Comparison {
  let share = 0;
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    const [came, wanted] = [actual[i] ?? NaN, expected[i] ?? NaN];
    const [off, allowed] = [distance(came, wanted), tolerance(wanted, i)];
    if (signs && wanted === 0 ? !Object.is(came, wanted) : off !== 0 && !(off <= allowed)) {
      const limit = `off by ${off}, at most ${allowed} allowed`;
      return missed({ index: i, came: signed(came), wanted: signed(wanted), limit });
    }
    if (off !== 0) share = Math.max(share, off / allowed);
  }
  return { share };
}

/** Compares floats with the float64 results rounded to float32; the sign of 0 counts too. */
export function rounded(actual: Float32Array, exact: ArrayLike<number>): Comparison {
  for (let i = 0; i < Math.max(actual.length, exact.length); i++) {
    const [came, wanted] = [actual[i] ?? NaN, Math.fround(exact[i] ?? NaN)];
    if (!Object.is(came, wanted)) {
      return missed({ index: i, came: signed(came), wanted: signed(wanted) });
    }
  }
  return { share: 0 };
}

/** Compares 32-bit words. */
export function sameWords(actual: Uint32Array, expected: ArrayLike<number>): Comparison {
  for (let i = 0; i < Math.max(actual.length, expected.length); i++) {
    if (actual[i] !== expected[i]) {
      return missed({ index: i, came: hex(actual[i]), wanted: hex(expected[i]) });
    }
  }
  return { share: 0 };
}

function missed(difference: Difference): Comparison {
  return { share: Infinity, difference };
}

function signed(x: number): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

function hex(word: number | undefined): string {
  return word === undefined ? "nothing" : `0x${word.toString(16)}`;
}

/**
 * Returns the most roundings in float32 that a term of a column's sum of n terms goes through, its
 * scaling included, as assembly/sums.ts adds them. The error is at most this many u times the sum
 * of the magnitudes.
 */
export function columnRoundings(n: number): number {
  return n <= 32 ? n : 16;
}

/**
 * Returns the same for n neighbours in a row: four sums of every fourth element, and two additions.
 */
export function rowRoundings(n: number): number {
  return n <= 128 ? Math.ceil(n / 4) + 2 : 16;
}
