import { describeValue } from "./arguments.ts";

/** Lengths of the axes, outermost first; [] for a scalar. */
export type Shape = readonly number[];

/** Returns the number of elements in an array of this shape. */
export function size(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Formats a shape for error texts: `[2, 3]`. */
export function describe(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** @throws RangeError unless it is a list of whole lengths */
export function checkShape(who: string, shape: Shape): void {
  const isWhole = (length: unknown): boolean => Number.isInteger(length) && Number(length) >= 0;
  if (Array.isArray(shape) && shape.every(isWhole)) return;
  throw new RangeError(`${who}: expected a shape of whole lengths, got ${describeValue(shape)}`);
}
