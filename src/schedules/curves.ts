import { cosPi } from "../base/portable-math.ts";

/** From `start` at 0 to `end` at 1 along half a cosine: (1 + cos πx) / 2 is cos² (πx / 2). */
export function alongCosine(start: number, end: number, x: number): number {
  const root = cosPi(x / 2);
  return end + (start - end) * root * root;
}

/** From `start` at 0 to `end` at 1 along a line. */
export function alongLine(start: number, end: number, x: number): number {
  return start * (1 - x) + end * x;
}
