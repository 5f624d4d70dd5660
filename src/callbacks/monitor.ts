import { describeValue } from "../base/arguments.ts";

export type Mode = "min" | "max";

const smallerIsBetter = /(loss|perplexity|mae|mse|mape)$/i;
const largerIsBetter = /(accuracy|precision|recall|f1|rocAuc|r2)$/i;

/** Returns the direction of improvement that a name tells. @throws RangeError if it tells none */
export function modeOf(who: string, monitor: string): Mode {
  if (smallerIsBetter.test(monitor)) return "min";
  if (largerIsBetter.test(monitor)) return "max";
  const came = `none for ${describeValue(monitor)}`;
  throw new RangeError(`${who}: expected mode "min" or "max", got ${came}`);
}

/** Returns the names and values of an epoch's numbers. */
export function numbersOf(epoch: object): [name: string, value: number][] {
  return Object.entries(epoch).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
}

/** Returns the monitored number of an epoch. @throws RangeError if the epoch has none */
export function monitored(who: string, epoch: object, monitor: string): number {
  const numbers = numbersOf(epoch);
  const found = numbers.find(([name]) => name === monitor);
  if (found) return found[1];
  const names = numbers.map(([name]) => name).join(", ");
  throw new RangeError(`${who}: expected an epoch with ${describeValue(monitor)}, it has ${names}`);
}

/** Returns true if a value beats the best one by more than minDelta; NaN never does. */
export function improves(
  value: number,
  best: number | undefined,
  mode: Mode,
  minDelta: number,
): boolean {
  if (best === undefined) return !Number.isNaN(value);
  return mode === "min" ? value < best - minDelta : value > best + minDelta;
}
