/** Lengths of the axes, outermost first; a scalar's is []. */
export type Shape = readonly number[];

/** Elements in an array of this shape. */
export function size(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** `[2, 3]`, for error texts. */
export function describe(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** What was given, for error texts: a number as it is, a text in quotes, an object by its class. */
export function given(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    return value.length > 8 ? `an array of ${value.length}` : `[${value.map(given).join(", ")}]`;
  }
  return value.constructor?.name ?? "an object";
}
