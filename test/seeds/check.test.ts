import { describe, expect, it } from "vitest";
import { Check } from "./check.ts";
import type { SeedCase } from "./cases.ts";

const example: SeedCase = {
  name: "example",
  description: "a case whose numbers are easy",
  inputs: { x: [[1, 2]], tenth: 0.1 },
  parameters: {},
  expected: { loss: 2, gradients: { w: [[1], [0]] } },
  mustNotEqual: { "gradients.w with another sign": [[-1], [0]], shape: "2x2 instead of 2x1" },
};

const right = { data: Float32Array.of(1, 0), shape: [2, 1] };

describe("what a case is held against", () => {
  it("passes when every number and every slip has been compared", () => {
    const check = new Check(example);
    check.agree("loss", 2 * (1 + 9e-6));
    check.agreeAll("gradients", () => right);
    check.differ("gradients.w with another sign", right);
    check.differ("shape", right);
    check.close();
  });

  it("fails when something has been left out", () => {
    const check = new Check(example);
    check.agree("gradients.w", right);
    expect(() => {
      check.close();
    }).toThrow(/numbers that were not compared/);
    check.agree("loss", 2);
    expect(() => {
      check.close();
    }).toThrow(/slips that were not compared/);
  });

  it.each([
    ["a number beyond 1e-5", "loss", 2 * (1 + 1.1e-5)],
    ["NaN", "loss", NaN],
    ["a number near 0 beyond 1e-8", "gradients.w", [1, 1.1e-8]],
    ["another shape", "gradients.w", { ...right, shape: [1, 2] }],
    ["another length", "gradients.w", [1]],
  ])("fails for %s", (_, path, actual) => {
    expect(() => {
      new Check(example).agree(path, actual);
    }).toThrow(new RegExp(`^${path}`));
  });

  it.each([
    ["the slip's numbers", "gradients.w with another sign", [-1, 0]],
    ["numbers that are not clearly others", "gradients.w with another sign", [-1.0009, 0]],
    ["the slip's shape", "shape", { data: new Float32Array(4), shape: [2, 2] }],
  ])("fails for %s", (_, key, actual) => {
    expect(() => {
      new Check(example).differ(key, actual);
    }).toThrow();
  });

  it("refuses inputs that float32 does not hold", () => {
    expect(new Check(example).input("x")).toEqual({ data: Float32Array.of(1, 2), shape: [1, 2] });
    expect(() => new Check(example).input("tenth")).toThrow("expected a float32 number, got 0.1");
  });
});
