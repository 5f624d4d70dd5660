/** A matrix whose rows are `ld` numbers apart; if `trans` is true, its transpose is used. */
export interface Matrix {
  readonly values: ArrayLike<number>;
  readonly ld: number;
  readonly trans: boolean;
}

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly alpha: number;
  readonly a: Matrix;
  readonly b: Matrix;
}

/**
 * Computes alpha · op(A)·op(B), m x n without padding, and for each element the sum of the
 * magnitudes of its terms.
 */
export function matmul({ m, n, k, alpha, a, b }: Product): {
  value: Float64Array;
  size: Float64Array;
} {
  const value = new Float64Array(m * n);
  const size = new Float64Array(m * n);
  const left = rows(a, m, k);
  const right = rows(b, k, n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const x = alpha * left[i * k + p]!;
      for (let j = 0; j < n; j++) {
        const term = x * right[p * n + j]!;
        value[i * n + j]! += term;
        size[i * n + j]! += Math.abs(term);
      }
    }
  }
  return { value, size };
}

/** Returns op(X) without padding. */
function rows({ values, ld, trans }: Matrix, height: number, width: number): Float64Array {
  const packed = new Float64Array(height * width);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      packed[i * width + j] = values[trans ? j * ld + i : i * ld + j]!;
    }
  }
  return packed;
}
