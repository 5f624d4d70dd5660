import { describe, expect, it } from "vitest";
import { hashOf } from "../model/golden.mjs";
import { classifier, engineOf } from "./fixtures.ts";

const x = Float32Array.from({ length: 64 * 64 }, (_, i) => ((i * 7919) % 1009) / 1009);
const y = Int32Array.from({ length: 64 }, (_, i) => i % 10);

describe("threads without the file of their workers, which the sources and some bundles lack", () => {
  it("run what is embedded, with the same bits", async () => {
    const [one, two] = [await engineOf(1), await engineOf(2, { workerUrl: undefined })];
    expect(two.info).toMatchObject({ threads: 2, notes: [] });
    const models = [one, two].map((engine) => classifier(engine));
    for (const model of models) model.trainStep(x, y);
    const [expected, came] = await Promise.all(models.map(hashOf));
    expect(came).toBe(expected);
  });
});
