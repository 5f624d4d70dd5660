/**
 * Roundings in float32 that a term of a sum goes through at most, as assembly/sums.ts has them: an error
 * is less than so many u times the sum of the magnitudes.
 */

/** Of a sum of n terms down a column, and its scaling. */
export function columnRoundings(n: number): number {
  return n <= 32 ? n : 16;
}

/** Of a sum of n neighbours in a row, likewise: four sums of every fourth element, and two additions. */
export function rowRoundings(n: number): number {
  return n <= 128 ? Math.ceil(n / 4) + 2 : 16;
}
