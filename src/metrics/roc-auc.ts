import { checkOptions, oneOf } from "../base/arguments.ts";
import { call } from "../base/printable.ts";
import { type ModelMetric, hasNaN, isPositive, metric } from "./metric.ts";

/** Options of rocAuc. */
export interface RocAucOptions {
  /**
   * Treatment of predictions with several columns. "macro", the default, takes the mean over
   * columns, as in scikit-learn. "micro" takes all elements as one column, as Keras's AUC does by
   * default. Class indices stand for one-hot rows: each class against the rest.
   */
  readonly average?: "macro" | "micro";
}

/** Scores and their targets. */
interface Column {
  readonly scores: number[];
  readonly positives: boolean[];
}

/**
 * Area under the receiver operating characteristic, 0 to 1: the probability that a positive has a
 * higher score than a negative, where equal scores count half (Hanley and McNeil 1982). Scores may
 * have any scale. The result is NaN if a column has no positives, no negatives, or a NaN among its
 * scores or targets. The metric keeps all scores in memory until the end.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError for an unknown average or option
 * @example
 * const scores = { data: [0.9, 0.6, 0.2, 0.4], shape: [4, 1] };
 * rocAuc().of(scores, [1, 0, 0, 1]); // 0.75
 */
export function rocAuc(options: RocAucOptions = {}): ModelMetric {
  const chosen = checkOptions("rocAuc", options, { average: oneOf("macro", "micro") });
  return metric("rocAuc", call("rocAuc", chosen), () => {
    const columns: Column[] = [];
    return {
      count(batch) {
        const { scores, cols } = batch;
        const width = chosen.average === "micro" ? 1 : cols;
        if (columns.length > 0 && columns.length !== width) {
          const came = `${columns.length} before, now ${width}`;
          throw new RangeError(`rocAuc: expected batches with the same columns, got ${came}`);
        }
        while (columns.length < width) columns.push({ scores: [], positives: [] });
        for (let i = 0; i < scores.length; i++) {
          const column = columns[i % width]!;
          column.scores.push(hasNaN(batch, i) ? NaN : scores[i]!);
          column.positives.push(isPositive(batch, i));
        }
      },
      result: () => columns.reduce((sum, column) => sum + area(column), 0) / columns.length,
    };
  });
}

/**
 * Returns the area by ranks: (sum of the positives' ranks - P (P + 1) / 2) / (P N), where equal
 * scores share the mean of their ranks. Ranks are doubled, so that they are whole and their sum is
 * exact.
 */
function area({ scores, positives }: Column): number {
  if (scores.some(Number.isNaN)) return NaN;
  const order = scores.map((_, i) => i).sort((a, b) => compare(scores[a]!, scores[b]!));
  let doubledRanks = 0;
  let found = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    let ofGroup = 0;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) {
      if (positives[order[to++]!]) ofGroup++;
    }
    doubledRanks += ofGroup * (from + 1 + to);
    found += ofGroup;
  }
  const others = scores.length - found;
  return (doubledRanks - found * (found + 1)) / (2 * found * others);
}

/** Compares for sorting. a - b would be NaN for equal infinities. */
function compare(a: number, b: number): number {
  return a < b ? -1 : Number(a > b);
}
