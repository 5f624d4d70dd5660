import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { ArrayValue } from "../../src/index.ts";

/** An array of the file, row-major. */
export interface Reference {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Case of torch.json, with the fields that its kind needs. */
export interface Case {
  readonly kind: string;
  readonly name: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, Reference>>;
  readonly output: Reference;
  readonly upstream: Reference;
  readonly grads: Readonly<Record<string, Reference>>;
}

export interface OptimizerCase {
  readonly name: string;
  readonly attrs: Readonly<Record<string, number>>;
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly parameters: readonly (readonly number[])[];
}

export interface TrainingCase {
  readonly name: string;
  readonly x: Reference;
  readonly labels: readonly number[];
  readonly weights: readonly Reference[];
  readonly biases: readonly Reference[];
  readonly losses: readonly number[];
  readonly finalWeights: readonly Reference[];
  readonly finalBiases: readonly Reference[];
}

const file = JSON.parse(readFileSync(new URL("torch.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

/** The cases of a kind; Vitest names each by its name, attributes and shapes. */
export function cases(kind: string): [title: string, example: Case][] {
  return file.cases
    .filter((example) => example.kind === kind)
    .map((example) => {
      const shapes = Object.entries(example.inputs).map(
        ([name, { shape }]) => `${name} [${shape.join(", ")}]`,
      );
      const { reduction = "" } = example.attrs;
      return [`${example.name} ${String(reduction)} ${shapes.join(" ")}`, example];
    });
}

export function optimizerCase(name: string): OptimizerCase {
  return file.cases.find((example) => example.name === name) as unknown as OptimizerCase;
}

export const trainingCases = file.cases.filter(
  ({ kind }) => kind === "training",
) as unknown as TrainingCase[];

/** Number of cases in the file, to see that none is left out. */
export const caseCount = file.cases.length;

/** Relative error of float32 against float64, and the magnitude below which it is absolute. */
const TOLERANCE = 1e-5;
const FLOOR = 1e-3;

/** Every element is within the tolerance of its reference, or within `bound(i)` where it is given. */
export function expectClose(
  what: string,
  actual: number | ArrayValue | ArrayLike<number>,
  expected: Reference | readonly number[],
  bound: (i: number) => number = () => 0,
): void {
  const wanted = "data" in expected ? expected.data : expected;
  const data = dataOf(actual);
  expect(data.length, `${what}: elements`).toBe(wanted.length);
  if (typeof actual === "object" && "shape" in actual && "shape" in expected) {
    expect(actual.shape, `${what}: shape`).toEqual(expected.shape);
  }
  wanted.forEach((value, i) => {
    const came = data[i]!;
    const allowed = Math.max(TOLERANCE * Math.max(FLOOR, Math.abs(value)), bound(i));
    if (Math.abs(came - value) <= allowed) return;
    expect.fail(`${what}: expected ${value} at ${i} within ${allowed}, got ${came}`);
  });
}

function dataOf(value: number | ArrayValue | ArrayLike<number>): ArrayLike<number> {
  if (typeof value === "number") return [value];
  return "data" in value ? value.data : value;
}
