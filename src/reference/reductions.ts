/** Shape of an array as [outer, axis, inner]. */
export interface Extent {
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
}

/** Computes y[o, j] = scale · Σ_i x[o, i, j], and the sum of the magnitudes of its terms. */
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

/** Computes dx[o, i, j] = scale · dy[o, j]. */
export function sumGrad(
  dy: ArrayLike<number>,
  { outer, axis, inner }: Extent,
  scale: number,
): number[] {
  const dx: number[] = [];
  for (let at = 0; at < outer * axis * inner; at++) {
    const o = Math.floor(at / (axis * inner));
    dx.push(scale * dy[o * inner + (at % inner)]!);
  }
  return dx;
}

/** Returns the largest elements along the axis and their first places; NaN is above all numbers. */
export function largest(
  x: Float32Array,
  { outer, axis, inner }: Extent,
): { values: number[]; places: Int32Array } {
  const places = Int32Array.from({ length: outer * inner }, (_, at) => {
    const [o, j] = [Math.floor(at / inner), at % inner];
    const row = Array.from({ length: axis }, (_, i) => x[(o * axis + i) * inner + j]!);
    const nan = row.findIndex(Number.isNaN);
    const top = Math.max(...row);
    return nan >= 0 ? nan : row.findIndex((value) => value === top);
  });
  const values = Array.from(places, (i, at) => {
    return x[(Math.floor(at / inner) * axis + i) * inner + (at % inner)]!;
  });
  return { values, places };
}

/** Computes dx[o, i, j]: dy[o, j] at the place of the largest element, elsewhere 0. */
export function largestGrad(
  dy: Float32Array,
  places: Int32Array,
  { outer, axis, inner }: Extent,
): number[] {
  return Array.from({ length: outer * axis * inner }, (_, at) => {
    const [o, i] = [Math.floor(at / (axis * inner)), Math.floor(at / inner) % axis];
    const from = o * inner + (at % inner);
    return places[from] === i ? dy[from]! : 0;
  });
}
