// Plain JavaScript for the derivations: float64, loops, nothing of gradlane. A matrix is a list of
// rows.

export const sigmoid = (z) => 1 / (1 + Math.exp(-z));
export const relu = (z) => Math.max(0, z);

/** -[y ln a + (1 - y) ln(1 - a)] for a probability a. */
export const logLoss = (a, y) => -(y * Math.log(a) + (1 - y) * Math.log(1 - a));

/** f of every element, or of the elements of several matrices at one place. */
export function each(f, first, ...others) {
  if (!Array.isArray(first)) return f(first, ...others);
  return first.map((part, i) => each(f, part, ...others.map((other) => other[i])));
}

export const transpose = (a) => a[0].map((_, j) => a.map((row) => row[j]));

/** The matrix product a·b. */
export function product(a, b) {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => sum(row.map((x, i) => x * column[i]))));
}

/** z with a bias added: [n, 1], one number for each row, or [1, n], one for each column. */
export const plus = (z, b) =>
  z.map((row, i) => row.map((x, j) => x + (b[i]?.[j] ?? b[i]?.[0] ?? b[0][j])));

/** The sum of all elements. */
export const sum = (a) => a.flat(Infinity).reduce((total, x) => total + x, 0);

/** Sums of each row, and of each column: [n, 1] and [1, n]. */
export const rowSums = (a) => a.map((row) => [sum(row)]);
export const columnSums = (a) => transpose(rowSums(transpose(a)));
