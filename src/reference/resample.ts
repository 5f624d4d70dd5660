import { type Array64, at, fill } from "./array64.ts";

/** Weighted sums of neighbours along an axis: an output for each. */
export type Sums = readonly { readonly first: number; readonly weights: ArrayLike<number> }[];

/**
 * Returns the image whose element (i, j) is the sum over a and b of rows[i][a] · columns[j][b] · x, and
 * the sum of the terms' magnitudes.
 */
export function resample(x: Array64, rows: Sums, columns: Sums): { value: Array64; size: Array64 } {
  const { shape } = x;
  const whole = [shape[0]!, rows.length, columns.length, shape[3]!];
  const sum = (of: (term: number) => number): Array64 =>
    fill(whole, ([n, i, j, c]) => {
      const [row, column] = [rows[i!]!, columns[j!]!];
      let result = 0;
      for (let a = 0; a < row.weights.length; a++) {
        for (let b = 0; b < column.weights.length; b++) {
          const weight = row.weights[a]! * column.weights[b]!;
          result += of(weight * at(x, [n!, row.first + a, column.first + b, c!]));
        }
      }
      return result;
    });
  return { value: sum((term) => term), size: sum(Math.abs) };
}
