import { expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { ops } from "../../src/graph/ops/index.ts";
import { formulas } from "../../src/reference/complete.ts";

it("every op has a float64 formula, and a graph has a method for it", async () => {
  expect(Object.keys(formulas).sort()).toEqual(Object.keys(ops).sort());
  const graph: object = (await createEngine()).graph();
  expect(Object.keys(ops).filter((name) => !(name in graph))).toEqual([]);
});
