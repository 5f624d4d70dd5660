import { describe, expect, it } from "vitest";
import { type ActivationName, chooseActivation } from "../../src/graph/ops/activations.ts";
import type { ReduceOptions } from "../../src/graph/ops/reduce.ts";
import { length } from "../../src/reference/array64.ts";
import { arrayFormulas } from "../../src/reference/arrays.ts";
import { tied } from "../../src/verify/families/reductions.ts";
import { floats } from "../engine/fixtures.ts";
import { type Shape, type Trial, engine, flat, run, sizes } from "../support/trials.ts";

describe("reductions", () => {
  type Axis = number | number[] | undefined;
  const cases: [Shape, Axis, { keepDims: boolean }?][] = [
    [[], undefined],
    [[4], undefined],
    [[2, 3, 4], undefined],
    [[2, 3, 4], undefined, { keepDims: true }],
    [[2, 3, 4], 1],
    [[2, 3, 4], -1, { keepDims: true }],
    [
      [2, 3, 4],
      [0, 2],
    ],
    [[2, 3, 4], [2, 0], { keepDims: true }],
    [
      [2, 3, 4, 5],
      [1, 2],
    ],
    [
      [2, 3, 4, 5],
      [0, -1, 2],
    ],
    [[2, 3], []],
    [[3, 1], 1],
    ...sizes.filter((n) => n > 0).map((n): [Shape, Axis] => [[3, n], 1]),
    ...sizes.map((n): [Shape, Axis] => [[3, n], 0]),
    ...sizes.map((n): [Shape, Axis] => [[n, 3, 2], 1]),
  ];
  for (const op of ["sum", "mean", "max"] as const) {
    run(
      op,
      cases.map(([shape, axis, options]) => ({
        shapes: [shape],
        attributes: [axis, options],
        record: (g, [x]) => g[op](x!, axis, options),
      })),
    );
  }

  it("sums nothing to 0", () => {
    const g = engine.graph();
    const y = g.sum(g.parameter([3, 0], 1), 1);
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    expect([...flat(step.value(y))]).toEqual([0, 0, 0]);
  });

  it.each([
    [[6], undefined, [1, 5, 5, 2, 5, 0], [0, 1, 0, 0, 0, 0]],
    [[2, 3], 0, [1, 5, 2, 1, 5, 3], [1, 1, 0, 0, 0, 1]],
    [[2, 3], 1, [5, 5, 5, -1, -1, -2], [1, 0, 0, 1, 0, 0]],
    [
      [2, 2, 2],
      [0, 2],
      [1, 2, 4, 3, 2, 2, 4, 4],
      [0, 1, 1, 0, 0, 0, 0, 0],
    ],
    [[3], 0, [-0, 0, -0], [1, 0, 0]],
    [[3], 0, [1, NaN, NaN], [0, 1, 0]],
    [[3], 0, [-Infinity, -Infinity, -Infinity], [1, 0, 0]],
  ])("max of %j over %j sends its gradient to the first largest", (shape, axis, x, expected) => {
    const g = engine.graph();
    const node = g.parameter(shape, Float32Array.from(x));
    const step = g.compile(g.sum(g.max(node, axis)));
    step.run();
    expect([...flat(step.gradient(node))]).toEqual(expected);
  });
});

describe("places", () => {
  const arrays: [Shape, number | undefined, ReduceOptions?][] = [
    ...sizes.slice(1).map((n): [Shape, number] => [[2, n], 1]),
    ...sizes.slice(1).map((n): [Shape, number] => [[3, n], 0]),
    [[2, 3, 5], 1],
    [[2, 3, 5], -3, { keepDims: true }],
    [[2, 3, 5], undefined],
    [[2, 3], undefined, { keepDims: true }],
    [[], undefined],
    [[0, 3], 1],
  ];

  it.each(arrays)("of the largest and smallest of %j along %j, %j", (shape, axis, options) => {
    for (const op of ["argmax", "argmin"] as const) check(op, shape, axis, options);
  });

  function check(op: "argmax" | "argmin", shape: Shape, axis?: number, options?: ReduceOptions) {
    const g = engine.graph();
    const x = tied(length(shape), 5 + length(shape));
    const node = g[op](g.constant(x, shape), axis, options);
    const expected = arrayFormulas[op]([{ shape, data: Float64Array.from(x) }], axis, options);
    expect(node.shape).toEqual(expected.shape);
    const step = g.compile(g.constant(0), { outputs: [node] });
    step.run();
    const value = step.value(node);
    expect(typeof value === "number" ? [value] : [...value.data]).toEqual([...expected.data]);
  }

  it("are those of the first NaN", () => {
    const g = engine.graph();
    const x = g.constant(Float32Array.of(1, NaN, 3, NaN));
    const places = [g.argmax(x), g.argmin(x)];
    const step = g.compile(g.constant(0), { outputs: places });
    step.run();
    expect(places.map((place) => step.value(place))).toEqual([1, 1]);
  });

  it("are rows of a table to embedding", () => {
    const g = engine.graph();
    const table = g.parameter([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
    const scores = g.parameter([2, 3], Float32Array.of(0, 0, 1, 4, 0, 1));
    const rows = g.embedding(g.argmax(scores, 1), table);
    const step = g.compile(g.sum(rows), { outputs: [rows] });
    step.run();
    expect([...flat(step.value(rows))]).toEqual([5, 6, 1, 2]);
    expect([...flat(step.gradient(table))]).toEqual([1, 1, 0, 0, 1, 1]);
    expect([...flat(step.gradient(scores))]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("are refused along an axis that there is not, and of nothing", () => {
    const g = engine.graph();
    expect(() => g.argmax(g.parameter([2, 3], 1), 2)).toThrow(
      new RangeError("argmax: expected an axis of [2, 3], got 2"),
    );
    expect(() => g.argmin(g.parameter([0, 3], 1), 0)).toThrow(
      new RangeError("argmin: expected at least 1 element to choose from, got [0, 3]"),
    );
  });
});

describe("dense on the last axis", () => {
  const shapes: Shape[] = [
    [2, 3, 4],
    [2, 0, 4],
    [0, 3, 4],
    [2, 3, 1, 4],
    [1, 1, 4],
  ];

  it.each(shapes.map((shape) => [shape]))("of %j has the bits of dense on rows", (shape) => {
    const g = engine.graph();
    const x = g.parameter(shape, floats(length(shape), 1));
    const weight = g.parameter([4, 5], floats(20, 2));
    const bias = g.parameter([5], floats(5, 3));
    const choices = ["relu", "gelu"].map((name) => chooseActivation(name as ActivationName));
    for (const choice of [undefined, ...choices]) {
      const y = g.dense(x, weight, bias, choice);
      const rows = g.reshape(x, [length(shape) / 4, 4]);
      const flatY = g.dense(rows, weight, bias, choice);
      expect(y.shape).toEqual([...shape.slice(0, -1), 5]);
      const results = [y, flatY].map((node) => {
        const step = g.compile(g.mean(g.square(node)), { outputs: [node] });
        step.run();
        const gradients = [x, weight, bias].map((of) => [...flat(step.gradient(of))]);
        return [[...flat(step.value(node))], ...gradients];
      });
      expect(results[0]).toEqual(results[1]);
    }
  });

  it("is not that of a vector", () => {
    const g = engine.graph();
    const [x, weight] = [g.parameter([4], 1), g.parameter([4, 5], 1)];
    expect(() => g.dense(x, weight)).toThrow(
      new RangeError("dense: expected rows and a weight of at least two axes, got [4] and [4, 5]"),
    );
  });
});

describe("products", () => {
  const operands: [Shape, Shape][] = [
    [
      [3, 5, 9],
      [3, 9, 6],
    ],
    [
      [2, 3, 4],
      [4, 5],
    ],
    [
      [3, 4],
      [2, 4, 5],
    ],
    [
      [2, 1, 3, 4],
      [5, 4, 2],
    ],
    [
      [1, 3, 2],
      [4, 2, 3],
    ],
    [
      [2, 3, 1, 4],
      [2, 1, 4, 1],
    ],
    [
      [0, 3, 4],
      [0, 4, 2],
    ],
    [
      [2, 3, 0],
      [2, 0, 4],
    ],
    ...sizes.map((n): [Shape, Shape] => [
      [2, 3, n],
      [2, n, 5],
    ]),
    ...sizes.map((n): [Shape, Shape] => [
      [2, n, 3],
      [2, 3, n],
    ]),
  ];
  const flip = (shape: Shape): Shape => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
  const flags: [boolean, boolean][] = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ];
  run(
    "matmul",
    operands.flatMap(([a, b]) =>
      flags.map(([transA, transB]): Trial => ({
        shapes: [transA ? flip(a) : a, transB ? flip(b) : b],
        attributes: [transA, transB],
        record: (g, [x, y]) => g.matmul(x!, y!, transA, transB),
      })),
    ),
  );
});
