import { U } from "../../src/verify/compare.ts";
import { floats } from "../../src/verify/numbers.ts";

/** Numbers of mean 3, so that what is taken off matters. */
export function samples(n: number, seed: number): Float32Array {
  return floats(n, seed, 1, 5);
}

/** The five roundings of y, and that of the mean, which is larger than what it is taken off. */
export function outputError(
  hat: number,
  mean: number,
  scale: number,
  w: number,
  b: number,
): number {
  return U * (5 * Math.abs(hat * w) + 2 * Math.abs(mean * scale * w) + 2 * Math.abs(b));
}
