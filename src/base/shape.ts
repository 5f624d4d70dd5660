import { describeValue } from "./arguments.ts";

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

/** @throws RangeError unless it is a list of whole lengths */
export function checkShape(who: string, shape: Shape): void {
  const isWhole = (length: unknown): boolean => Number.isInteger(length) && Number(length) >= 0;
  if (Array.isArray(shape) && shape.every(isWhole)) return;
  throw new RangeError(`${who}: expected a shape of whole lengths, got ${describeValue(shape)}`);
}
