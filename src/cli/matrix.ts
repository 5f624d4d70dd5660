import { wrap } from "./format.ts";
import type { Colors } from "./terminal.ts";

/** Rows are the true classes, columns the predicted ones. */
export type Confusion = readonly (readonly number[])[];

const mostClasses = 20;

export function confusionOf(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  classes: number,
): Confusion {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < labels.length; row++) {
    const truth = counts[labels[row] ?? -1];
    const predicted = indexOfLargest(scores, row * classes, classes);
    if (truth) truth[predicted] = (truth[predicted] ?? 0) + 1;
  }
  return counts;
}

function indexOfLargest(scores: ArrayLike<number>, start: number, length: number): number {
  let best = 0;
  for (let index = 1; index < length; index++) {
    if ((scores[start + index] ?? NaN) > (scores[start + best] ?? NaN)) best = index;
  }
  return best;
}

/** The matrix, or where it is too large to be read, the classes told apart best and worst. */
export function confusionLines(confusion: Confusion, columns: number, colors: Colors): string[] {
  const classes = confusion.length;
  if (classes > mostClasses) {
    return [...leftOut(`more than ${mostClasses} classes`, columns), ...extremes(confusion)];
  }
  const digits = Math.max(
    String(classes - 1).length,
    ...confusion.flat().map((n) => String(n).length),
  );
  const rowLabel = Math.max("true".length, String(classes - 1).length);
  const gap = [2, 1].find((size) => rowLabel + 2 + classes * (digits + size) <= columns);
  if (gap === undefined) {
    return [...leftOut(`it needs a wider terminal`, columns), ...extremes(confusion)];
  }
  return table(confusion, digits + gap, rowLabel, colors);
}

function table(confusion: Confusion, cell: number, rowLabel: number, colors: Colors): string[] {
  const names = confusion.map((_, index) => String(index).padStart(cell)).join("");
  const paint = (count: number, onDiagonal: boolean): string => {
    const shown = (count === 0 ? "·" : String(count)).padStart(cell);
    if (count === 0) return colors.dim(shown);
    return onDiagonal ? colors.bold(colors.green(shown)) : colors.yellow(shown);
  };
  return [
    `${" ".repeat(rowLabel + cell + 1)}predicted`,
    `${"true".padEnd(rowLabel)}  ${colors.dim(names)}`,
    ...confusion.map((counts, row) => {
      const cells = counts.map((count, column) => paint(count, row === column)).join("");
      return `${colors.dim(`${String(row).padStart(rowLabel)} │`)}${cells}`;
    }),
  ];
}

function leftOut(reason: string, columns: number): string[] {
  return wrap(`confusion matrix left out: ${reason}`.split(" "), columns);
}

function extremes(confusion: Confusion): string[] {
  const ranked = confusion
    .map((counts, index) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      return { index, accuracy: (counts[index] ?? 0) / total };
    })
    .filter(({ accuracy }) => !Number.isNaN(accuracy))
    .toSorted((a, b) => b.accuracy - a.accuracy);
  const best = ranked.at(0);
  const worst = ranked.at(-1);
  if (!best || !worst) return [];
  return [
    `best class   ${best.index}, accuracy ${best.accuracy.toFixed(3)}`,
    `worst class  ${worst.index}, accuracy ${worst.accuracy.toFixed(3)}`,
  ];
}
