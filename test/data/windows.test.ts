import { describe, expect, it } from "vitest";
import { split } from "../../src/data/split.ts";
import { table } from "../../src/data/table.ts";
import { type Series, type WindowsOptions, windows } from "../../src/data/windows.ts";

/** Steps from 0 on. */
const steps = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i);

describe("windows", () => {
  it.each<[number, WindowsOptions, number[][], number[][]]>([
    [5, { length: 3 }, [[0, 1, 2], [1, 2, 3]], [[3], [4]]],
    [4, { length: 3 }, [[0, 1, 2]], [[3]]],
    [6, { length: 2, horizon: 3 }, [[0, 1], [1, 2]], [[2, 3, 4], [3, 4, 5]]],
    [8, { length: 2, stride: 3 }, [[0, 1], [3, 4]], [[2], [5]]],
    [9, { length: 2, stride: 3 }, [[0, 1], [3, 4], [6, 7]], [[2], [5], [8]]],
    [4, { length: 1, horizon: 1, stride: 9 }, [[0]], [[1]]],
  ])("of %i steps by %o", (count, options, x, y) => {
    const data = windows(steps(count), options);
    expect(data).toEqual({
      ...{ x: Float32Array.from(x.flat()), y: Float32Array.from(y.flat()) },
      ...{ count: x.length, shape: [options.length, 1], classes: 0 },
    });
  });

  it("have all features of their steps, and predict all of them", () => {
    const data = windows(steps(10), { length: 2, horizon: 2, features: 2 });
    expect(data.shape).toEqual([2, 2]);
    expect(data.x).toEqual(Float32Array.of(0, 1, 2, 3, 2, 3, 4, 5));
    expect(data.y).toEqual(Float32Array.of(4, 5, 6, 7, 6, 7, 8, 9));
  });

  it("predict the column of a table, or its target, or classes", async () => {
    const text = "load,heat,day\n1,10,a\n2,20,b\n3,30,a\n4,40,b\n";
    const series = await table(text, { oneHot: true });
    const { x, y, columns, shape } = windows(series, { length: 2, target: "heat" });
    expect([...x]).toEqual([1, 10, 1, 0, 2, 20, 0, 1, 2, 20, 0, 1, 3, 30, 1, 0]);
    expect([y, shape]).toEqual([Float32Array.of(30, 40), [2, 4]]);
    expect(columns).toBe(series.columns);
    const target = await table(text, { target: "load", omit: ["day"] });
    expect(windows(target, { length: 1, horizon: 2 }).y).toEqual(Float32Array.of(2, 3, 3, 4));
    expect(windows(target, { length: 1 }).x).toEqual(Float32Array.of(10, 20, 30));
    const classes = windows(await table(text, { target: "day" }), { length: 2 });
    expect([classes.y, classes.classes]).toEqual([Int32Array.of(0, 1), 2]);
  });

  it("of the parts of a series share no step", () => {
    const [train, test] = split({ x: steps(10), y: new Float32Array(), count: 10, shape: [1] }, { shuffle: false, test: 4 });
    expect(windows(train, { length: 3 }).y).toEqual(Float32Array.of(3, 4, 5));
    expect(windows(test, { length: 3 }).x).toEqual(Float32Array.of(6, 7, 8));
  });

  it("may lack numbers that are not to be predicted", () => {
    const x = Float32Array.of(NaN, 1, 2, 3);
    expect(windows(x, { length: 2 }).x).toEqual(Float32Array.of(NaN, 1, 1, 2));
    expect(windows(Float32Array.of(1, 2, NaN, 4, 5), { length: 1, stride: 3 }).y).toEqual(Float32Array.of(2, 5));
  });

  const columns = [{ name: "a", kind: "number" }, { name: "b", kind: "category", categories: ["x"] }] as const;
  const ten = steps(10);
  it.each<[string, Float32Array | Series, object, string]>([
    ["no length", ten, {}, "expected length to be a whole number from 1 on, got undefined"],
    ["a length of 0", ten, { length: 0 }, "expected length to be a whole number from 1 on, got 0"],
    ["a horizon of 0", ten, { length: 1, horizon: 0 }, "expected horizon to be a whole number from 1 on, got 0"],
    ["a short series", ten, { length: 8, horizon: 3 }, "expected at least 11 steps, a window and its horizon, got 10"],
    ["half a step", ten, { length: 1, features: 3 }, "expected x to have whole steps of 3 features, got 10 numbers"],
    ["another shape", { x: ten, shape: [5] }, { length: 1, features: 2 }, "expected steps of shape [2], got [5]"],
    ["steps of two axes", { x: ten, shape: [5, 2] }, { length: 1 }, "expected steps of shape [features], got [5, 2]"],
    ["other targets", { x: ten, y: new Float32Array(9) }, { length: 1 }, "expected y to have a target for each of 10 steps, got 9"],
    ["another name", { x: ten, shape: [2], columns }, { length: 1, target: "c" }, 'expected a target "c" among the columns of numbers, got columns "a,b"'],
    ["a category", { x: ten, shape: [2], columns }, { length: 1, target: "b" }, 'expected a target "b" among the columns of numbers'],
    ["a missing target", Float32Array.of(1, 2, NaN, 3), { length: 1 }, "expected numbers to predict, got NaN in step 2"],
    ["a missing one far behind", Float32Array.of(1, 2, 3, 4, 5, NaN), { length: 1, horizon: 2, stride: 3 }, "expected numbers to predict, got NaN in step 5"],
    ["a list", [1, 2, 3] as never, { length: 1 }, "expected series to be a Float32Array, or a table or { x, shape } that has one"],
    ["nothing", null as never, { length: 1 }, "expected series to be a Float32Array"],
  ])("refuse %s", (_, series, options, text) => {
    expect(() => windows(series, options as WindowsOptions)).toThrow(`windows: ${text}`);
  });
});
