/** Half of float32's spacing at 1: the largest relative error of a rounding. */
export const U = 2 ** -24;

/** A function of one number in float64, and bounds for the errors of its float32 kernel. */
export interface Formula {
  /** Returns f(x) with the parameter p. */
  value(x: number, p: number): number;
  /** Returns f'(x), given y = f(x). */
  slope(x: number, y: number, p: number): number;
  /** Parameters that tests try. */
  readonly parameters: readonly number[];
  /** Points at which f has no slope. */
  readonly kinks: readonly number[];
  /** Largest errors in units of the last place: of y, and of dx as it follows from the given y. */
  readonly ulps: { readonly value: number; readonly slope: number };
  /** Errors of y and of the slope at x that are allowed on top. */
  readonly extraError?: {
    value?(x: number, p: number): number;
    slope?(x: number, p: number): number;
  };
}
