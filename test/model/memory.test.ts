import { afterEach, describe, expect, it, vi } from "vitest";
import { type Engine, type Model, createEngine } from "../../src/index.ts";
import { Heap } from "../../src/memory/heap.ts";
import { CLASSES, COUNT, FEATURES, classifier, data, oneHot } from "./networks.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** The model holds what its plan says, on top of what the engine held before. */
function expectTruth(engine: Engine, model: Model, before: number): void {
  const { total, ...parts } = model.memoryPlan;
  expect(engine.memoryUsage.used - before).toBe(total);
  expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBe(total);
}

describe("memoryPlan", () => {
  it("is what the engine's memory lost to the model, at every point of its life", async () => {
    const engine = await createEngine();
    engine.tensor([100]);
    const before = engine.memoryUsage.used;
    const model = classifier(engine);
    expectTruth(engine, model, before);
    const sizes = [1, 50, 16, 3, 7, 11, 13, 50, 2, 1];
    for (const rows of sizes) {
      model.trainStep(data.x.subarray(0, rows * FEATURES), data.y.subarray(0, rows));
      expectTruth(engine, model, before);
    }
    model.trainStep(data.x, oneHot(data.y, CLASSES));
    expectTruth(engine, model, before);
    const during: number[] = [];
    const onBatchEnd = (): void => {
      expectTruth(engine, model, before);
      during.push(engine.memoryUsage.used);
    };
    const settled = engine.memoryUsage.used;
    await model.fit(data, { epochs: 2, batchSize: 20, onBatchEnd, validation: data });
    expectTruth(engine, model, before);
    expect(Math.min(...during)).toBeGreaterThan(settled);
    for (const batchSize of [1, 7, 50, 200]) {
      await model.evaluate(data, { batchSize });
      expectTruth(engine, model, before);
    }
    for (const rows of [1, 16, 17, 50]) {
      model.predict(data.x.subarray(0, rows * FEATURES));
      model.predict(new Uint8Array(rows * FEATURES));
      expectTruth(engine, model, before);
    }
    const after = engine.memoryUsage.used;
    await model.fit(data, { batchSize: 20 });
    expect(engine.memoryUsage.used).toBeLessThanOrEqual(after + 4096);
    model.dispose();
    expect(engine.memoryUsage.used).toBe(before);
    expect(model.memoryPlan.total).toBe(0);
    model.dispose();
    expect(engine.memoryUsage.used).toBe(before);
  });

  it("knows the parallel blocks by heart", async () => {
    const engine = await createEngine();
    const { parameters, gradients, state } = classifier(engine).memoryPlan;
    // 5·8, 8, 8·3 and 3 floats, each on cache lines of its own.
    expect(parameters).toBe(192 + 64 + 128 + 64);
    expect(gradients).toBe(parameters);
    // Two moments, and some lines for rates and counters.
    expect(state).toBeGreaterThan(2 * parameters);
    expect(state).toBeLessThanOrEqual(2 * parameters + 4 * 64);
  });

  it("does not grow when the same things are done again and again", async () => {
    const engine = await createEngine();
    const model = classifier(engine);
    const round = async (): Promise<number> => {
      for (let rows = 1; rows <= 20; rows++) {
        model.trainStep(data.x.subarray(0, rows * FEATURES), data.y.subarray(0, rows));
      }
      await model.fit(data, { validation: data });
      model.predict(data.x);
      await model.evaluate(data, { batchSize: 9 });
      return engine.memoryUsage.used;
    };
    await round();
    const settled = await round();
    const { reserved } = engine.memoryUsage;
    for (let i = 0; i < 5; i++) expect(await round()).toBe(settled);
    expect(engine.memoryUsage.reserved).toBe(reserved);
  });
});

/** Every region that is or has been handed out since it was made. */
function watchRegions(): { at: number; bytes: number }[] {
  const regions: { at: number; bytes: number }[] = [];
  const allocate = Object.getOwnPropertyDescriptor(Heap.prototype, "allocate")!.value as (
    this: Heap,
    bytes: number,
    what: string,
  ) => number;
  vi.spyOn(Heap.prototype, "allocate").mockImplementation(function (this: Heap, bytes, what) {
    const before = this.used;
    const at = allocate.call(this, bytes, what);
    regions.push({ at, bytes: this.used - before });
    return at;
  });
  return regions;
}

const PATTERN = 0x5a;

it("training writes nowhere but in the model's regions", async () => {
  const engine = await createEngine({ memory: new WebAssembly.Memory({ initial: 16 }) });
  const neighbour = engine.tensor([33]);
  const regions = watchRegions();
  const model = classifier(engine);
  const mine = regions.slice();
  const next = engine.tensor([77]);
  const bytes = new Uint8Array(engine.memory.buffer);
  const owned = new Uint8Array(bytes.length);
  for (const { at, bytes: length } of mine) owned.fill(1, at, at + length);
  bytes.forEach((_, i) => (bytes[i] = owned[i] ? bytes[i]! : PATTERN));
  const planned = regions.length;
  for (let i = 0; i < 4; i++) model.trainStep(data.x.subarray(0, 80), data.y.subarray(0, 16));
  expect(regions.length).toBe(planned);
  expect(bytes.findIndex((byte, i) => !owned[i] && byte !== PATTERN)).toBe(-1);

  // What is allocated on the way is the model's own as well.
  model.trainStep(data.x, oneHot(data.y, CLASSES));
  await model.fit(data, { epochs: 2, batchSize: 7, validation: data });
  await model.evaluate(data, { batchSize: 13 });
  model.predict(new Uint8Array(COUNT * FEATURES));
  const later = regions.slice(planned);
  expect(later.length).toBeGreaterThan(0);
  for (const { at, bytes: length } of later) owned.fill(1, at, at + length);
  expect(bytes.buffer).toBe(engine.memory.buffer);
  expect(bytes.findIndex((byte, i) => !owned[i] && byte !== PATTERN)).toBe(-1);
  for (const tensor of [neighbour, next]) {
    const { buffer, byteOffset, byteLength } = tensor.data;
    expect(new Uint8Array(buffer, byteOffset, byteLength).every((byte) => byte === PATTERN)).toBe(
      true,
    );
  }
});
