/** Of longer lists error texts say only how long they are. */
const MANY = 8;

/**
 * What was given, for error texts: a number as it is, a text in quotes, an object by its class, and
 * by its names if it has none.
 */
export function given(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    return value.length > MANY ? `an array of ${value.length}` : `[${value.map(given).join(", ")}]`;
  }
  if (value.constructor !== Object) return value.constructor?.name ?? "an object";
  const names = Object.keys(value);
  if (names.length > MANY) return `an object of ${names.length} names`;
  return `an object of ${names.join(", ") || "nothing"}`;
}

/**
 * Looks at an object of options: a name that nobody reads would be ignored without a word.
 * @throws TypeError unless it is an object, RangeError for a name that is not among `known`
 */
export function checkNames<T extends object>(
  who: string,
  options: T,
  known: readonly (keyof T & string)[],
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${who}: expected an object of options, got ${given(options)}`);
  }
  const other = Object.keys(options).find((name) => !(known as readonly string[]).includes(name));
  if (other === undefined) return;
  throw new RangeError(`${who}: expected options ${known.join(", ")}, got "${other}"`);
}

/** @throws RangeError unless the value is a whole number from `least` on, up to `most` if it is given */
export function checkWhole(
  who: string,
  what: string,
  value: unknown,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): void {
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    const to = most < Number.MAX_SAFE_INTEGER ? `to ${most}` : "on";
    throw new RangeError(
      `${who}: expected ${what} to be a whole number from ${least} ${to}, got ${given(value)}`,
    );
  }
}
