import {
  type Comparison,
  type Tolerance,
  rounded,
  sameWords,
  ulp,
  within,
} from "../../src/verify/compare.ts";

/** @throws with the first float that is further off than allowed, or NaN where it should not be */
export function expectWithin(
  actual: Float32Array,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  what = "",
): void {
  expectNone(within(actual, expected, tolerance), actual.length, expected.length, what);
}

/** The same with a bound in units of the last place. */
export function expectUlps(
  actual: Float32Array,
  expected: ArrayLike<number>,
  ulps: number,
  what = "",
): void {
  expectWithin(actual, expected, (wanted) => ulps * ulp(wanted), what);
}

/** @throws with the first float that is not the exact one rounded, sign of 0 included */
export function expectRounded(actual: Float32Array, exact: ArrayLike<number>, what = ""): void {
  expectNone(rounded(actual, exact), actual.length, exact.length, what);
}

/** Bits of floats, to compare results that must be the same: NaN and the sign of 0 too. */
export function bitsOf(floats: Float32Array): Uint32Array {
  return new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
}

/** @throws with the first bits that differ */
export function expectSameBits(actual: Uint32Array, expected: Uint32Array, what = ""): void {
  expectNone(sameWords(actual, expected), actual.length, expected.length, what);
}

function expectNone({ difference }: Comparison, came: number, wanted: number, what: string): void {
  if (came !== wanted) throw new Error(`${what}: ${came} results, expected ${wanted}`);
  if (!difference) return;
  const { index, came: value, wanted: expected, limit } = difference;
  const why = limit === undefined ? "" : ` (${limit})`;
  throw new Error(`${what}: element ${index} of ${wanted} is ${value}, not ${expected}${why}`);
}
