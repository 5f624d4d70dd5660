import { describe, expect, it } from "vitest";
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
