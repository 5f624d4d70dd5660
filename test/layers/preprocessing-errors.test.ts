import { describe, expect, it } from "vitest";
import { type FittingData, dense, impute, minMax, oneHot, standardize } from "../../src/index.ts";
import { modelOf, people, tableOf } from "./tables.ts";

describe("layers that prepare data", () => {
  const x = Float32Array.of(1, 2, 3, 4);
  it.each<[string, unknown, string]>([
    [
      "nothing",
      undefined,
      "to be a table, or an object of x and the shape of an example, got undefined",
    ],
    [
      "an array",
      x,
      "to be a table, or an object of x and the shape of an example, got Float32Array",
    ],
    [
      "x alone",
      { x },
      "to be a table, or an object of x and the shape of an example, got an object of x",
    ],
    [
      "a list",
      { x: [1], shape: [1] },
      "to be a table, or an object of x and the shape of an example",
    ],
    ["a shape of no axes", { x, shape: [] }, "expected at least 1 feature, got shape []"],
    ["no features", { x, shape: [0] }, "expected at least 1 feature, got shape [0]"],
    [
      "half an example",
      { x, shape: [3] },
      "expected x to have whole examples of shape [3], got 4 numbers",
    ],
    [
      "no examples",
      { x: new Float32Array(), shape: [3] },
      "expected x to have whole examples of shape [3], got 0 numbers",
    ],
    [
      "other columns",
      { x, shape: [2], columns: [{ name: "a", kind: "number" }] },
      "expected 1 features as in columns, got shape [2]",
    ],
  ])("refuse %s", (_, data, text) => {
    for (const make of [standardize, minMax, impute, oneHot]) {
      expect(() => make(data as FittingData)).toThrow(/^\w+: expected /);
      expect(() => make(data as FittingData)).toThrow(text);
    }
  });

  it.each<[string, number[], string]>([
    [
      "an infinity",
      [1, 2, Infinity, 4],
      "expected finite numbers or NaN, got Infinity in feature 0, row 1",
    ],
    [
      "a feature without a number",
      [1, NaN, 3, NaN],
      "expected a number in feature 1, got 2 missing ones",
    ],
  ])("refuse %s", (_, numbers, text) => {
    for (const make of [standardize, minMax, impute]) {
      expect(() => make({ x: Float32Array.from(numbers), shape: [2] })).toThrow(text);
    }
  });

  it("name a column without a number", () => {
    const data = tableOf(["a", "b"], [1, null], [2, null]);
    expect(() => standardize(data)).toThrow(
      'standardize: expected a number in "b", got 2 missing ones',
    );
  });

  it("refuse other features, as they are behind oneHot", () => {
    for (const make of [standardize, minMax, impute, oneHot]) {
      expect(() => modelOf([oneHot(people), make(people), dense(1)], [4])).toThrow(
        'expected the 4 features of its data ("age", "town", "fare", …), got [1, 8]; oneHot, which changes their number, comes behind the layers that scale and impute',
      );
    }
  });

  it("refuse numbers alone for oneHot, and a value that no strategy takes", () => {
    expect(() => oneHot({ x, shape: [2] })).toThrow(
      "oneHot: expected a column of categories, got numbers alone: feature 0, feature 1",
    );
    expect(() => impute({ x, shape: [2] }, { value: 1 })).toThrow(
      'impute: expected no value with strategy "mean", got 1',
    );
  });
});
