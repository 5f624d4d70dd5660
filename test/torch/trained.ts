import { readFileSync } from "node:fs";
import { arrayFormulas } from "../../src/reference/arrays.ts";
import type { Reference } from "./reference.ts";

/** Arrays by PyTorch's names. */
export type State = Readonly<Record<string, Reference>>;

/** A network that PyTorch trained for twelve steps in float64, in PyTorch's layout. */
export interface Trained {
  /** Batches, and their labels. */
  readonly x: readonly Reference[];
  readonly y: readonly Reference[];
  /** Weights before and after. */
  readonly start: State;
  readonly trained: State;
  /** Scores of the first batch before and after. */
  readonly evaluated: Reference;
  readonly evaluatedAfter: Reference;
  readonly losses: readonly number[];
}

/** Reads a network from a file next to this one. */
export function readTrained(file: string): Trained {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as Trained;
}

/** Moves the axes of an array; by default those of a matrix. */
export function transposed(
  { shape, data }: Reference,
  order: readonly number[] = [1, 0],
): Reference {
  const moved = arrayFormulas.transpose([{ shape, data: Float64Array.from(data) }], order);
  return { shape: moved.shape, data: [...moved.data] };
}

/** Returns the bound of an array's elements: a share of the largest of them. */
export function shareOf(share: number) {
  return ({ data }: Reference): (() => number) => {
    const largest = Math.max(...data.map(Math.abs));
    return () => share * largest;
  };
}
