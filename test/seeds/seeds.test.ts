import { describe, expect, it } from "vitest";
import { seedCases } from "./cases.ts";
import { Check } from "./check.ts";
import type { CaseTests } from "./registry.ts";
import { computationGraphs } from "./notes/1-computation-graphs.ts";
import { logisticRegression } from "./notes/1-logistic-regression.ts";
import { perceptrons } from "./notes/1-perceptrons.ts";
import { rowConvention } from "./notes/2-rows.ts";
import { optimizers } from "./notes/3-optimizers.ts";
import { training } from "./notes/3-training.ts";
import { twoLayers } from "./notes/3-two-layers.ts";
import { columnConvention } from "./notes/4-columns.ts";
import { multiLabel } from "./notes/5-multi-label.ts";

const tests: CaseTests = {
  ...computationGraphs,
  ...logisticRegression,
  ...perceptrons,
  ...rowConvention,
  ...twoLayers,
  ...optimizers,
  ...training,
  ...columnConvention,
  ...multiLabel,
};

const names = seedCases.map(({ name }) => name);

describe("the worked cases of the notes", () => {
  it.each(seedCases)("$name: $description", async (example) => {
    const test = tests[example.name];
    if (!test) throw new Error(`expected a test for ${example.name}`);
    const check = new Check(example);
    await test(check);
    check.close();
  });

  it("are 38, each with a name of its own and no test without a case", () => {
    expect(names).toHaveLength(38);
    expect(new Set(names).size).toBe(38);
    expect(Object.keys(tests).toSorted()).toEqual(names.toSorted());
  });
});
