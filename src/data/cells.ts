import { type Rule, describeValue } from "../base/arguments.ts";

/** Cells and rows of CSV files. */

/** A decimal number. Number() also takes hexadecimal, "Infinity" and the empty cell. */
export const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Returns the number in a cell, NaN if there is none. */
export function parseNumber(cell: string): number {
  const trimmed = cell.trim();
  return NUMBER.test(trimmed) ? Number(trimmed) : NaN;
}

/** Returns what is wrong with the number of a cell; undefined if nothing is. */
export function numberFault(value: number): string | undefined {
  if (Number.isNaN(value)) return "expected a number";
  if (!Number.isFinite(Math.fround(value))) return "expected a number that fits a 32-bit float";
  return undefined;
}

/** Returns the place of a cell for errors, which count from 1; `column` counts from 0. */
export function placeOf(
  name: string,
  row: number,
  column: number,
  header: readonly string[] | undefined,
): string {
  const title = header === undefined ? "" : ` (${describeValue(header[column])})`;
  return `${name}: row ${row}, column ${column + 1}${title}`;
}

/** Returns true for a row that is a blank line. */
export function isBlank(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0]!.trim() === "";
}

/** @throws RangeError unless a row has as many cells as the first one */
export function checkWidth(name: string, row: number, cells: readonly string[], width: number): void {
  if (cells.length === width) return;
  const got = isBlank(cells) ? "a blank line" : cells.length;
  throw new RangeError(`${name}: row ${row}: expected ${width} cells, got ${got}`);
}

/** Returns an array at least twice as long that begins with the same numbers. */
export function enlarged(x: Float32Array, atLeast: number): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(Math.max(2 * x.length, atLeast));
  larger.set(x);
  return larger;
}

/** Rule for the separator of cells. */
export const separatorRule: Rule = {
  expected: "one character, no quote or line break",
  is: (value) => typeof value === "string",
  allows: (value) => /^[^"\r\n]$/.test(value as string),
};

/** Returns the name that errors about options give the file, its own or else `other`. */
export function whoOf(options: unknown, other: string): string {
  const { name } = Object(typeof options === "object" ? options : {}) as { name?: unknown };
  return typeof name === "string" ? name : other;
}
