/** Lengths from which error texts give only the number of elements, or the start of a text. */
const MANY = 8;
const LONG = 60;

function cut(text: string): string {
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

/**
 * Returns a value as error texts show it: a number as it is, a text in quotes, an object by its
 * class, or else by its name, or by the names of its fields. The result is short, whatever the
 * value.
 * @param depth levels of nested lists that are shown
 */
export function describeValue(value: unknown, depth = 2): string {
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return cut(`${value}n`);
  if (typeof value !== "object" || value === null) return cut(String(value));
  if (Array.isArray(value)) {
    if (value.length > MANY || depth === 0) return `an array of ${value.length}`;
    return `[${Array.from(value, (element) => describeValue(element, depth - 1)).join(", ")}]`;
  }
  const { constructor = Object, name } = value as {
    constructor?: { name?: unknown };
    name?: unknown;
  };
  if (constructor !== Object)
    return typeof constructor.name === "string" ? cut(constructor.name) : "an object";
  if (typeof name === "string") return `an object named ${describeValue(name)}`;
  const names = cut(Object.keys(value).join(", "));
  return names ? `an object of ${names}` : "an empty object";
}

/** Describes the values that an argument or an option may have. */
export interface Rule {
  /** Completes the sentence "expected epochs to be …". */
  readonly expected: string;
  /** Returns true if the type is right. */
  readonly is: (value: unknown) => boolean;
  /** Returns true if a value of the right type is one that is allowed; by default all are. */
  readonly allows?: (value: unknown) => boolean;
  /** Describes a value that is refused; describeValue by default. */
  readonly describe?: (value: unknown) => string;
  /** True if the option may not be left out. */
  readonly isNeeded?: boolean;
}

const isNumber = (value: unknown): value is number => typeof value === "number";

/** Returns a rule for a number in a range; NaN is in none. */
function numbers(expected: string, allows: (value: number) => boolean): Rule {
  return { expected, is: isNumber, allows: allows as Rule["allows"] };
}

/** Any value: the function that takes it checks it. */
export const anything: Rule = { expected: "", is: () => true };

/** Any number, NaN and infinities too. */
export const number = (): Rule => ({ expected: "a number", is: isNumber });

/** A number that is neither NaN nor infinite. */
export const finite = (): Rule => numbers("a finite number", Number.isFinite);

/** A number above 0, and finite. */
export const positive = (): Rule =>
  numbers("a number above 0", (value) => value > 0 && value < Infinity);

/** A number above 0 and at most 1. */
export const share = (): Rule =>
  numbers("a number above 0 and at most 1", (value) => value > 0 && value <= 1);

/** A number in [0, limit). */
export const numberBelow = (limit: number): Rule =>
  numbers(`a number in [0, ${limit})`, (value) => value >= 0 && value < limit);

function range(kind: string, least: number, most: number, allows: (value: number) => boolean) {
  const expected = `a ${kind} from ${least} ${most < Infinity ? `to ${most}` : "on"}`;
  return numbers(expected, (value) => allows(value) && value >= least && value <= most);
}

/** A number from `least` on, or up to `most`, and finite. */
export function numberFrom(least: number, most = Infinity): Rule {
  return range("number", least, most, Number.isFinite);
}

/** A whole number from `least` on, or up to `most`, that float64 represents exactly. */
export function whole(least: number, most = Infinity): Rule {
  return range("whole number", least, most, Number.isSafeInteger);
}

/** One of some values, which are all texts or all numbers. */
export function oneOf(...values: readonly (string | number)[]): Rule {
  const names = values.map((value) => describeValue(value)).join(", ");
  return {
    // The last comma is an "or".
    expected: names.replace(/, ([^,]*)$/, " or $1"),
    is: (value) => typeof value === typeof values[0],
    allows: (value) => values.includes(value as string),
  };
}

/** A value that one rule allows, or another. */
export function either(one: Rule, other: Rule): Rule {
  return {
    expected: `${one.expected} or ${other.expected}`,
    is: (value) => one.is(value) || other.is(value),
    allows: (value) => (one.is(value) ? one : other).allows?.(value) ?? true,
  };
}

/** A value of a type, as `typeof` calls it. */
function ofType(expected: string, type: string): Rule {
  return { expected, is: (value) => typeof value === type };
}

/* What most options are. */
export const flag = (): Rule => ofType("true or false", "boolean");
export const text = (): Rule => ofType("a text", "string");
export const callable = (expected = "a function"): Rule => ofType(expected, "function");

/** A list, whose elements are checked where it is read. */
export const list = (expected = "a list"): Rule => ({ expected, is: Array.isArray });

/** A list of at least one value, each of which a rule allows; a typed array is one. */
export function listOf(rule: Rule, expected: string): Rule {
  return {
    expected,
    is: (value) => Array.isArray(value) || ArrayBuffer.isView(value),
    allows(value) {
      const values: unknown[] = Array.from(value as ArrayLike<unknown>);
      return values.length > 0 && values.every((one) => accepts(rule, one));
    },
  };
}

/** An object, whose fields are checked where it is read. */
export const object = (expected: string): Rule => ({
  expected,
  is: (value) => typeof value === "object" && value !== null,
});

/** An instance of a class. */
export function instance(
  expected: string,
  ...classes: readonly (abstract new (...args: never[]) => unknown)[]
): Rule {
  return { expected, is: (value) => classes.some((type) => value instanceof type) };
}

/** An object with a method, and with text fields of these names. */
export function objectWith(method: string, expected: string, ...texts: readonly string[]): Rule {
  return { expected, is: (value) => hasMethod(value, method, ...texts) };
}

/** Returns true for an object that has a method of this name, and text fields of these names. */
export function hasMethod(value: unknown, method: string, ...texts: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    typeof fields[method] === "function" && texts.every((name) => typeof fields[name] === "string")
  );
}

/** The same rule for an option that may not be left out. */
export function needed(rule: Rule): Rule {
  return { ...rule, isNeeded: true };
}

/** Returns true for a value of the right type that is allowed. */
export function accepts({ is, allows }: Rule, value: unknown): boolean {
  return is(value) && (!allows || allows(value));
}

/**
 * Checks a value.
 * @throws TypeError for a wrong type, RangeError for a wrong value; both name the function `who`
 * and its argument `what`, and give the expected and the actual value
 */
export function check(who: string, what: string, value: unknown, rule: Rule): void {
  if (accepts(rule, value)) return;
  const received = (rule.describe ?? describeValue)(value);
  const message = `${who}: expected ${what} to be ${rule.expected}, got ${received}`;
  throw rule.is(value) ? new RangeError(message) : new TypeError(message);
}

/** @throws as check, unless the value is a whole number from `least` on, up to `most` */
export function checkWhole(
  who: string,
  what: string,
  value: unknown,
  least: number,
  most?: number,
): void {
  check(who, what, value, whole(least, most));
}

/** Rules for all options. */
export type Rules<Options> = { readonly [Name in keyof Options]-?: Rule };

/** Returns false for a Map or an engine: it has no own names, so no check would ever refuse it. */
function isOptions(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length > 0 || (value.constructor?.name ?? "Object") === "Object";
}

/**
 * Checks the names and values of an object of options. Unknown names are refused, because they
 * would be ignored silently. An option that is undefined is left out, so that destructuring gives
 * it its default.
 * @returns a copy, which does not change when the caller's object does
 * @throws TypeError unless it is an object, RangeError for a name without a rule, and as check
 */
export function checkOptions<Options extends object>(
  who: string,
  options: Options,
  rules: Rules<Options>,
): Options {
  if (!isOptions(options))
    throw new TypeError(`${who}: expected an object of options, got ${describeValue(options)}`);
  const other = Object.keys(options).find((name) => !Object.hasOwn(rules, name));
  if (other !== undefined) {
    const known = Object.keys(rules).join(", ");
    throw new RangeError(`${who}: expected options ${known}, got ${describeValue(other)}`);
  }
  const chosen: Partial<Options> = {};
  for (const [name, rule] of Object.entries<Rule>(rules)) {
    const value = options[name as keyof Options];
    if (value === undefined && !rule.isNeeded) continue;
    check(who, name, value, rule);
    chosen[name as keyof Options] = value;
  }
  return chosen as Options;
}

/**
 * Checks the arguments of a function; one that is undefined is left out.
 * @param rules by the names of the arguments, in their order
 * @throws TypeError for an argument too many, and as check
 */
export function checkArguments(
  who: string,
  args: readonly unknown[],
  rules: Readonly<Record<string, Rule>> = {},
): void {
  const known = Object.entries(rules);
  known.forEach(([name, rule], i) => {
    if (args[i] !== undefined || rule.isNeeded) check(who, name, args[i], rule);
  });
  if (args.length <= known.length) return;
  const most = known.length === 1 ? "1 argument" : `${known.length} arguments`;
  throw new TypeError(`${who}: expected at most ${most}, got ${args.length}`);
}
