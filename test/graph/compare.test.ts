import { describe, expect, it } from "vitest";
import type { Graph, Node } from "../../src/index.ts";
import { arrayFormulas } from "../../src/reference/arrays.ts";
import { bits, wrong } from "../engine/fixtures.ts";
import { type Shape, engine, flat, run, sizes } from "../support/trials.ts";

const COMPARISONS = ["greater", "greaterEqual", "less", "lessEqual", "equal", "notEqual"] as const;

const pairs: readonly (readonly [Shape, Shape])[] = [
  ...sizes.map((n) => [[n], [n]] as const),
  [[2, 3, 4], [4]],
  [[3, 1], [5]],
  [[], [2, 2]],
  [[2, 3], []],
];

/** The values of nodes that are recorded in a graph of their own. */
function values(record: (g: Graph) => Node[]): number[][] {
  const g = engine.graph();
  const nodes = record(g);
  const step = g.compile(g.constant(0), { outputs: nodes });
  step.run();
  // What is computed in place must not change what the second run reads.
  step.run();
  const found = nodes.map((node) => {
    const value = step.value(node);
    return typeof value === "number" ? [value] : [...value.data];
  });
  g.dispose();
  return found;
}

describe("comparisons", () => {
  for (const op of COMPARISONS) {
    run(
      op,
      pairs.map((shapes) => ({ shapes, record: (g, [a, b]) => g[op](a!, b!) })),
    );
  }

  const extremes = [-Infinity, -1, -1e-45, -0, 0, 1e-45, 1, Infinity, NaN];

  it.each(COMPARISONS)("%s holds of extreme numbers as in JavaScript", (op) => {
    const [result] = values((g) => {
      const list = Float32Array.from(extremes);
      return [g[op](g.constant(list, [9, 1]), g.constant(list))];
    });
    const data = Float64Array.from(extremes, Math.fround);
    const inputs = [
      { shape: [9, 1], data },
      { shape: [9], data },
    ];
    expect(result).toEqual([...arrayFormulas[op](inputs).data]);
  });

  it("take ints, also beside floats", () => {
    const found = values((g) => {
      const ints = g.constant(Int32Array.of(-2, 0, 3, 2 ** 24));
      const floats = g.constant(Float32Array.of(-2, 0.5, 2, 2 ** 24));
      return [g.equal(ints, floats), g.less(ints, floats), g.greaterEqual(ints, ints)];
    });
    expect(found).toEqual([
      [1, 0, 0, 1],
      [0, 1, 0, 0],
      [1, 1, 1, 1],
    ]);
  });

  it("name themselves where shapes do not broadcast, operands in their order", () => {
    const g = engine.graph();
    const [a, b] = [g.parameter([2], 0), g.parameter([3], 0)];
    expect(() => g.less(a, b)).toThrow(
      new RangeError("less: expected shapes that broadcast against each other, got [2] and [3]"),
    );
  });
});

describe("where", () => {
  const triples: readonly (readonly [Shape, Shape, Shape])[] = [
    ...sizes.map((n) => [[n], [n], [n]] as const),
    [[3, 1], [4], []],
    [[], [2, 3], [3]],
    [
      [2, 1, 4],
      [3, 1],
      [2, 3, 4],
    ],
    [[4], [2, 1], [1, 4]],
  ];
  run(
    "where",
    triples.map((shapes) => ({
      shapes,
      // The condition itself is far from 0 everywhere.
      record: (g, [condition, a, b]) => g.where(condition!, a!, b!),
    })),
  );

  it("takes what it chooses bit for bit", () => {
    const g = engine.graph();
    const a = Float32Array.from({ length: 7 }, (_, i) => (i % 2 ? -0 : NaN));
    const b = Float32Array.from({ length: 7 }, (_, i) => (i % 2 ? -Infinity : -0));
    const condition = Float32Array.of(0, 1, -0, NaN, 1e-45, 0, -3);
    const y = g.where(g.constant(condition), g.constant(a), g.constant(b));
    const step = g.compile(g.constant(0), { outputs: [y] });
    step.run();
    const expected = condition.map((c, i) => (c === 0 ? b[i]! : a[i]!));
    expect([...bits(flat(step.value(y)))]).toEqual([...bits(expected)]);
  });

  it("keeps NaN out of the gradient of what it did not choose", () => {
    const g = engine.graph();
    const x = g.parameter([3], Float32Array.of(-1, 4, 0));
    const y = g.where(g.greater(x, g.constant(0)), g.sqrt(x), g.constant(0));
    const step = g.compile(g.sum(y), { outputs: [y] });
    step.run();
    expect([...flat(step.value(y))]).toEqual([0, 2, 0]);
    // 0 times the slope of sqrt at -1 and at 0 is NaN: sqrt itself must not see them.
    expect([...flat(step.gradient(x))].map(Number.isNaN)).toEqual([true, false, true]);
    const safe = g.where(g.greater(x, g.constant(0)), x, g.constant(1));
    const masked = g.compile(g.sum(g.where(g.greater(x, g.constant(0)), g.sqrt(safe), x)));
    masked.run();
    expect([...flat(masked.gradient(x))]).toEqual([1, 0.25, 1]);
    g.dispose();
  });

  it("chooses ints, by ints", () => {
    const found = values((g) => {
      const ids = g.constant(Int32Array.of(3, -1, 2 ** 31 - 1));
      const isKnown = g.constant(Int32Array.of(1, 0, 7));
      return [g.where(isKnown, ids, g.constant(Int32Array.of(0, 0, 0)))];
    });
    expect(found).toEqual([[3, 0, 2 ** 31 - 1]]);
  });
});

describe("ints", () => {
  it("move through layouts as they are", () => {
    const found = values((g) => {
      const ids = g.constant(Int32Array.of(1, -2, 3, 4, 5, 2 ** 31 - 1), [2, 3]);
      const [rows, columns] = [g.slice(ids, [1]), g.transpose(ids)];
      return [g.reshape(ids, [6]), columns, rows, g.concat([ids, ids], 0), g.toFloat(rows)];
    });
    const all = [1, -2, 3, 4, 5, 2 ** 31 - 1];
    expect(found).toEqual([
      all,
      [1, 4, -2, 5, 3, 2 ** 31 - 1],
      all.slice(3),
      [...all, ...all],
      [4, 5, 2 ** 31],
    ]);
  });

  it("are refused where floats are read, with a way out", () => {
    const g = engine.graph();
    const ids = g.constant(Int32Array.of(1, 2));
    const expected = "to be a node of floats; constant() makes one of a number, toFloat() of ints";
    expect(() => g.add(ids, g.constant(1))).toThrow(
      new RangeError(`add: expected a ${expected}, got "constant" of ints`),
    );
    expect(() => g.relu(ids)).toThrow(`relu: expected x ${expected}, got "constant" of ints`);
    g.dispose();
  });

  it("are filled with ints alone", () => {
    const g = engine.graph();
    const ids = g.input("ids", [2], "int");
    const step = g.compile(g.sum(g.toFloat(ids)));
    step.run({ ids: Int32Array.of(3, -4) });
    expect(step.value(ids)).toEqual({ data: Int32Array.of(3, -4), shape: [2] });
    const expected = "ids: expected a whole number or an Int32Array of 2 for shape [2]";
    for (const [value, received] of [
      [Float32Array.of(1.5, 3e10), "Float32Array"],
      [1.5, "1.5"],
      [NaN, "NaN"],
      [2 ** 31, "2147483648"],
    ] as const) {
      expect(() => step.run({ ids: value })).toThrow(new TypeError(`${expected}, got ${received}`));
    }
    expect(() => g.parameter([2], wrong(Int32Array.of(1, 2)))).toThrow(
      "parameter: expected a number or a Float32Array of 2 for shape [2], got Int32Array",
    );
    g.dispose();
  });

  it("of argmax are along one axis", () => {
    const g = engine.graph();
    const x = g.parameter([2, 2], 0);
    expect(() => g.argmax(x, wrong([0, 1]))).toThrow(
      new TypeError("argmax: expected axis to be an axis, got [0, 1]"),
    );
    g.dispose();
  });

  it("count the rows of which the largest logit is the label's", () => {
    const [share] = values((g) => {
      const logits = g.constant(Float32Array.of(1, 5, 4, 3, 0, 1), [3, 2]);
      return [g.mean(g.equal(g.argmax(logits, 1), g.constant(Int32Array.of(1, 1, 1))))];
    });
    expect(share![0]).toBeCloseTo(2 / 3, 7);
  });
});
