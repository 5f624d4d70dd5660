import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { ArrayValue, Step } from "../../src/index.ts";
import { floats } from "../engine/fixtures.ts";

const engine = await createEngine();

const dataOf = (value: number | ArrayValue): number[] =>
  typeof value === "number" ? [value] : [...value.data];

describe("gradients of nodes between", () => {
  it("are those of J = 3(a + bc), by hand", () => {
    const g = engine.graph();
    const [a, b, c] = [g.parameter([], 5), g.parameter([], 3), g.parameter([], 2)];
    const u = g.mul(b, c);
    const v = g.add(a, u);
    const J = g.mul(g.constant(3), v);
    const step = g.compile(J, { gradients: [u, v, J] });
    step.run();
    expect(step.value(J)).toBe(33);
    expect([J, v, u, a, b, c].map((node) => step.gradient(node))).toEqual([1, 3, 3, 3, 6, 9]);
  });

  it("are those of inputs and constants too", () => {
    const g = engine.graph();
    const x = g.input("x", [3]);
    const w = g.constant(new Float32Array([1, -2, 3]));
    const y = g.sum(g.mul(x, w));
    const step = g.compile(y, { gradients: [x, w] });
    step.run({ x: new Float32Array([4, 5, 6]) });
    expect(step.gradient(x)).toEqual({ data: new Float32Array([1, -2, 3]), shape: [3] });
    expect(step.gradient(w)).toEqual({ data: new Float32Array([4, 5, 6]), shape: [3] });
  });

  it("of a node that is used twice are the sum of both uses", () => {
    const g = engine.graph();
    const x = g.parameter([2], new Float32Array([3, 4]));
    const h = g.mul(x, x);
    const y = g.sum(g.add(g.mul(h, g.constant(5)), g.mul(h, h)));
    const step = g.compile(y, { gradients: [h] });
    step.run();
    expect(dataOf(step.gradient(h))).toEqual([5 + 2 * 9, 5 + 2 * 16]);
    expect(dataOf(step.gradient(x))).toEqual([6 * (5 + 18), 8 * (5 + 32)]);
  });

  it("of a node, its view and a loss that hands its gradient on unchanged are apart", () => {
    const g = engine.graph();
    const x = g.parameter([2, 3], floats(6, 1));
    const view = g.reshape(x, [6]);
    const sum = g.add(view, g.constant(1));
    const y = g.sum(g.mul(sum, g.constant(new Float32Array([1, 2, 3, 4, 5, 6]))));
    const step = g.compile(y, { gradients: [view, sum] });
    step.run();
    const slopes = [1, 2, 3, 4, 5, 6];
    for (const node of [x, view, sum]) {
      const { data, shape } = step.gradient(node) as ArrayValue;
      expect([...data]).toEqual(slopes);
      expect(shape).toEqual(node.shape);
      data.fill(0);
    }
    step.run();
    for (const node of [x, view, sum]) expect(dataOf(step.gradient(node))).toEqual(slopes);
  });

  it("change nothing in the other gradients, bit for bit", () => {
    const build = (asked: boolean) => {
      const g = engine.graph();
      const x = g.constant(floats(8 * 5, 1), [8, 5]);
      const w = g.parameter([5, 4], floats(20, 2));
      const h = g.tanh(g.matmul(x, w));
      const y = g.mean(g.square(g.softmax(h)));
      const step = g.compile(y, asked ? { gradients: [h, x], outputs: [h] } : {});
      step.run();
      return { step, w, y, h };
    };
    const [plain, asked] = [build(false), build(true)];
    expect(asked.step.value(asked.y)).toBe(plain.step.value(plain.y));
    expect(dataOf(asked.step.gradient(asked.w))).toEqual(dataOf(plain.step.gradient(plain.w)));
    expect(dataOf(asked.step.gradient(asked.h)).length).toBe(32);
  });

  it("agree with central differences", () => {
    const g = engine.graph();
    const h = g.input("h", [3]);
    const y = g.sum(g.square(g.tanh(h)));
    const step = g.compile(y, { gradients: [h] });
    const at = new Float32Array([0.25, -0.5, 1]);
    const of = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + Math.tanh(value) ** 2, 0);
    step.run({ h: at });
    const gradient = dataOf(step.gradient(h));
    at.forEach((_, i) => {
      const moved = (by: number): number => of([...at].map((v, j) => (i === j ? v + by : v)));
      expect(gradient[i]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
    });
  });

  it("are 0 where the loss does not depend on the node", () => {
    const g = engine.graph();
    const a = g.parameter([2], 3);
    const aside = g.exp(a);
    const y = g.sum(a);
    const step = g.compile(y, { gradients: [aside] });
    step.run();
    expect(dataOf(step.gradient(aside))).toEqual([0, 0]);
    expect(dataOf(step.gradient(a))).toEqual([1, 1]);
  });

  it("of a parameter that is listed, or a node that is listed twice, are there once", () => {
    const g = engine.graph();
    const a = g.parameter([], 3);
    const h = g.square(a);
    const step = g.compile(g.square(h), { gradients: [a, h, h] });
    step.run();
    expect([step.gradient(h), step.gradient(a)]).toEqual([18, 108]);
  });

  it("are given for listed nodes only, and for nodes of this graph", () => {
    const g = engine.graph();
    const a = g.parameter([], 3);
    const h = g.square(a);
    const step: Step = g.compile(g.neg(h));
    step.run();
    expect(() => step.gradient(h)).toThrow(
      new RangeError('gradient: expected a parameter or a node of `gradients`, got "square"'),
    );
    const foreign = engine.graph().parameter([], 1);
    expect(() => g.compile(h, { gradients: [foreign] })).toThrow(/of this graph/);
  });
});

describe("class indices in a graph", () => {
  it("are read as what they are", () => {
    const g = engine.graph();
    const labels = g.input("labels", [3], "int");
    const fixed = g.constant(new Int32Array([2, 0, -1]));
    const one = g.constant(new Int32Array([-7]), []);
    const logits = g.parameter([3, 3], 0);
    const step = g.compile(g.crossEntropy(logits, labels), { outputs: [labels, fixed, one] });
    step.run({ labels: new Int32Array([2, 1, 0]) });
    expect(step.value(labels)).toEqual({ data: new Int32Array([2, 1, 0]), shape: [3] });
    expect(step.value(fixed)).toEqual({ data: new Int32Array([2, 0, -1]), shape: [3] });
    expect(step.value(one)).toBe(-7);
  });

  it("have no gradient, and are no loss", () => {
    const g = engine.graph();
    const place = g.argmax(g.parameter([3], 1));
    expect(() => g.compile(place)).toThrow(
      new RangeError("argmax: expected a scalar to differentiate, got one of int32"),
    );
    const loss = g.parameter([], 1);
    expect(() => g.compile(loss, { gradients: [place] })).toThrow(
      new RangeError('compile: expected gradients of nodes of floats, got "argmax"'),
    );
    expect(() => g.add(loss, place)).toThrow(/^add: expected b to be a node of floats/);
  });
});
