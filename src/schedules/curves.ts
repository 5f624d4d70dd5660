import { cosPi } from "../base/portable-math.ts";

/**
 * Returns the value at x, 0 to 1, on half a cosine from `start` to `end`: (1 + cos πx) / 2 is
 * cos² (πx / 2).
 */
export function alongCosine(start: number, end: number, x: number): number {
  const root = cosPi(x / 2);
  return end + (start - end) * root * root;
}

/** Returns the value at x, 0 to 1, on a line from `start` to `end`. */
export function alongLine(start: number, end: number, x: number): number {
  return start * (1 - x) + end * x;
}
