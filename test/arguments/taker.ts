import type { Kind } from "./refusals.ts";

/** A function that takes options. */
export interface Taker {
  /** Start of its errors; the name in the table by default. */
  readonly who?: string;
  /** Calls it with these options. */
  readonly call: (options: never) => unknown;
  /** Kind of value that each option has to be. */
  readonly options: Readonly<Record<string, Kind>>;
  /** Options that it needs. */
  readonly needed?: object;
  /** False if a call with right options would change or start something; true by default. */
  readonly isHarmless?: boolean;
}
