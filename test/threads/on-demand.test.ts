import { afterEach, expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { threading } from "../../src/engine/engine.ts";
import { builds } from "../../src/engine/choose-kernels.ts";
import { createEngine } from "../../src/index.ts";
import { accumulations } from "../../src/training/fit.ts";
import { files } from "../../src/model/model.ts";
import { otherBuilds, moduleErrors } from "../../src/wasm/build.ts";
import type { OnDemand } from "../../src/base/on-demand.ts";
import { weightsOf } from "../engine/fixtures.ts";
import { classifier, engineOf } from "./fixtures.ts";

const { train } = await loadDigits();

const restores: (() => void)[] = [];

afterEach(() => {
  for (const restore of restores.splice(0)) restore();
});

/** Has a part be gone, as after a redeploy, until what is returned is called. */
function lose(part: OnDemand<unknown>): () => void {
  const { import: load } = part;
  const restore = (): void => {
    part.import = load;
  };
  part.import = () => Promise.reject(new TypeError("Failed to fetch part.js"));
  restores.push(restore);
  return restore;
}

async function expectLost(promise: Promise<unknown>): Promise<void> {
  const lost = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(lost).toBeInstanceOf(TypeError);
  expect(String(lost)).toBe(
    "TypeError: expected to load a part of gradlane, got TypeError: Failed to fetch part.js; " +
      "gradlane/static has every part in it",
  );
  expect((lost as Error).cause).toBeInstanceOf(TypeError);
}

it.each([
  // The first, as it is compiled once for all engines of a process.
  ["the threads build", otherBuilds.threads],
  ["what starts threads", threading],
  ["the choice of builds", builds],
])("an engine is not made without %s, and the next one is with it", async (_, part) => {
  const restore = lose(part);
  await expectLost(createEngine({ threads: 2 }));
  restore();
  expect((await engineOf(2)).info.threads).toBe(2);
});

it("an engine with a wrong module says what it misses, and takes no memory", async () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const restore = lose(moduleErrors);
  const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  await expectLost(createEngine({ module, memory }));
  restore();
  await expect(createEngine({ module, memory })).rejects.toThrow("expected a build of gradlane");
  expect((await createEngine({ memory })).info.build).toBe("strict");
});

it("a model neither gives nor takes a file without what does so, and goes on", async () => {
  const model = classifier(await engineOf(1));
  const bytes = await model.toSafetensors();
  await model.fit(train, { batchSize: 64 });
  const before = weightsOf(model);
  const restore = lose(files);
  await expectLost(model.toSafetensors());
  await expectLost(model.fromSafetensors(bytes));
  await expectLost(model.save("never.safetensors"));
  await expectLost(model.load("never.safetensors"));
  expect(weightsOf(model)).toEqual(before);
  restore();
  await model.fromSafetensors(bytes);
  expect(weightsOf(model)).not.toEqual(before);
});

it.each([["micro-batches", 1, accumulations, { batchSize: 64, microBatchSize: 16 }]])(
  "fit does not begin without what %s take, and trains with it",
  async (_, threads, part, options) => {
    const [model, twin] = [
      classifier(await engineOf(threads)),
      classifier(await engineOf(threads)),
    ];
    const before = weightsOf(model);
    const plan = model.memoryPlan;
    const restore = lose(part);
    await expectLost(model.fit(train, options));
    expect(weightsOf(model)).toEqual(before);
    expect(model.memoryPlan).toEqual(plan);
    restore();
    for (const one of [model, twin]) await one.fit(train, options);
    expect(weightsOf(model)).toEqual(weightsOf(twin));
  },
);
