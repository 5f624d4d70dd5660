/** What a finite number that is larger than float32 holds counts as. */
const OVERFLOW = 2 ** 128;

/** Unit roundoff of float32. */
export const U = 2 ** -24;

/** The distance between float32 numbers where x is; that of the subnormals near 0. */
export function ulp(x: number): number {
  if (!(Math.abs(x) >= 2 ** -126)) return 2 ** -149;
  if (Math.abs(x) >= OVERFLOW) return 2 ** 104;
  bits.setFloat64(0, Math.abs(x));
  return 2 ** ((bits.getUint32(0) >>> 20) - 1023 - 23);
}

const bits = new DataView(new ArrayBuffer(8));

/** |actual - expected|, where an infinity stands for 2^128; NaN where only one of them is NaN. */
export function distance(actual: number, expected: number): number {
  if (Number.isNaN(actual) && Number.isNaN(expected)) return 0;
  return Math.abs(finite(actual) - finite(expected));
}

/** How far off a float32 result is, in units of the last place of what it should be. */
export function ulpsOff(actual: number, expected: number): number {
  return distance(actual, expected) / ulp(expected);
}

function finite(x: number): number {
  return Math.abs(x) > OVERFLOW ? Math.sign(x) * OVERFLOW : x;
}

/**
 * Checks results against float64 ones.
 * @param tolerance the largest |actual - expected| at an index
 * @throws with the first that is off, or is NaN where it should not be
 */
export function expectWithin(
  actual: Float32Array,
  expected: ArrayLike<number>,
  tolerance: (expected: number, index: number) => number,
  what = "",
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: ${actual.length} results, expected ${expected.length}`);
  }
  actual.forEach((value, i) => {
    const wanted = expected[i]!;
    const off = distance(value, wanted);
    const allowed = tolerance(wanted, i);
    if (off <= allowed || off === 0) return;
    const limit = `off by ${off}, at most ${allowed} allowed`;
    throw new Error(
      `${what}: element ${i} of ${actual.length} is ${value}, not ${wanted} (${limit})`,
    );
  });
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

/** Checks results that have one right answer, the float64 one rounded; the sign of 0 counts too. */
export function expectRounded(actual: Float32Array, exact: ArrayLike<number>, what = ""): void {
  const wanted = Float32Array.from(exact);
  const i = actual.findIndex((value, j) => !Object.is(value, wanted[j]));
  if (actual.length !== wanted.length || i >= 0) {
    throw new Error(`${what}: element ${i} of ${wanted.length} is ${actual[i]}, not ${wanted[i]}`);
  }
}

/** Bits of floats, to compare results that must be the same: NaN and the sign of 0 too. */
export function bitsOf(floats: Float32Array): Uint32Array {
  return new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
}

/** @throws with the first bits that differ */
export function expectSameBits(actual: Uint32Array, expected: Uint32Array, what = ""): void {
  const i = actual.findIndex((word, j) => word !== expected[j]);
  if (actual.length !== expected.length || i >= 0) {
    const [came, wanted] = [actual, expected].map((words) => words[i]?.toString(16));
    throw new Error(`${what}: element ${i} of ${expected.length} is ${came}, not ${wanted}`);
  }
}
