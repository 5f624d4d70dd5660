import { describeValue } from "../base/arguments.ts";
import { call, inspectable } from "../base/printable.ts";

/**
 * Function from the number of a step, counted from 0, to its learning rate. It has to be pure, so
 * that a run that continues from a checkpoint, or is repeated on another machine, has the same
 * rates. The schedules of this package give the same bits everywhere.
 */
export type Schedule = (step: number) => number;

/**
 * Returns the rate that a schedule gives for a step.
 * @throws RangeError that names schedule and step, unless the rate is a finite number ≥ 0
 */
export function scheduledRate(schedule: Schedule, step: number): number {
  const rate: unknown = schedule(step);
  if (typeof rate === "number" && rate >= 0 && rate < Infinity) return rate;
  const name = schedule.name || "schedule";
  throw new RangeError(
    `${name}: expected a learning rate from 0 on at step ${step}, got ${describeValue(rate)}`,
  );
}

/**
 * Gives a schedule a name for errors, which a minifier would change, and makes it print as the call
 * that made it.
 */
export function named(name: string, options: object, schedule: Schedule): Schedule {
  Object.defineProperty(schedule, "name", { value: name });
  return Object.freeze(inspectable(schedule, call(name, options)));
}
