import { expect } from "vitest";
import type { ArrayValue } from "../../src/index.ts";
import { type SeedCase, type Value, array, at, flat, number, seedCase, shapeOf } from "./cases.ts";

/** Relative error of float32 against float64, and the magnitude below which it is absolute. */
const TOLERANCE = 1e-5;
const FLOOR = 1e-3;

/** Least distance of a slip's number from gradlane's, as a multiple of the tolerance. */
const CLEARLY = 100;

/** Result of gradlane: a number, an array, or a live view of one. */
export type Actual = number | ArrayValue | ArrayLike<number>;

/** The largest |actual - expected| at an index, where the case's conditioning asks for more. */
export type Bound = (index: number) => number;

function tolerance(expected: number): number {
  return TOLERANCE * Math.max(FLOOR, Math.abs(expected));
}

function dataOf(actual: Actual): number[] {
  if (typeof actual === "number") return [actual];
  return Array.from("data" in actual ? actual.data : actual);
}

function shapeText(shape: readonly number[]): string {
  return shape.join("x");
}

/** Paths of every number below a value. */
function leaves(value: Value, path: string): string[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, path === "" ? key : `${path}.${key}`),
  );
}

/** A case and what of it has been compared: `close` fails if a number or a slip was left out. */
export class Check {
  readonly example: SeedCase;
  readonly #open: Set<string>;
  readonly #slips: Set<string>;

  constructor(example: SeedCase) {
    this.example = example;
    this.#open = new Set(leaves(example.expected, ""));
    this.#slips = new Set(Object.keys(example.mustNotEqual ?? {}));
  }

  /** An input of the case, or of the case that it shares its inputs with. */
  input(path: string): ArrayValue {
    const { inputs } = this.example;
    const from = typeof inputs.sameAs === "string" ? seedCase(inputs.sameAs).inputs : inputs;
    return array(at(from, path));
  }

  parameter(path: string): ArrayValue {
    return array(at(this.example.parameters, path));
  }

  /** A number such as the learning rate. */
  hyper(path: string): number {
    return number(at(this.example.hyper ?? {}, path));
  }

  /** A list of numbers such as the learning rates of each step. */
  hypers(path: string): number[] {
    return flat(at(this.example.hyper ?? {}, path) ?? null);
  }

  /** Returns the value that the case expects at a path. */
  expected(path: string): Value {
    const value = at(this.example.expected, path);
    if (value === undefined) throw new RangeError(`expected "${path}" in ${this.example.name}`);
    return value;
  }

  /** Checks that every number at the path is gradlane's result, and that a matrix has its shape. */
  agree(path: string, actual: Actual, bound: Bound = () => 0): void {
    const expected = this.expected(path);
    const wanted = flat(expected);
    const came = dataOf(actual);
    const shape = shapeOf(expected);
    if (shape.length > 1 && typeof actual === "object" && "shape" in actual) {
      expect(shapeText(actual.shape), `${path}: shape`).toBe(shapeText(shape));
    }
    expect(came.length, `${path}: elements`).toBe(wanted.length);
    wanted.forEach((value, i) => {
      const allowed = Math.max(tolerance(value), bound(i));
      if (Math.abs(came[i]! - value) <= allowed) return;
      expect.fail(`${path}: expected ${value} at ${i} within ${allowed}, got ${came[i]}`);
    });
    for (const leaf of leaves(expected, path)) this.#open.delete(leaf);
  }

  /** Agrees with everything below the path, each by its name there. */
  agreeAll(path: string, actual: (name: string) => Actual, bound?: Bound): void {
    for (const name of Object.keys(this.expected(path) as object)) {
      this.agree(`${path}.${name}`, actual(name), bound);
    }
  }

  /**
   * Checks that a slip would give a clearly different number, in at least one element, or a
   * different shape if the slip is one of shape.
   * @param key the slip's name, as it stands in mustNotEqual
   */
  differ(key: string, actual: Actual): void {
    const slip = this.example.mustNotEqual?.[key];
    if (slip === undefined) throw new RangeError(`expected a slip "${key}"`);
    this.#slips.delete(key);
    if (typeof slip === "string") {
      const shape = typeof actual === "object" && "shape" in actual ? actual.shape : [];
      expect(slip).toMatch(new RegExp(`^.+ instead of ${shapeText(shape)}$`));
      expect(slip.split(" ")[0]).not.toBe(shapeText(shape));
      return;
    }
    const came = dataOf(actual);
    const given = flat(slip);
    expect([1, came.length], `${key}: elements`).toContain(Math.min(given.length, came.length));
    const pairs = Math.max(given.length, came.length);
    // Where a slip divides by zero there is no number to differ from.
    const clearly = Array.from({ length: pairs }, (_, i) => {
      const [x, y] = [came[i % came.length]!, given[i % given.length]!];
      return Math.abs(x - y) > CLEARLY * tolerance(y);
    });
    expect(clearly, `${key}: ${came.join(", ")} is not ${given.join(", ")}`).toContain(true);
  }

  /** @throws if a number that the case expects, or a slip, has not been compared */
  close(): void {
    expect([...this.#open], "numbers that were not compared").toEqual([]);
    expect([...this.#slips], "slips that were not compared").toEqual([]);
  }
}
