import { expect } from "vitest";

/** A call that has to be refused. */
export type Call = () => unknown;

/** Messages of the JavaScript engine for a value that it cannot use. */
const ENGINES_OWN =
  /Cannot (read|convert|mix|destructure)|is not (a function|iterable|defined|an object)|undefined is/;

/** The error of a call, thrown or rejected with. */
async function errorOf(call: Call): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Expects a TypeError or RangeError in the package's grammar that has all of the texts. */
export async function expectRefused(call: Call, ...texts: string[]): Promise<void> {
  const error = await errorOf(call);
  expect(error, String(call)).toBeInstanceOf(Error);
  const { name, message } = error as Error;
  expect(["TypeError", "RangeError"], message).toContain(name);
  expect(message).toMatch(/^[^:]+(: [^:]+)*: expected .+, got .+/s);
  expect(message).not.toMatch(ENGINES_OWN);
  expect(message.length).toBeLessThan(600);
  for (const text of texts) expect(message).toContain(text);
}

/** Wrong values by what an option has to be. */
export const WRONG = {
  number: [null, "", [], false, true, NaN, "1", {}, 1n, Symbol("1"), () => 1],
  rate: [null, "", [], false, true, NaN, "1", {}, 1n, -1, Infinity],
  column: [null, [], false, true, NaN, {}, 1.5, "none"],
  whole: [null, "", [], false, NaN, "1", {}, 1.5, -1, Infinity, 2 ** 53],
  pair: [null, "", [], false, NaN, "1", {}, 1.5, -1, Infinity, 2 ** 53, [1], [1, 1, 1], [1, "1"]],
  flag: ["false", "true", 0, 1, null, "", [], {}],
  name: ["toString", "__proto__", "constructor", "", null, 5, [], {}],
  padding: [
    ...[null, "", "full", false, true, NaN, -1, 1.5, [], [1], ["1", 1]],
    ...[{}, { up: 1 }, { top: -1 }, { top: 1, before: 1 }],
  ],
  text: [null, 5, [], {}, true],
  function: [null, 5, "f", {}, []],
  object: [null, 5, "x", true, () => 0],
  list: [null, 5, "x", true, {}, new Map()],
} as const satisfies Record<string, readonly unknown[]>;

export type Kind = keyof typeof WRONG;

/** Values that are no options. */
export const NO_OPTIONS: readonly unknown[] = [
  ...[null, 5, 0.2, "x", "", true, [], [1], () => 0, Symbol("options"), 1n],
  ...[new Map(), new Date(), new Float32Array(), new Number(1)],
];

/** Options with a name that nobody reads. */
export const UNKNOWN: readonly (readonly [name: string, options: object])[] = [
  ["unheardOf", { unheardOf: 1 }],
  ["toString", { toString: 1 }],
  ["constructor", { constructor: 1 }],
  ["__proto__", JSON.parse('{ "__proto__": 1 }') as object],
];
