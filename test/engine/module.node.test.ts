import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import { classifier, data } from "../model/networks.ts";
import { weightsOf } from "./fixtures.ts";

describe("createEngine with a module in a file", () => {
  it("takes the kernels from there", async () => {
    const module = new URL("../../dist/strict.wasm", import.meta.url);
    const [model, twin] = [
      classifier(await createEngine({ module })),
      classifier(await createEngine()),
    ];
    for (const one of [model, twin]) one.trainStep(data.x, data.y);
    expect(weightsOf(model)).toEqual(weightsOf(twin));
  });

  it("says that there is none", async () => {
    const module = new URL("nowhere.wasm", import.meta.url);
    const engine = createEngine({ module });
    await expect(engine).rejects.toThrow(TypeError);
    await expect(engine).rejects.toThrow(`createEngine: expected a module at ${module.href}, got`);
  });
});
