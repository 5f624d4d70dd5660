/** An array in float64, row-major. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function length(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Returns the array that holds value(index) at each index. */
export function fill(
  shape: readonly number[],
  value: (index: readonly number[]) => number,
): Array64 {
  const data = Float64Array.from({ length: length(shape) }, (_, flat) => {
    const index = new Array<number>(shape.length);
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return value(index);
  });
  return { shape, data };
}

/** Returns the element at an index. */
export function at({ shape, data }: Array64, index: readonly number[]): number {
  return data[index.reduce((flat, i, axis) => flat * shape[axis]! + i, 0)]!;
}
