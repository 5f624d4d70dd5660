import { describe, expect, it } from "vitest";
import { type ArrayValue, createEngine } from "../../src/index.ts";

/** Losses that are made of other ops, where their formulas have edges. */

const engine = await createEngine();

type Name = "hinge" | "squaredHinge" | "categoricalHinge" | "cosineSimilarity" | "mape" | "msle";

/** The losses of rows of three, and the gradients of their sum. */
function run(name: Name, x: readonly number[], t: readonly number[]) {
  const g = engine.graph();
  const shape = [x.length / 3, 3];
  const prediction = g.parameter(shape, Float32Array.from(x));
  const target = g.parameter(shape, Float32Array.from(t));
  const losses = g[name](prediction, target, "none");
  const step = g.compile(g.sum(losses), { outputs: [losses] });
  step.run();
  const of = (node: typeof target): number[] => [...(step.gradient(node) as ArrayValue).data];
  const values = [...(step.value(losses) as ArrayValue).data];
  return { values, dx: of(prediction), dt: of(target) };
}

describe("at their edges", () => {
  it("a row of zeros has no angle, and finite slopes", () => {
    const { values, dx, dt } = run("cosineSimilarity", [0, 0, 0, 1, 2, 2], [1, 2, 2, 0, 0, 0]);
    expect(values.map(Math.abs)).toEqual([0, 0]);
    expect([...dx, ...dt].every(Number.isFinite)).toBe(true);
  });

  it("angles do not depend on the lengths", () => {
    const { values } = run("cosineSimilarity", [1e3, 2e3, 2e3, 1, 2, 2], [1, 2, 2, -1, -2, -2]);
    expect(values[0]).toBeCloseTo(-1, 6);
    expect(values[1]).toBeCloseTo(1, 6);
  });

  it("percents of a target of 0 are those of 1e-7", () => {
    const { values, dx } = run("mape", [1, 0, -1], [0, 0, 0]);
    expect(values[0]! / 1e9).toBeCloseTo(1, 6);
    expect([values[1], dx[1]]).toEqual([0, 0]);
    expect(dx[2]! / -1e9).toBeCloseTo(1, 6);
  });

  it("logarithms of numbers below 0 are those of 0, without a slope", () => {
    const { values, dx } = run("msle", [-5, 0, 1], [1, 1, -2]);
    expect(values[0]).toBeCloseTo(Math.log(2) ** 2, 6);
    expect(values[2]).toBeCloseTo(Math.log(2) ** 2, 6);
    expect(dx[0]! * 0).toBe(0);
    expect(Math.abs(dx[0]!)).toBe(0);
  });

  it("margins that are kept cost nothing", () => {
    for (const name of ["hinge", "squaredHinge"] as const) {
      const { values, dx } = run(name, [2, -1, -3], [1, -1, -1]);
      expect(values).toEqual([0, 0, 0]);
      expect(dx.map(Math.abs)).toEqual([0, 0, 0]);
    }
    const { values } = run("categoricalHinge", [3, 1, 2, 1, 3, 0.5], [1, 0, 0, 1, 0, 0]);
    expect(values).toEqual([0, 3]);
  });

  it.each([
    "hinge",
    "squaredHinge",
    "categoricalHinge",
    "cosineSimilarity",
    "mape",
    "msle",
  ] as const)("%s carries NaN of each operand", (name) => {
    expect(run(name, [NaN, NaN, NaN], [1, 1, 1]).values.every(Number.isNaN)).toBe(true);
    expect(run(name, [1, 1, 1], [NaN, NaN, NaN]).values.every(Number.isNaN)).toBe(true);
  });

  it.each(["hinge", "poisson", "smoothL1", "mape"] as const)("%s names itself", (name) => {
    const g = engine.graph();
    const [x, t] = [g.parameter([2, 3], 1), g.constant(new Float32Array(2))];
    expect(() => g[name](x, t)).toThrow(
      new RangeError(
        `${name}: expected a float target of the prediction's shape, got [2, 3] and [2]`,
      ),
    );
    expect(() => g.categoricalHinge(g.parameter([], 1), g.constant(1))).toThrow(
      "categoricalHinge: expected a float target of the prediction's shape [..., columns], got [] and []",
    );
  });
});
