import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type EngineOptions, createEngine } from "../../src/index.ts";
import { compileBuild } from "../../src/wasm/build.ts";
import { hashOf } from "../model/golden.mjs";
import { classifier, engineOf, workerUrl } from "./fixtures.ts";
import { listWorkers } from "./list-workers.ts";

const workers = listWorkers();

const x = Float32Array.from({ length: 64 * 64 }, (_, i) => ((i * 7919) % 1009) / 1009);
const y = Int32Array.from({ length: 64 }, (_, i) => i % 10);

/** The weights after a step, for an engine with these options. */
async function trained(threads: number, options: EngineOptions = {}): Promise<string> {
  const model = classifier(await engineOf(threads, options));
  model.trainStep(x, y);
  return hashOf(model);
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("createEngine with threads", () => {
  it("tells what it runs on", async () => {
    const { info } = await engineOf(3);
    expect(info).toEqual({
      build: "threads",
      math: "strict",
      threads: 3,
      tile: expect.stringMatching(/^\d+x\d+$/) as string,
      revectorize: false,
      notes: [],
    });
    expect(workers).toHaveLength(2);
  });

  it("has a thread for every core that there is, if it is to choose", async () => {
    const { info } = await createEngine({ threads: "auto", workerUrl });
    expect(info.threads).toBeGreaterThanOrEqual(1);
    expect(info.threads).toBeLessThanOrEqual(availableParallelism());
    expect(workers).toHaveLength(info.threads - 1);
  });

  it("starts no worker for one thread", async () => {
    const { info } = await engineOf(1);
    expect(info).toMatchObject({ build: "strict", threads: 1, notes: [] });
    expect(workers).toHaveLength(0);
  });

  it.each([
    [
      { threads: 0 },
      RangeError,
      'expected threads to be a whole number from 1 to 32 or "auto", got 0',
    ],
    [
      { threads: -1 },
      RangeError,
      'expected threads to be a whole number from 1 to 32 or "auto", got -1',
    ],
    [
      { threads: 1.5 },
      RangeError,
      'expected threads to be a whole number from 1 to 32 or "auto", got 1.5',
    ],
    [
      { threads: 65 },
      RangeError,
      'expected threads to be a whole number from 1 to 32 or "auto", got 65',
    ],
    [
      { threads: 10_000 },
      RangeError,
      'expected threads to be a whole number from 1 to 32 or "auto", got 10000',
    ],
    [
      { threads: NaN },
      RangeError,
      'expected threads to be a whole number from 1 to 32 or "auto", got NaN',
    ],
    [
      { threads: "2" },
      RangeError,
      'expected threads to be a whole number from 1 to 32 or "auto", got "2"',
    ],
    [{ threads: 2, workerUrl: "w.js" }, TypeError, 'expected workerUrl to be a URL, got "w.js"'],
  ])("refuses %j before any worker starts", async (options, type, text) => {
    const engine = createEngine(options as EngineOptions);
    await expect(engine).rejects.toThrow(type);
    await expect(engine).rejects.toThrow(text);
    expect(workers).toHaveLength(0);
  });

  it("refuses a memory that is not shared, or has no room, before any worker starts", async () => {
    const alone = new WebAssembly.Memory({ initial: 1, maximum: 100 });
    await expect(createEngine({ threads: 2, memory: alone })).rejects.toThrow(
      new TypeError("createEngine: expected a shared memory for 2 threads, got one that is not"),
    );
    const [none, one, seven] = [0, 1, 7].map((maximum) => {
      return new WebAssembly.Memory({ initial: 0, maximum, shared: true });
    });
    for (const options of [
      { threads: 2, memory: none! },
      { threads: 2, memory: one! },
      { threads: 8, memory: seven! },
      { threads: 2, maximumBytes: 65536 },
    ]) {
      const engine = createEngine({ ...options, workerUrl });
      await expect(engine).rejects.toThrow(RangeError);
      await expect(engine).rejects.toThrow(/^threads: expected room for/);
    }
    expect(workers).toHaveLength(0);
    // Refused, a memory is not taken either, and a page for each thread is enough.
    expect((await engineOf(7, { memory: seven! })).info.threads).toBe(7);
  });

  it("refuses a module that is not the threads build", async () => {
    const module = await compileBuild("strict");
    await expect(createEngine({ threads: 2, workerUrl, module })).rejects.toThrow(
      "memory: expected a memory that is not shared for this build of gradlane, got a shared memory",
    );
    expect(workers).toHaveLength(0);
  });

  it("takes the threads build as a module, and a shared memory", async () => {
    const expected = await trained(1);
    const module = await compileBuild("threads");
    expect(await trained(2, { module })).toBe(expected);
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 100, shared: true });
    expect(await trained(2, { memory })).toBe(expected);
    const other = new WebAssembly.Memory({ initial: 2, maximum: 100, shared: true });
    expect(await trained(1, { memory: other })).toBe(expected);
  });

  it("has no relaxed math, and says so", async () => {
    const engine = await engineOf(2, { math: "relaxed" });
    expect(engine.info).toMatchObject({
      build: "threads",
      math: "strict",
      notes: ["math: strict, the only one with threads"],
    });
  });

  it("says why its workers' module cannot be had", async () => {
    const missing = new URL("nowhere.js", import.meta.url);
    await expect(createEngine({ threads: 3, workerUrl: missing })).rejects.toThrow(
      /^createEngine: expected thread \d to start, it has failed: Cannot find module/,
    );
    const empty = new URL("data:text/javascript,");
    await expect(createEngine({ threads: 2, workerUrl: empty })).rejects.toThrow(
      "createEngine: expected thread 1 to start, it has ended with exit code 0",
    );
  });

  it.each([
    ["SharedArrayBuffer", undefined],
    ["crossOriginIsolated", false],
  ])("has one thread where %s is %s, as in a page without isolation", async (name, value) => {
    vi.stubGlobal(name, value);
    const engine = await engineOf(4);
    expect(engine.info).toMatchObject({
      build: "strict",
      threads: 1,
      notes: [
        "threads: 1, there is no SharedArrayBuffer, for which a page has to be cross-origin isolated",
      ],
    });
    expect(workers).toHaveLength(0);
    const automatic = await createEngine({ threads: "auto" });
    expect(automatic.info.threads).toBe(1);
  });

  it("has one thread where Node's permissions are for no workers, and says so", async () => {
    const { href } = new URL("../../dist/index.js", import.meta.url);
    const program = `
      const { createEngine } = await import("${href}");
      const { threads, notes } = (await createEngine({ threads: 2 })).info;
      console.log(JSON.stringify({ threads, notes }));`;
    const isOld = parseInt(process.versions.node) < 24;
    const permissions = [isOld ? "--experimental-permission" : "--permission", "--allow-fs-read=*"];
    const args = ["--no-warnings", ...permissions, "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(JSON.parse(stdout)).toEqual({
      threads: 1,
      notes: [expect.stringMatching(/^threads: 1, expected thread 1 to start, .* restricted/)],
    });
  });

  it("ends its workers when it is disposed", async () => {
    const engine = await engineOf(4);
    classifier(engine).trainStep(x, y);
    const ends = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
    expect(ends).toHaveLength(3);
    engine.dispose();
    await Promise.all(ends);
  });

  it("leaves its models nothing to train in when it is disposed", async () => {
    const engine = await engineOf(3);
    const model = classifier(engine);
    model.trainStep(x, y);
    engine.dispose();
    expect(() => model.trainStep(x, y)).toThrow(
      "engine: expected a live engine, it has been disposed",
    );
    expect(engine.info).toMatchObject({ threads: 3, notes: [] });
  });

  it("grows its memory under the eyes of its threads", async () => {
    const engine = await engineOf(2);
    const other = await engineOf(1);
    const [model, twin] = [classifier(engine), classifier(other)];
    for (let i = 0; i < 5; i++) {
      for (const one of [engine, other]) one.tensor([300_000 * (i + 1)]).data.fill(i);
      for (const one of [model, twin]) one.trainStep(x, y);
      // Trained on after growth, in a region that was not there when the threads started.
      const [late, lateTwin] = [classifier(engine, i), classifier(other, i)];
      for (const one of [late, lateTwin]) one.trainStep(x, y);
      expect(await hashOf(late)).toBe(await hashOf(lateTwin));
    }
    expect(await hashOf(model)).toBe(await hashOf(twin));
  });

  it("keeps live views of parameters through growth", async () => {
    const engine = await engineOf(2);
    const [weight] = classifier(engine).parameters;
    weight!.data[0] = 42;
    const before = weight!.data;
    engine.tensor([1_000_000]);
    expect(weight!.data[0]).toBe(42);
    expect(before[0]).toBe(42);
    expect(weight!.data.buffer.byteLength).toBe(engine.memoryUsage.reserved);
  });

  it("gives each thread scratch of its own", async () => {
    const [one, two, four] = await Promise.all(
      [1, 2, 4].map(async (threads) => classifier(await engineOf(threads)).memoryPlan.scratch),
    );
    expect(two! - one!).toBeGreaterThan(50_000);
    expect(Math.abs(four! - one! - 3 * (two! - one!))).toBeLessThan(1024);
  });
});

it("the list of workers knows all that Node starts", () => {
  expect(process.getBuiltinModule("node:worker_threads").Worker).not.toBe(Worker);
});
