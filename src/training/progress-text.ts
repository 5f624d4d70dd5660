import { formatLoss } from "../base/format.ts";

/** Result of an epoch, as `fit` reports it. */
export interface EpochResult {
  readonly loss: number;
  readonly accuracy?: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** Time of training, without validation. */
  readonly seconds: number;
}

/** Functions that paint the done and the other part of a bar. */
export interface BarColors {
  cyan(text: string): string;
  dim(text: string): string;
}

const shortestBar = 8;
const longestBar = 40;

/**
 * Formats a bar behind the first text of a layout and in front of the others, one column less than there
 * are: a cursor behind the last column would be on the next line.
 * @param layouts texts, of which the first layout that leaves room for a bar is taken
 * @param share part that is done, 0 to 1
 */
export function barLine(
  layouts: readonly (readonly string[])[],
  share: number,
  columns: number,
  colors: BarColors,
): string {
  const room = (parts: readonly string[]): number => columns - 1 - parts.join("  ").length - 2;
  const parts = layouts.find((layout) => room(layout) >= shortestBar) ?? [];
  const width = Math.max(0, Math.min(longestBar, room(parts)));
  const done = Math.round(width * Math.min(1, share));
  const bar = colors.cyan("━".repeat(done)) + colors.dim("─".repeat(width - done));
  const [head, ...tail] = parts;
  return head === undefined ? bar : [head, bar, ...tail].join("  ");
}

/** Formats the number of an epoch, counted from 1: ` 3/10`. */
export function countText(epoch: number, epochs: number): string {
  return `${String(epoch).padStart(String(epochs).length)}/${epochs}`;
}

export function formatAccuracy(accuracy: number): string {
  return accuracy.toFixed(3);
}

/**
 * Formats an epoch:
 * `epoch  1/30  loss 1.2345  accuracy 0.812  validation loss 0.9876  accuracy 0.823`.
 * In a narrow window the least important numbers are left out first. Other metrics come last.
 */
export function epochLine(
  epoch: number,
  epochs: number,
  result: EpochResult,
  columns: number,
): string {
  const count = `epoch ${countText(epoch, epochs)}`;
  const loss = shown("loss", result.loss, formatLoss);
  const accuracy = shown("accuracy", result.accuracy, formatAccuracy);
  const validationLoss = shown("validation loss", result.validationLoss, formatLoss);
  const validationAccuracy = shown("accuracy", result.validationAccuracy, formatAccuracy);
  const layouts = [
    [count, loss, accuracy, validationLoss, validationAccuracy],
    [count, loss, validationLoss, validationAccuracy],
    [count, loss, validationLoss],
    [count, loss],
  ].map((parts) => parts.filter((part) => part !== "").join("  "));
  const line = layouts.find((layout) => layout.length <= columns) ?? layouts.at(-1)!;
  return metricsOf(result).reduce((text, metric) => {
    const longer = `${text}  ${metric}`;
    return longer.length <= columns ? longer : text;
  }, line);
}

/** Formats the validation's metrics besides loss and accuracy: `f1 0.8312`. */
function metricsOf(result: EpochResult): string[] {
  return Object.entries(result).flatMap(([name, value]: [string, unknown]) => {
    const [, metric = ""] = /^validation(?!Loss$|Accuracy$)(.+)/.exec(name) ?? [];
    if (metric === "" || typeof value !== "number") return [];
    return `${metric[0]!.toLowerCase()}${metric.slice(1)} ${formatLoss(value)}`;
  });
}

function shown(name: string, value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? "" : `${name} ${format(value)}`;
}
