import { parseArgs } from "node:util";
import { MAX_THREADS } from "../threads/cores.ts";

/** Error in the command line itself: it prints the usage line, and the exit code is 2. */
export class UsageError extends Error {}

export interface Option<T> {
  /** Text that stands for the value in the usage line; absent for a flag. */
  readonly placeholder?: string;
  readonly initial: T;
  readonly summary: string;
  /** Description of valid values, which follows "expected" in errors. */
  readonly expected: string;
  /** Returns the value of a text, or null if it is not valid. */
  readonly read: (text: string) => T | null;
}

export type OptionValue = string | number | boolean | readonly number[] | undefined;
export type Options = Readonly<Record<string, Option<OptionValue>>>;
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

type Described<T> = Pick<Option<T>, "initial" | "summary"> & { readonly placeholder?: string };

export function wholeNumber(
  range: { readonly min: number; readonly max?: number },
  described: Described<number>,
): Option<number> {
  const { min, max = Number.MAX_SAFE_INTEGER } = range;
  const expected =
    range.max === undefined
      ? `a whole number of at least ${min}`
      : `a whole number from ${min} to ${max}`;
  return {
    placeholder: "N",
    ...described,
    expected,
    read: (text) => readWhole(text, min, max),
  };
}

export function readWhole(text: string, min: number, max: number): number | null {
  if (!/^\d+$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}

/** Returns an option for the number of threads of an engine. */
export function threadCount(summary: string): Option<number | "auto"> {
  return {
    placeholder: "N|auto",
    initial: 1,
    summary,
    expected: `a whole number from 1 to ${MAX_THREADS}, or "auto"`,
    read: (value) => (value === "auto" ? value : readWhole(value, 1, MAX_THREADS)),
  };
}

export function positiveNumber(described: Described<number>): Option<number> {
  return {
    placeholder: "X",
    ...described,
    expected: "a number above 0",
    read: (text) => {
      const value = /^[+\d.]/.test(text) ? Number(text) : NaN;
      return value > 0 && value < Infinity ? value : null;
    },
  };
}

export function oneOf<const T extends string>(
  names: readonly T[],
  described: Described<T>,
): Option<T> {
  return {
    placeholder: "NAME",
    ...described,
    expected: `one of ${names.join(", ")}`,
    read: (text) => names.find((name) => name === text) ?? null,
  };
}

const anyText = {
  expected: "a name that is not empty",
  read: (text: string) => (text === "" ? null : text),
};

export function text(described: Described<string>): Option<string> {
  return { placeholder: "TEXT", ...described, ...anyText };
}

export function optionalText(placeholder: string, summary: string): Option<string | undefined> {
  return { placeholder, initial: undefined, summary, ...anyText };
}

export function flag(summary: string): Option<boolean> {
  return { initial: false, summary, expected: "no value", read: () => true };
}

/**
 * Reads the arguments after the command's name.
 * @throws UsageError naming the first one that is wrong
 */
export function parseOptions<O extends Options>(options: O, args: readonly string[]): Values<O> {
  const config = Object.entries(options).map(
    ([name, option]) => [name, { type: option.placeholder ? "string" : "boolean" }] as const,
  );
  // Not strict, because Node's own messages are several sentences long and name no expected value.
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(config),
    strict: false,
    tokens: true,
  });
  const values = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, option.initial]),
  );
  for (const token of tokens) {
    if (token.kind === "positional") throw new UsageError(`unexpected argument "${token.value}"`);
    if (token.kind === "option") values[token.name] = readOption(options, token);
  }
  return values as Values<O>;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function readOption(
  options: Options,
  { name, rawName, value, inlineValue }: OptionToken,
): OptionValue {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option || !rawName.startsWith("--")) throw new UsageError(`unknown option ${rawName}`);
  const swallowed = !inlineValue && value?.startsWith("--");
  if (option.placeholder && (value === undefined || swallowed)) {
    throw new UsageError(`${rawName}: expected ${option.expected}, got nothing`);
  }
  // `--json=` has an empty value, which is wrong too.
  const isFlagged = !option.placeholder && value !== undefined;
  const result = isFlagged ? null : option.read(value ?? "");
  if (result === null) {
    throw new UsageError(`${rawName}: expected ${option.expected}, got "${value}"`);
  }
  return result;
}

/** Returns `[--epochs N]` for every option, in the order of the table. */
export function optionUsage(options: Options): string[] {
  return Object.entries(options).map(([name, option]) => `[${signature(name, option)}]`);
}

/** Returns a pair of texts for each option: its form, and its summary with its default. */
export function optionHelp(options: Options): [written: string, meaning: string][] {
  return Object.entries(options).map(([name, option]) => {
    const shown = option.placeholder ? String(option.initial ?? "") : "";
    return [
      signature(name, option),
      shown ? `${option.summary}; default ${shown}` : option.summary,
    ];
  });
}

function signature(name: string, option: Option<OptionValue>): string {
  return option.placeholder ? `--${name} ${option.placeholder}` : `--${name}`;
}
