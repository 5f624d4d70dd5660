import { type Computation, type Node, type Recorder } from "../node.ts";
import { OUTPUT, describe, float, instruction } from "../node.ts";

/** Sum of weights · x over neighbours along an axis, from position `first` on. */
export interface Sum {
  readonly first: number;
  readonly weights: readonly number[];
}

/** Linear map along an axis: a sum for each position of the result. */
export interface SumAxis {
  /** Length of x along it. */
  readonly length: number;
  /** Sums, whose first and last positions never decrease. */
  readonly sums: readonly Sum[];
}

/** Rows or columns of a result at most, because each has an entry in the instruction. */
const MOST_SUMS = 2 ** 20;

/** @throws RangeError if a result has more rows or columns than an instruction holds */
export function checkSums(g: Recorder, op: string, sizes: readonly number[]): void {
  if (Math.max(...sizes) <= MOST_SUMS) return;
  const expected = `a result of at most ${MOST_SUMS} rows and columns`;
  throw g.fail(op, `expected ${expected}, got ${describe(sizes)}`);
}

/** Returns the map of the gradient: each position of x gets the sums that it is a term of. */
function transposed({ length, sums }: SumAxis): SumAxis {
  const inverse = Array.from({ length }, () => ({ first: 0, weights: [] as number[] }));
  sums.forEach(({ first, weights }, i) => {
    weights.forEach((weight, k) => {
      const sum = inverse[first + k]!;
      if (sum.weights.length === 0) sum.first = i;
      sum.weights.push(weight);
    });
  });
  return { length: sums.length, sums: inverse };
}

/** Returns the words of the kernel for an axis. */
function wordsOf({ length, sums }: SumAxis): number[] {
  const most = sums.reduce((max, { weights }) => Math.max(max, weights.length), 0);
  const words = [length, sums.length, most];
  for (const { first, weights } of sums) {
    words.push(first, weights.length);
    for (let k = 0; k < most; k++) words.push(float(weights[k] ?? 0));
  }
  return words;
}

/**
 * Appends the image whose element (i, j) is the sum of those of x over a rectangle, weighted by the
 * product of the weights of row i and of column j.
 */
export function resample(g: Recorder, op: string, x: Node, rows: SumAxis, columns: SumAxis): Node {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const computation: Computation = {
    op,
    gradient: (g, _node, dy) => [
      () => resample(g, `${op}Grad`, dy, transposed(rows), transposed(columns)),
    ],
    instruction: instruction("resample2d", {
      x,
      y: OUTPUT,
      batch,
      channels,
      axes: [...wordsOf(rows), ...wordsOf(columns)],
    }),
  };
  return g.append(computation, [batch, rows.sums.length, columns.sums.length, channels]);
}
