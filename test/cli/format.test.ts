import { expect, test } from "vitest";
import { formatClock, formatLoss, formatRate } from "../../src/base/format.ts";
import { alignPairs, formatSeconds, wrap } from "../../src/cli/format.ts";

test.each([
  [0, "0.0000"],
  [1.23456, "1.2346"],
  [999.5, "999.5000"],
  [1234.5, "1.23e+3"],
  [0.00012345, "1.23e-4"],
  [NaN, "NaN"],
  [-Infinity, "-Infinity"],
])("formatLoss(%d)", (loss, text) => {
  expect(formatLoss(loss)).toBe(text);
});

test.each([
  [0, "0"],
  [950.4, "950"],
  [999.7, "1k"],
  [48321, "48.3k"],
  [999_900, "1M"],
  [1_254_000, "1.25M"],
  [NaN, "–"],
])("formatRate(%d)", (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

test.each([
  [0, "0:00"],
  [6.2, "0:07"],
  [65, "1:05"],
  [3750, "1:02:30"],
  [Infinity, "–:––"],
])("formatClock(%d)", (seconds, text) => {
  expect(formatClock(seconds)).toBe(text);
});

test.each([
  [0.07123, "71.2 ms"],
  [0.9999, "1 s"],
  [12.34, "12.3 s"],
  [65, "1:05 min"],
  [3750, "1:02:30 h"],
])("formatSeconds(%d)", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test("wrap breaks between parts and indents what follows", () => {
  expect(wrap(["one", "two", "three"], 9, " · ", "  ")).toEqual(["one · two", "  three"]);
  expect(wrap(["longer than that"], 5)).toEqual(["longer than that"]);
  expect(wrap([], 5)).toEqual([]);
});

test("alignPairs puts values beside their keys, or below in a narrow terminal", () => {
  const pairs = [
    ["a", "one two three four five six seven"],
    ["long key", "x"],
  ] as const;
  expect(alignPairs(pairs, 36)).toEqual([
    "a         one two three four five",
    "          six seven",
    "long key  x",
  ]);
  expect(alignPairs(pairs, 24)).toEqual([
    "a",
    "    one two three four",
    "    five six seven",
    "long key",
    "    x",
  ]);
});
