import { describeValue } from "../base/arguments.ts";
import { call, inspectable } from "../base/printable.ts";

/**
 * The learning rate of each step, counted from 0: a pure function, so that a run that goes on from
 * a checkpoint, or is repeated on another machine, has the same rates. The schedules here compute
 * with functions that give the same bits everywhere.
 */
export type Schedule = (step: number) => number;

/**
 * The rate that a schedule gives.
 * @throws RangeError naming schedule and step if it is not a finite number from 0 on
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
 * Names a schedule for errors, as a minifier would change the name of a function, and prints it as the
 * call that made it.
 */
export function named(name: string, options: object, schedule: Schedule): Schedule {
  Object.defineProperty(schedule, "name", { value: name });
  return Object.freeze(inspectable(schedule, call(name, options)));
}
