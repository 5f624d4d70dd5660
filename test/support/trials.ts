import { expect, it } from "vitest";
import { type Graph, type Node, createEngine } from "../../src/index.ts";
import { type ArrayOp, arrayFormulas } from "../../src/reference/arrays.ts";
import { type Array64, length } from "../../src/reference/array64.ts";
import { expectWithin } from "./expect.ts";
import { floats, generator } from "../../src/verify/numbers.ts";

export const engine = await createEngine();

export type Shape = readonly number[];

/** An op to try on inputs of some shapes. */
export interface Trial {
  readonly shapes: readonly Shape[];
  readonly record: (g: Graph, inputs: Node[]) => Node;
  /** Arguments of the formula besides the inputs. */
  readonly attributes?: readonly unknown[];
  /** Inputs that have no gradient, by position. */
  readonly constant?: readonly number[];
}

type Formula = (inputs: readonly Array64[], ...attributes: readonly unknown[]) => Array64;

const formulas = arrayFormulas as unknown as Readonly<Record<ArrayOp, Formula>>;

/** Points at which a gradient is compared. */
const POINTS = 100;

const STEP = 1e-4;

function arrays(shapes: readonly Shape[], seed: number): Array64[] {
  return shapes.map((shape, i) => ({
    shape,
    data: Float64Array.from(floats(length(shape), seed + i, -2, 2)),
  }));
}

function check(op: ArrayOp, { shapes, record, attributes = [], constant = [] }: Trial): void {
  const formula = formulas[op];
  const inputs = arrays(shapes, 7);
  // Variances are positive, and weights not too small.
  if (op === "normalize") inputs[2]!.data.forEach((v, i, all) => (all[i] = Math.abs(v) + 0.25));
  const g = engine.graph();
  const nodes = inputs.map(({ shape, data }) => g.parameter(shape, Float32Array.from(data)));
  const y = record(g, nodes);
  const expected = formula(inputs, ...attributes);
  expect(y.shape).toEqual(expected.shape);
  const weights = floats(length(y.shape), 99);
  const loss = g.sum(g.mul(y, g.constant(weights, y.shape)));
  const step = g.compile(loss, { outputs: [y] });
  step.run();
  // Sums here have at most a few hundred terms of about 1.
  const near = (value: number) => 2e-6 * (10 + Math.abs(value));
  expectWithin(flat(step.value(y)), expected.data, near, "value");
  const lossOf = (): number =>
    formula(inputs, ...attributes).data.reduce((sum, value, i) => sum + value * weights[i]!, 0);
  const next = generator(5);
  inputs.forEach(({ data }, i) => {
    const gradient = flat(step.gradient(nodes[i]!));
    if (constant.includes(i)) {
      expect([...gradient]).toEqual(new Array(data.length).fill(0));
      return;
    }
    const points = data.length <= POINTS ? data.keys() : picked(data.length, next);
    for (const p of points) {
      const value = data[p]!;
      const [above, below] = [value + STEP, value - STEP].map((moved) => {
        data[p] = moved;
        return lossOf();
      });
      data[p] = value;
      const slope = (above! - below!) / (2 * STEP);
      const allowed = 2e-5 * (1 + Math.abs(slope));
      const off = Math.abs(gradient[p]! - slope);
      if (!(off <= allowed)) {
        expect.fail(`gradient ${i} at ${p} of ${data.length}: ${gradient[p]!}, not ${slope}`);
      }
    }
  });
  g.dispose();
}

function picked(below: number, next: () => number): number[] {
  return Array.from({ length: POINTS }, () => Math.floor(next() * below));
}

export function flat(value: ReturnType<ReturnType<Graph["compile"]>["value"]>): Float32Array {
  return typeof value === "number" ? Float32Array.of(value) : value.data;
}

/** Every remainder of the vector width, and nothing. */
export const sizes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 17];

function name({ shapes, attributes = [] }: Trial): string {
  return `${JSON.stringify(shapes)} ${JSON.stringify(attributes)}`;
}

/** Tests an op against its float64 formula, and its gradient against central differences. */
export function run(op: ArrayOp, trials: readonly Trial[]): void {
  it.each(trials.map((trial) => [name(trial), trial] as const))(`${op} of %s`, (_, trial) => {
    check(op, trial);
  });
}
