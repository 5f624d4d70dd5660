import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { engineOfPages } from "../engine/fixtures.ts";

const engine = await createEngine();

describe("a step of a graph by hand", () => {
  it("differentiates a loss that is a scalar only", () => {
    const g = engine.graph();
    const a = g.parameter([2], 1);
    expect(() => g.compile(g.add(a, a))).toThrow(
      new RangeError("add: expected a scalar to differentiate, got shape [2]"),
    );
  });

  it("refuses a loss or an output of another graph", () => {
    const g = engine.graph();
    const other = engine.graph();
    const own = g.sum(g.parameter([2], 3));
    const foreign = other.sum(other.parameter([2], 3));
    expect(() => g.compile(foreign)).toThrow(/of this graph/);
    expect(() => g.compile(own, { outputs: [foreign] })).toThrow(/of this graph/);
  });

  it("takes inputs by name and keeps them", () => {
    const g = engine.graph();
    const x = g.input("x", [2]);
    const w = g.parameter([2], new Float32Array([3, 4]));
    const y = g.sum(g.mul(x, w));
    const step = g.compile(y);
    step.run();
    expect(step.value(y)).toBe(0);
    step.run({ x: new Float32Array([1, 2]) });
    expect(step.value(y)).toBe(11);
    step.run();
    expect(step.value(y)).toBe(11);
    step.run({ x: 2 });
    expect(step.value(y)).toBe(14);
    step.set(w, 1);
    step.run();
    expect(step.value(y)).toBe(4);
    expect(step.value(x)).toEqual({ data: new Float32Array([2, 2]), shape: [2] });
  });

  it("changes nothing when one of the inputs is wrong", () => {
    const g = engine.graph();
    const x = g.input("x", [2]);
    const step = g.compile(g.sum(x));
    expect(() => {
      step.run({ x: 5, z: 1 });
    }).toThrow(new RangeError('run: expected the name of an input (x), got "z"'));
    expect(() => {
      step.run({ x: new Float32Array(3) });
    }).toThrow(/^x: expected a number or a Float32Array of 2/);
    expect(step.value(x)).toEqual({ data: new Float32Array(2), shape: [2] });
  });

  it("sets parameters and inputs only", () => {
    const g = engine.graph();
    const a = g.parameter([], 1);
    const b = g.mul(a, a);
    const step = g.compile(b);
    expect(() => {
      step.set(b, 1);
    }).toThrow(new RangeError('set: expected a parameter or an input, got "mul"'));
    expect(() => step.gradient(b)).toThrow(
      'gradient: expected a parameter or a node of `gradients`, got "mul"',
    );
  });

  it("reads only what is still there after a run", () => {
    const g = engine.graph();
    const a = g.parameter([3], 1);
    const c = g.constant(2);
    const between = g.mul(a, c);
    const kept = g.sigmoid(between);
    const y = g.sum(kept);
    const step = g.compile(y, { outputs: [kept] });
    step.run();
    expect(step.value(c)).toBe(2);
    expect(() => step.value(between)).toThrow(RangeError);
    expect(() => step.value(g.neg(a))).toThrow(RangeError);
    expect(step.value(kept)).toMatchObject({ shape: [3] });
  });

  it("gives several steps of one graph the same parameters", () => {
    const g = engine.graph();
    const a = g.parameter([], 2);
    const square = g.mul(a, a);
    const cube = g.mul(square, a);
    const [one, two] = [g.compile(square), g.compile(cube)];
    one.run();
    two.run();
    expect([one.value(square), one.gradient(a)]).toEqual([4, 4]);
    expect([two.value(cube), two.gradient(a)]).toEqual([8, 12]);
    one.set(a, 3);
    two.run();
    expect([two.value(cube), two.gradient(a)]).toEqual([27, 27]);
  });

  it("gives its memory back", () => {
    const { used } = engine.memoryUsage;
    const g = engine.graph();
    const a = g.parameter([100, 100], 1);
    const step = g.compile(g.sum(g.matmul(a, a)));
    step.run();
    expect(engine.memoryUsage.used).toBeGreaterThan(used);
    g.dispose();
    g.dispose();
    expect(engine.memoryUsage.used).toBe(used);
    expect(() => {
      step.run();
    }).toThrow(/disposed/);
  });

  it("leaves memory as it was when there is no room", async () => {
    const small = await engineOfPages(1);
    const g = small.graph();
    const a = g.parameter([64, 64], 1);
    const { used } = small.memoryUsage;
    const y = g.sum(g.matmul(g.tanh(g.matmul(a, a)), a));
    expect(() => g.compile(y)).toThrow(RangeError);
    expect(() => g.parameter([1000, 1000], 0)).toThrow(RangeError);
    expect(small.memoryUsage.used).toBe(used);
    const simple = g.sum(a);
    const step = g.compile(simple);
    step.run();
    expect(step.value(simple)).toBe(4096);
  });
});

it("a step gives its memory back, and compiling again costs no more than before", () => {
  const g = engine.graph();
  const w = g.parameter([100], 2);
  const loss = g.sum(g.mul(w, w));
  const first = g.compile(loss);
  first.dispose();
  const { used } = engine.memoryUsage;
  for (let i = 0; i < 100; i++) {
    const step = g.compile(loss);
    step.run();
    expect(step.value(loss)).toBe(400);
    step.dispose();
    expect(() => {
      step.run();
    }).toThrow("step: expected a live step");
  }
  expect(engine.memoryUsage.used).toBe(used);
  g.dispose();
});
