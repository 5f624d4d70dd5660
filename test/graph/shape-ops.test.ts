import { describe, expect, it } from "vitest";
import type { Graph, Node } from "../../src/index.ts";
import { type Shape, engine, flat, run, sizes } from "../support/trials.ts";

it("reshapes in chains of any length", () => {
  const g = engine.graph();
  const x = g.parameter([4], 1);
  let y: Node = x;
  for (let i = 0; i < 20_000; i++) y = g.reshape(y, i % 2 ? [4] : [2, 2]);
  const step = g.compile(g.sum(g.square(y)), { outputs: [y] });
  step.run();
  expect([...flat(step.value(y))]).toEqual([1, 1, 1, 1]);
  expect([...flat(step.gradient(x))]).toEqual([2, 2, 2, 2]);
  g.dispose();
});

describe("shape", () => {
  const transposes: [Shape, number[]?][] = [
    [[3, 5]],
    [[2, 3, 4]],
    [
      [2, 3, 4],
      [2, 0, 1],
    ],
    [
      [2, 3, 4],
      [0, 2, 1],
    ],
    [
      [2, 3, 4, 5],
      [0, 2, 1, 3],
    ],
    [
      [2, 3, 4, 5],
      [-1, 1, -2, 0],
    ],
    [
      [4, 1, 9, 6],
      [3, 1, 2, 0],
    ],
    [
      [1, 7, 1],
      [2, 1, 0],
    ],
    [[], []],
    [[0, 3]],
    ...sizes.flatMap((m) => [1, 4, 7, 8].map((n): [Shape] => [[m, n]])),
  ];
  run(
    "transpose",
    transposes.map(([shape, permutation]) => ({
      shapes: [shape],
      attributes: permutation ? [permutation] : [],
      record: (g, [x]) => g.transpose(x!, permutation),
    })),
  );

  const reshapes: [Shape, Shape][] = [
    [
      [2, 6],
      [3, 4],
    ],
    [[4], [2, 1, 2]],
    [[1], []],
    [[0, 3], [0]],
  ];
  run(
    "reshape",
    reshapes.map(([from, to]) => ({
      shapes: [from],
      attributes: [to],
      record: (g, [x]) => g.reshape(x!, to),
    })),
  );

  const slices: [Shape, ...(Parameters<Graph["slice"]> extends [Node, ...infer R] ? R : never)][] =
    [
      [[5], [1], [4]],
      [[5], [-3]],
      [[5], [2], [2]],
      [[9], [1], [9], [3]],
      [[9], [0], [undefined], [2]],
      [
        [4, 5],
        [1, 2],
        [3, 5],
      ],
      [[4, 5], [1], [3]],
      [
        [4, 5],
        [0, 1],
        [4, 5],
        [2, 2],
      ],
      [
        [3, 4, 5],
        [0, 1, 0],
        [3, 3, 5],
      ],
      [
        [3, 4, 5],
        [1, 0, 2],
        [-1, 4, -1],
        [1, 3, 1],
      ],
      [[6, 2, 3], [1], [6], [2]],
      [[2, 3], []],
      [[0, 3], [0, 1], []],
      ...sizes.map((n): [Shape, number[], number[]] => [
        [3, n + 2],
        [1, 1],
        [2, n + 1],
      ]),
    ];
  run(
    "slice",
    slices.map(([shape, ...ranges]) => ({
      shapes: [shape],
      attributes: ranges,
      record: (g, [x]) => g.slice(x!, ...ranges),
    })),
  );

  const concats: [Shape[], number?][] = [
    [
      [
        [2, 3],
        [2, 5],
      ],
    ],
    [
      [
        [2, 3],
        [4, 3],
      ],
      0,
    ],
    [
      [
        [2, 3, 2],
        [2, 1, 2],
        [2, 4, 2],
      ],
      -2,
    ],
    [[[3], [0], [2]]],
    [
      [
        [0, 2],
        [0, 3],
      ],
    ],
    [[[2, 2]]],
    ...sizes.map((n): [Shape[]] => [
      [
        [3, n],
        [3, 2],
      ],
    ]),
  ];
  run(
    "concat",
    concats.map(([shapes, axis]) => ({
      shapes,
      attributes: axis === undefined ? [] : [axis],
      record: (g, parts) => g.concat(parts, axis),
    })),
  );

  it("concat takes a node twice", () => {
    const g = engine.graph();
    const x = g.parameter([2, 1], Float32Array.of(3, 4));
    const weights = g.constant(Float32Array.of(1, 10, 100, 1000), [2, 2]);
    const y = g.concat([x, x]);
    const step = g.compile(g.sum(g.mul(y, weights)), { outputs: [y] });
    step.run();
    expect([...flat(step.value(y))]).toEqual([3, 3, 4, 4]);
    expect([...flat(step.gradient(x))]).toEqual([11, 1100]);
  });
});

describe("errors name the op and the shapes", () => {
  const g = engine.graph();
  const [x, y] = [g.parameter([2, 3, 4], 1), g.parameter([2, 5], 1)];

  it.each([[[0, 1]], [[0, 1, 1]], [[0, 1, 2, 0]]])("transpose by %j", (permutation) => {
    const came = `got [${permutation.join(", ")}]`;
    expect(() => g.transpose(x, permutation)).toThrow(
      new RangeError(`transpose: expected each axis of [2, 3, 4] once, ${came}`),
    );
  });

  it.each([3, -4, 0.5])("transpose with an axis %d", (axis) => {
    expect(() => g.transpose(x, [0, 1, axis])).toThrow(
      new RangeError(`transpose: expected an axis of [2, 3, 4], got ${axis}`),
    );
  });

  it.each([
    [[0, 2], [2, 4], [], "axis 1 of [2, 3, 4], got 2 to 4 by 1"],
    [[1], [0], [], "axis 0 of [2, 3, 4], got 1 to 0 by 1"],
    [[-3], [], [], "axis 0 of [2, 3, 4], got -3 to 2 by 1"],
    [[0.5], [], [], "axis 0 of [2, 3, 4], got 0.5 to 2 by 1"],
    [[0], [2], [0], "axis 0 of [2, 3, 4], got 0 to 2 by 0"],
    [[0], [2], [-1], "axis 0 of [2, 3, 4], got 0 to 2 by -1"],
  ])("slice from %j to %j by %j", (begin, end, steps, text) => {
    expect(() => g.slice(x, begin, end, steps)).toThrow(
      new RangeError(`slice: expected a range in ${text}`),
    );
  });

  it("slice of more axes than there are", () => {
    expect(() => g.slice(y, [0, 0, 0])).toThrow(
      new RangeError("slice: expected at most 2 axes of [2, 5], got [0, 0, 0] to [] by []"),
    );
  });

  it("concat of nothing, of shapes that differ elsewhere, and along no axis", () => {
    expect(() => g.concat([])).toThrow(new RangeError("concat: expected a list of nodes, got []"));
    expect(() => g.concat([x, y])).toThrow(
      new RangeError("concat: expected shapes that differ in axis 2 only, got [2, 3, 4], [2, 5]"),
    );
    expect(() => g.concat([y, g.parameter([3, 5], 1)], 1)).toThrow(RangeError);
    expect(() => g.concat([y], 2)).toThrow(
      new RangeError("concat: expected an axis of [2, 5], got 2"),
    );
  });

  it("reductions over an axis twice, and the largest of nothing", () => {
    expect(() => g.sum(x, [1, -2])).toThrow(
      new RangeError("sum: expected different axes of [2, 3, 4], got [1, -2]"),
    );
    expect(() => g.max(g.parameter([0, 3], 1), 0)).toThrow(
      new RangeError("max: expected at least 1 element to choose from, got [0, 3]"),
    );
    expect(g.max(g.parameter([0, 3], 1), 1).shape).toEqual([0]);
  });

  it("matmul of batches that do not broadcast", () => {
    const [a, b] = [g.parameter([2, 3, 4], 1), g.parameter([3, 4, 5], 1)];
    expect(() => g.matmul(a, b)).toThrow(
      new RangeError(
        "matmul: expected batches that broadcast against each other, got [2, 3, 4] and [3, 4, 5]",
      ),
    );
    expect(() => g.matmul(x, y)).toThrow(
      "matmul: expected inner sizes of a·b that agree, got 4 and 2: [2, 3, 4] and [2, 5]",
    );
  });
});

describe("views", () => {
  it("copies nothing where no element moves", () => {
    const g = engine.graph();
    const x = g.parameter([2, 1, 3], 1);
    expect(g.transpose(x, [1, 0, 2]).computation?.instruction).toBeUndefined();
    expect(g.slice(x, [0], [2])).toBe(x);
    expect(g.concat([x])).toBe(x);
  });
});
