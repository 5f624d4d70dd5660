/** An array seen as [outer, axis, inner]. */
export interface Extent {
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
}

/** y[o, j] = scale · Σ_i x[o, i, j], and the sum of the sizes of what was added. */
export function sum(
  x: ArrayLike<number>,
  { outer, axis, inner }: Extent,
  scale: number,
): { value: number[]; size: number[] } {
  const value = new Array<number>(outer * inner).fill(0);
  const size = new Array<number>(outer * inner).fill(0);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < axis; i++) {
      for (let j = 0; j < inner; j++) {
        const term = scale * x[(o * axis + i) * inner + j]!;
        value[o * inner + j]! += term;
        size[o * inner + j]! += Math.abs(term);
      }
    }
  }
  return { value, size };
}

/** dx[o, i, j] = scale · dy[o, j]. */
export function sumGrad(
  dy: ArrayLike<number>,
  { outer, axis, inner }: Extent,
  scale: number,
): number[] {
  return Array.from({ length: outer * axis * inner }, (_, at) => {
    const o = Math.floor(at / (axis * inner));
    return scale * dy[o * inner + (at % inner)]!;
  });
}
