import { wrap } from "./format.ts";
import type { Colors } from "./terminal.ts";

/** True and predicted class of each example. */
export interface Verdicts {
  readonly truth: ArrayLike<number>;
  /** -1 for an example with NaN among its scores. */
  readonly predicted: ArrayLike<number>;
  readonly classes: number;
}

const mostClasses = 20;
const rowLabel = "true".length;

/** Returns the class with the largest score of each row; -1 for a row with NaN. */
export function predictedClasses(scores: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let index = 0; index < classes; index++) {
      const score = scores[row * classes + index]!;
      if (Number.isNaN(score)) return -1;
      if (score > scores[row * classes + best]!) best = index;
    }
    return best;
  });
}

/**
 * Counts examples by true class (row) and predicted class (column). NaN has an extra last column.
 */
export function confusionOf({ truth, predicted, classes }: Verdicts): number[][] {
  const columns = classes + Number(Array.from(predicted).includes(-1));
  const counts = Array.from({ length: classes }, () => new Array<number>(columns).fill(0));
  for (let index = 0; index < truth.length; index++) {
    const row = counts[truth[index]!]!;
    row[predicted[index]! < 0 ? classes : predicted[index]!]! += 1;
  }
  return counts;
}

/** Formats the matrix, or, if it is too large, the classes with the best and the worst accuracy. */
export function confusionLines(verdicts: Verdicts, columns: number, colors: Colors): string[] {
  const { classes } = verdicts;
  if (classes > mostClasses) {
    return [...leftOut(`more than ${mostClasses} classes`, columns), ...extremes(verdicts)];
  }
  const confusion = confusionOf(verdicts);
  const names = confusion[0]!.map((_, index) => (index < classes ? String(index) : "NaN"));
  const digits = Math.max(...[...names, ...confusion.flat()].map((text) => String(text).length));
  const gap = [2, 1].find((size) => rowLabel + 2 + names.length * (digits + size) <= columns);
  if (gap === undefined) {
    return [...leftOut("it needs a wider terminal", columns), ...extremes(verdicts)];
  }
  return table(confusion, names, digits + gap, colors);
}

function table(
  confusion: number[][],
  names: readonly string[],
  cell: number,
  colors: Colors,
): string[] {
  const paint = (count: number, onDiagonal: boolean): string => {
    const shown = (count === 0 ? "·" : String(count)).padStart(cell);
    if (count === 0) return colors.dim(shown);
    return onDiagonal ? colors.bold(colors.green(shown)) : colors.yellow(shown);
  };
  return [
    `${" ".repeat(rowLabel + cell + 1)}predicted`,
    `true  ${colors.dim(names.map((name) => name.padStart(cell)).join(""))}`,
    ...confusion.map((counts, row) => {
      const cells = counts.map((count, column) => paint(count, row === column)).join("");
      return `${colors.dim(`${String(row).padStart(rowLabel)} │`)}${cells}`;
    }),
  ];
}

function leftOut(reason: string, columns: number): string[] {
  return wrap(`confusion matrix left out: ${reason}`.split(" "), columns);
}

/**
 * Formats the best and the worst class; a matrix of thousands of classes would not fit in memory.
 */
function extremes({ truth, predicted, classes }: Verdicts): string[] {
  const totals = new Uint32Array(classes);
  const hits = new Uint32Array(classes);
  for (let index = 0; index < truth.length; index++) {
    totals[truth[index]!]! += 1;
    if (truth[index] === predicted[index]) hits[truth[index]!]! += 1;
  }
  const ranked = Array.from(totals, (total, name) => ({ name, accuracy: hits[name]! / total }))
    .filter(({ accuracy }) => !Number.isNaN(accuracy))
    .sort((a, b) => b.accuracy - a.accuracy);
  const line = (rank: string, at: number): string => {
    const { name, accuracy } = ranked.at(at)!;
    return `${rank.padEnd(5)} class  ${name}, accuracy ${accuracy.toFixed(3)}`;
  };
  return [line("best", 0), line("worst", -1)];
}
