import { describe, expect, it } from "vitest";
import { dense, impute, minMax, oneHot, relu, standardize, windows } from "../../src/index.ts";
import type { FittingData } from "../../src/index.ts";
import { modelOf, outputOf, people, tableOf } from "./tables.ts";

describe("standardize", () => {
  it("gives mean 0 and deviation 1 in float32, for offsets that are large", () => {
    const x = Float32Array.from(
      { length: 300 },
      (_, i) => 1e6 * ((i % 3) + 1) + ((i * 37) % 101) / 8,
    );
    const y = outputOf([standardize({ x, shape: [3] })], x, [3]);
    for (let feature = 0; feature < 3; feature++) {
      const [own, made] = [x, y].map((all) => Array.from(all).filter((_, i) => i % 3 === feature));
      const mean = own!.reduce((sum, v) => sum + v, 0) / 100;
      const deviation = Math.sqrt(own!.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 100);
      const float = Math.fround;
      expect(made).toEqual(own!.map((v) => float(float(v - float(mean)) / float(deviation))));
    }
  });

  it("leaves missing numbers and categories as they are", () => {
    const layer = standardize(people);
    const [deviation, mean] = [Math.sqrt(50), 30];
    const first = outputOf([layer], people.x.subarray(0, 8), [4]);
    expect(first[0]).toBeCloseTo((20 - mean) / deviation, 6);
    expect(first.filter((_, i) => i % 2 === 1)).toEqual([2, 0, 1, NaN]);
    expect(first[4]).toBeNaN();
  });

  it("gives 0 for a constant feature, even if it is no float32", () => {
    const x = new Float32Array(7).fill(0.1);
    const model = modelOf([standardize({ x, shape: [1] })], [1]);
    expect([...model.predict(x).data]).toEqual(new Array(7).fill(0));
    expect(model.buffers.map(({ name, data }) => [name, data[0]])).toEqual([
      ["standardize1.mean", Math.fround(0.1)],
      ["standardize1.deviation", 1],
    ]);
    model.dispose();
  });

  it("takes bytes as models read them, and whole numbers", () => {
    const x = Uint8Array.of(0, 51, 102);
    const model = modelOf([standardize({ x, shape: [1] })], [1]);
    const [low, middle, high] = model.predict(x).data;
    expect(middle).toBeCloseTo(0, 6);
    expect(high).toBeCloseTo(Math.sqrt(1.5), 6);
    expect(low).toBeCloseTo(-Math.sqrt(1.5), 6);
    model.dispose();
    const ids = Int32Array.of(0, 1, 2);
    expect(outputOf([standardize({ x: ids, shape: [1] })], Float32Array.from(ids), [1])[1]).toBe(0);
  });

  it("takes the features of the last axis of images and windows", () => {
    const series = Float32Array.from({ length: 40 }, (_, i) => (i % 2 ? 100 : 1) * Math.sin(i));
    const cut = windows(series, { length: 3, features: 2 });
    const y = outputOf([standardize(cut)], cut.x, cut.shape);
    for (const feature of [0, 1]) {
      const own = y.filter((_, i) => i % 2 === feature);
      const mean = own.reduce((sum, v) => sum + v, 0) / own.length;
      expect(mean).toBeCloseTo(0, 5);
      expect(own.reduce((sum, v) => sum + v * v, 0) / own.length).toBeCloseTo(1, 5);
    }
  });
});

describe("minMax", () => {
  it("gives 0 to 1 exactly, 0 for a constant feature, and goes beyond for numbers of others", () => {
    const x = Float32Array.of(3, 5, -7, 5, 0.1, 5, NaN, 5);
    const y = outputOf(
      [minMax({ x, shape: [2] })],
      Float32Array.of(3, 5, -7, 5, 13, 6, NaN, 4),
      [2],
    );
    expect(y).toEqual([1, 0, 0, 0, 2, 1, NaN, -1]);
  });

  it("refuses a range that float32 does not have", () => {
    const x = Float32Array.of(3e38, -3e38);
    expect(() => minMax({ x, shape: [1] })).toThrow(
      "minMax: expected the range of a feature to be a number from 0 to 3.4028234663852886e+38, got 6.0000000109955115e+38",
    );
  });
});

describe("impute", () => {
  const x = Float32Array.of(1, 10, NaN, 20, 2, NaN, 2, 30, 9, NaN);
  const missing = Float32Array.of(NaN, NaN, 5, 6);
  it.each([
    [{}, [3.5, 20]],
    [{ strategy: "mean" }, [3.5, 20]],
    [{ strategy: "median" }, [2, 20]],
    [{ strategy: "mostFrequent" }, [2, 10]],
    [{ strategy: "constant" }, [0, 0]],
    [{ strategy: "constant", value: -1.5 }, [-1.5, -1.5]],
  ] as const)("by %o gives %s", (options, values) => {
    expect(outputOf([impute({ x, shape: [2] }, options)], missing, [2])).toEqual([...values, 5, 6]);
  });

  it("takes the mean of the two in the middle, and a number that is alone", () => {
    const even = Float32Array.of(4, 1, 3, 2);
    const layer = impute({ x: even, shape: [1] }, { strategy: "median" });
    expect(outputOf([layer], Float32Array.of(NaN), [1])).toEqual([2.5]);
    const single = impute({ x: even.subarray(0, 1), shape: [1] }, { strategy: "mostFrequent" });
    expect(outputOf([single], Float32Array.of(NaN), [1])).toEqual([4]);
  });

  it("leaves missing categories to oneHot, except with the most frequent one", () => {
    const rows = people.x.subarray(4, 12);
    expect(outputOf([impute(people)], rows, [4])).toEqual([30, 1, 9, NaN, 40, NaN, 9, 1]);
    const filled = outputOf([impute(people, { strategy: "mostFrequent" })], rows, [4]);
    expect(filled).toEqual([30, 1, 9, 0, 40, 2, 9, 1]);
  });

  it("lets no NaN through, neither to outputs nor to gradients nor to weights", async () => {
    const layers = () => [
      impute(people),
      standardize(people),
      oneHot(people),
      dense(4),
      relu(),
      dense(1),
    ];
    const model = modelOf(layers(), [4]);
    const y = Float32Array.of(1, 2, 3, 4, 5);
    const table = { ...people, y, count: 5, classes: 0, target: "pay", classNames: [] };
    await model.fit(table, { epochs: 3, validation: table });
    const arrays = [
      ...model.parameters.map(({ data }) => data),
      ...model.parameters.map(({ grad }) => grad),
    ];
    for (const array of arrays) expect(array.every(Number.isFinite)).toBe(true);
    expect(model.parameters[0]!.grad.some((slope) => slope !== 0)).toBe(true);
    expect([...model.predict(people.x).data].every(Number.isFinite)).toBe(true);
    expect((await model.evaluate({ x: people.x, y })).loss).toBeLessThan(20);
    model.dispose();
  });
});

describe("oneHot", () => {
  it("gives a column to each category and keeps the order of the others", () => {
    // Towns Bonn, Oslo and Rome; decks A, B and C.
    expect(outputOf([oneHot(people)], people.x.subarray(0, 12), [4])).toEqual([
      ...[20, 0, 0, 1, 7, 1, 0, 0],
      ...[NaN, 0, 1, 0, 9, 0, 0, 0],
      ...[40, 0, 0, 0, 9, 0, 1, 0],
    ]);
  });

  it("gives a missing category a column of its own", () => {
    const y = outputOf([oneHot(people, { missing: "column" })], people.x.subarray(4, 12), [4]);
    expect(y).toEqual([...[NaN, 0, 1, 0, 0, 9, 0, 0, 0, 1], ...[40, 0, 0, 0, 1, 9, 0, 1, 0, 0]]);
  });

  it("takes neighbouring categories, numbers in a row, and steps of a series", () => {
    const data = tableOf(["a", "b", "c", "d", "e"], ["x", "u", 1, 2, "r"], ["y", "v", 3, 4, "s"]);
    expect(outputOf([oneHot(data)], data.x, [5])).toEqual([
      ...[1, 0, 1, 0, 1, 2, 1, 0],
      ...[0, 1, 0, 1, 3, 4, 0, 1],
    ]);
    const steps = { ...data, shape: [2, 5] };
    expect(outputOf([oneHot(steps)], data.x, [2, 5])).toHaveLength(16);
    expect(
      outputOf([impute(steps), standardize(steps), oneHot(steps)], data.x, [2, 5]),
    ).toHaveLength(16);
  });

  it("changes nothing in columns that are one-hot already", () => {
    const oneHotColumn = {
      name: "a",
      kind: "category",
      categories: ["x", "y"],
      oneHot: true,
    } as const;
    const columns = [oneHotColumn, { name: "b", kind: "number" } as const];
    const data = { x: Float32Array.of(1, 0, 1, 0, 1, 3, 0, 0, 5), shape: [3], columns };
    const y = outputOf([impute(data), standardize(data)], data.x, [3]);
    expect(y.filter((_, i) => i % 3 < 2)).toEqual([1, 0, 0, 1, 0, 0]);
  });
});

describe("layers that prepare data", () => {
  const layersOf = (data: FittingData) => [
    impute(data, { strategy: "median" }),
    minMax(data),
    standardize(data),
    oneHot(data),
    dense(1),
  ];

  it("are saved with the weights, and are those of the file after loading", async () => {
    const model = modelOf(layersOf(people), [4]);
    const y = Float32Array.of(1, 2, 3, 4, 5);
    await model.fit({ x: people.x, y }, { epochs: 2 });
    const expected = model.predict(people.x).data.slice();
    const file = await model.toSafetensors();
    const { shape, columns } = people;
    const known = JSON.parse(JSON.stringify({ shape, columns })) as FittingData;
    const other = { ...people, x: Float32Array.of(1, 2, 2, 0) };
    for (const data of [known, other]) {
      const fresh = modelOf(layersOf(data), [4]);
      expect(fresh.predict(people.x).data).not.toEqual(expected);
      await fresh.fromSafetensors(file);
      expect(fresh.predict(people.x).data).toEqual(expected);
      fresh.dispose();
    }
    model.dispose();
  });

  it("give the same in every step of training, which does not change them", async () => {
    const model = modelOf(layersOf(people), [4]);
    const before = model.buffers.map(({ data }) => data.slice());
    await model.fit(
      { x: people.x, y: new Float32Array(5) },
      { epochs: 2, batchSize: 4, microBatchSize: 2 },
    );
    expect(model.buffers.map(({ data }) => data)).toEqual(before);
    model.dispose();
  });

  it("have labels with the number of features", () => {
    expect(layersOf(people).slice(0, 4).map(String)).toEqual([
      "impute(4, median)",
      "minMax(4)",
      "standardize(4)",
      "oneHot(4)",
    ]);
  });
});
