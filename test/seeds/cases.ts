import { readFileSync } from "node:fs";
import type { ArrayValue } from "../../src/index.ts";

/** Value of a name in the file; null stands where a note's slip divides by zero. */
export type Value =
  number | string | boolean | null | readonly Value[] | { readonly [name: string]: Value };

export type Values = Readonly<Record<string, Value>>;

/** One worked case of seeds.json; see README.md. */
export interface SeedCase {
  readonly name: string;
  readonly description: string;
  readonly inputs: Values;
  readonly parameters: Values;
  readonly hyper?: Values;
  readonly expected: Values;
  /** Results that the note's slips would give, by the name of the slip. */
  readonly mustNotEqual?: Values;
}

/** Every case of the file, in its order. */
export const seedCases = JSON.parse(
  readFileSync(new URL("seeds.json", import.meta.url), "utf8"),
) as readonly SeedCase[];

/** @throws RangeError if the file has no case of that name */
export function seedCase(name: string): SeedCase {
  const found = seedCases.find((example) => example.name === name);
  if (!found) throw new RangeError(`seeds.json: expected a case "${name}"`);
  return found;
}

/** Returns the value at a path such as `afterStep.w` or `rows.3.z`; undefined if there is none. */
export function at(root: Value, path: string): Value | undefined {
  const steps = path === "" ? [] : path.split(".");
  return steps.reduce<Value | undefined>((value, step) => {
    return typeof value === "object" && value !== null ? (value as Values)[step] : undefined;
  }, root);
}

/** @throws RangeError unless it is a number */
export function number(value: Value | undefined): number {
  if (typeof value === "number") return value;
  throw new RangeError(`expected a number, got ${JSON.stringify(value)}`);
}

/** The lengths of nested lists, by the first element of each. */
export function shapeOf(value: Value): number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf((value as Value[])[0] ?? 0)] : [];
}

/** The numbers of nested lists in order; null is NaN. */
export function flat(value: Value): number[] {
  if (Array.isArray(value)) return (value as Value[]).flatMap(flat);
  return [value === null ? NaN : number(value)];
}

/**
 * Numbers of a case as an array of float32, which the cases' inputs and parameters are to the bit.
 * @throws RangeError if one of them is not: float32 would not start from the same numbers
 */
export function array(value: Value | undefined): ArrayValue {
  const data = flat(value ?? null);
  const inexact = data.find((x) => Math.fround(x) !== x);
  if (inexact !== undefined) throw new RangeError(`expected a float32 number, got ${inexact}`);
  return { data: Float32Array.from(data), shape: shapeOf(value ?? null) };
}

/** Rows for columns: a matrix of columns as the rows that a model takes. */
export function transposed({ data, shape }: ArrayValue): ArrayValue {
  const [rows, cols] = shape as [number, number];
  const turned = Float32Array.from(data, (_, i) => data[(i % rows) * cols + Math.floor(i / rows)]!);
  return { data: turned, shape: [cols, rows] };
}
