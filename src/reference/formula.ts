/** Half of float32's spacing at 1: what a rounding may take off, relatively. */
export const U = 2 ** -24;

/** A function of one number in float64, and how far a float32 kernel may be off. */
export interface Formula {
  /** f(x), p its parameter. */
  value(x: number, p: number): number;
  /** f'(x), with y = f(x) at hand. */
  slope(x: number, y: number, p: number): number;
  /** Parameters to try. */
  readonly parameters: readonly number[];
  /** Where f has no slope. */
  readonly kinks: readonly number[];
  /** Largest errors in units of the last place: of y, and of dx for the y that the kernel is given. */
  readonly ulps: { readonly value: number; readonly slope: number };
  /** What may come on top: errors of y and of the slope, at x. */
  readonly off?: { value?(x: number, p: number): number; slope?(x: number, p: number): number };
}
