import { wrap } from "./format.ts";
import type { Colors } from "./terminal.ts";

/** The class of each example and the one that the network takes it for. */
export interface Verdicts {
  readonly truth: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  readonly classes: number;
}

const mostClasses = 20;
const rowLabel = "true".length;

/** The class with the largest score, for every row of scores. */
export function predictedClasses(scores: ArrayLike<number>, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let index = 1; index < classes; index++) {
      if (scores[row * classes + index]! > scores[row * classes + best]!) best = index;
    }
    return best;
  });
}

/** How often a row's class was taken for a column's. */
export function confusionOf({ truth, predicted, classes }: Verdicts): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let index = 0; index < truth.length; index++) {
    counts[truth[index]!]![predicted[index]!]! += 1;
  }
  return counts;
}

/** The matrix, or where it is too large to be read, the classes told apart best and worst. */
export function confusionLines(verdicts: Verdicts, columns: number, colors: Colors): string[] {
  const { classes } = verdicts;
  if (classes > mostClasses) {
    return [...leftOut(`more than ${mostClasses} classes`, columns), ...extremes(verdicts)];
  }
  const confusion = confusionOf(verdicts);
  const lengths = confusion.flat().map((count) => String(count).length);
  const digits = Math.max(String(classes - 1).length, ...lengths);
  const gap = [2, 1].find((size) => rowLabel + 2 + classes * (digits + size) <= columns);
  if (gap === undefined) {
    return [...leftOut("it needs a wider terminal", columns), ...extremes(verdicts)];
  }
  return table(confusion, digits + gap, colors);
}

function table(confusion: number[][], cell: number, colors: Colors): string[] {
  const names = confusion.map((_, index) => String(index).padStart(cell)).join("");
  const paint = (count: number, onDiagonal: boolean): string => {
    const shown = (count === 0 ? "·" : String(count)).padStart(cell);
    if (count === 0) return colors.dim(shown);
    return onDiagonal ? colors.bold(colors.green(shown)) : colors.yellow(shown);
  };
  return [
    `${" ".repeat(rowLabel + cell + 1)}predicted`,
    `true  ${colors.dim(names)}`,
    ...confusion.map((counts, row) => {
      const cells = counts.map((count, column) => paint(count, row === column)).join("");
      return `${colors.dim(`${String(row).padStart(rowLabel)} │`)}${cells}`;
    }),
  ];
}

function leftOut(reason: string, columns: number): string[] {
  return wrap(`confusion matrix left out: ${reason}`.split(" "), columns);
}

/** Counts hits alone: a matrix of thousands of classes would not fit into memory. */
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
