import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { ThreadError, type Model } from "../../src/index.ts";
import { hashOf } from "../model/golden.mjs";
import { classifier, engineOf, failing } from "./fixtures.ts";
import { listWorkers } from "./list-workers.ts";

const { train } = await loadDigits();
const [x, y] = [train.x.slice(0, 64 * 64), train.y.slice(0, 64)];

/** Long enough for any machine: what is tested here is that nothing hangs. */
const timeout = 60_000;

const workers = listWorkers();

/** Steps until one fails; the error. */
function stepUntilLost(model: Model): ThreadError {
  for (let step = 0; step < 1000; step++) {
    try {
      model.trainStep(x, y);
    } catch (error) {
      if (error instanceof ThreadError) return error;
      throw error;
    }
  }
  throw new Error("no thread was lost in 1000 steps");
}

describe("a step whose thread is lost", { timeout }, () => {
  it.each([
    ["before it", 2, 1],
    ["before it", 8, 5],
  ])(
    "says so when the worker was ended %s: %d threads, thread %d",
    async (_when, threads, thread) => {
      const engine = await engineOf(threads);
      const model = classifier(engine);
      model.trainStep(x, y);
      await workers[thread - 1]!.terminate();
      expect(() => model.trainStep(x, y)).toThrow(
        `threads: expected all threads to be running, thread ${thread} has ended with exit code 1; ` +
          "the engine continues with one thread",
      );
    },
  );

  it.each([2, 4])("says so when the worker ends meanwhile: %d threads", async (threads) => {
    const engine = await engineOf(threads);
    const model = classifier(engine);
    model.trainStep(x, y);
    // No event comes from here on: this thread is in WebAssembly, or waits for the other threads.
    void workers[0]!.terminate();
    expect(stepUntilLost(model).message).toContain(
      "expected all threads to be running, thread 1 has ended;",
    );
  });

  it.each([
    [2, 1, 1],
    [2, 1, 20],
    [3, 2, 50],
    [8, 3, 7],
  ])(
    "says so when a worker exits by itself: %d threads, thread %d",
    async (threads, thread, call) => {
      const engine = await engineOf(threads, { workerUrl: failing("exit", thread, call) });
      const error = stepUntilLost(classifier(engine));
      expect(error.message).toContain(
        `expected all threads to be running, thread ${thread} has ended;`,
      );
    },
  );

  it.each([
    [2, 1, 3],
    [8, 7, 40],
  ])("says so when a worker traps: %d threads, thread %d", async (threads, thread, call) => {
    const engine = await engineOf(threads, { workerUrl: failing("trap", thread, call) });
    const error = stepUntilLost(classifier(engine));
    expect(error).toBeInstanceOf(ThreadError);
    expect(error.name).toBe("ThreadError");
    expect(error.message).toMatch(
      new RegExp(
        `thread ${thread} has failed: RuntimeError: memory access out of bounds; the engine`,
      ),
    );
  });

  it("says why a worker failed though it has ended since", async () => {
    const engine = await engineOf(2, { workerUrl: failing("early", 1, 1) });
    const model = classifier(engine);
    await new Promise((resolve) => workers[0]!.once("exit", resolve));
    expect(() => model.trainStep(x, y)).toThrow("thread 1 has failed: Error: early; the engine");
  });

  it("says so when a worker runs out of memory", async () => {
    const script = fileURLToPath(new URL("hoarding-thread.mjs", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--max-old-space-size=100", script],
      { timeout },
    );
    expect(JSON.parse(stdout)).toEqual({
      name: "ThreadError",
      message: expect.stringContaining("thread 1 has ended;") as string,
      threads: 1,
    });
  });

  it("leaves one thread, which goes on", async () => {
    const engine = await engineOf(3, { workerUrl: failing("exit", 2, 10) });
    const model = classifier(engine);
    expect(engine.info).toMatchObject({ threads: 3, notes: [] });
    stepUntilLost(model);
    expect(engine.info).toMatchObject({ threads: 1, notes: ["threads: 1, thread 2 has ended"] });
    const [one, other] = [classifier(engine, 5), classifier(await engineOf(1), 5)];
    for (let i = 0; i < 20; i++) expect(one.trainStep(x, y)).toBe(other.trainStep(x, y));
    expect(await hashOf(one)).toBe(await hashOf(other));
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  it("ends the other workers", async () => {
    const engine = await engineOf(4, { workerUrl: failing("exit", 1, 5) });
    const ends = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
    stepUntilLost(classifier(engine));
    await Promise.all(ends);
  });
});

describe("a fit whose thread is lost", { timeout }, () => {
  const options = { batchSize: 64 };
  /** Epochs that last until it is noticed: a thread that has taken no part of a step is not missed. */
  const long = 500;

  it("goes back to the end of the last epoch, from where another goes on", async () => {
    const model = classifier(await engineOf(2));
    const hashes: string[] = [];
    const interrupted = model.fit(train, {
      ...options,
      epochs: long,
      async onEpochEnd() {
        hashes.push(await hashOf(model));
      },
      onBatchEnd({ epoch, batch }) {
        if (epoch === 2 && batch === 7) void workers[0]!.terminate();
      },
    });
    await expect(interrupted).rejects.toThrow(ThreadError);
    expect(hashes.length).toBeGreaterThanOrEqual(2);
    expect(await hashOf(model)).toBe(hashes.at(-1));
    await model.fit(train, { ...options, epochs: 2 });
    const whole = classifier(await engineOf(1));
    await whole.fit(train, { ...options, epochs: hashes.length + 2 });
    expect(await hashOf(model)).toBe(await hashOf(whole));
  });

  it("goes back to its beginning in the first epoch", async () => {
    const model = classifier(await engineOf(2, { workerUrl: failing("exit", 1, 4) }));
    const before = await hashOf(model);
    // 899 steps: in the 23 of the digits, a thread whose core is busy takes no fourth part.
    const many = {
      x: Float32Array.from({ length: 40 * train.x.length }, (_, i) => train.x[i % train.x.length]!),
      y: Int32Array.from({ length: 40 * train.y.length }, (_, i) => train.y[i % train.y.length]!),
    };
    await expect(model.fit(many, options)).rejects.toThrow(ThreadError);
    expect(await hashOf(model)).toBe(before);
  });

  it("goes back to the last snapshot on request, and no further", async () => {
    const model = classifier(await engineOf(2));
    let last: Promise<string> | undefined;
    const note = (): void => {
      last = hashOf(model);
    };
    const interrupted = model.fit(train, {
      ...options,
      epochs: long,
      snapshotSteps: 5,
      onEpochEnd: note,
      onBatchEnd({ batch, step }) {
        if ((batch + 1) % 5 === 0) note();
        if (step === 13) void workers[0]!.terminate();
      },
    });
    await expect(interrupted).rejects.toThrow(ThreadError);
    expect(last).toBeDefined();
    expect(await hashOf(model)).toBe(await last);
  });

  it.each([...Array(12).keys()])("whenever that is: %d", async (i) => {
    const threads = [2, 3, 5][i % 3]!;
    const whole = classifier(await engineOf(1));
    await whole.fit(train, { ...options, epochs: 2 });
    const model = classifier(await engineOf(threads));
    const left = { epochs: 2 };
    const onEpochEnd = (): number => left.epochs--;
    // The timer comes between two steps, and ends the worker in the middle of a later one.
    const timer = setTimeout(() => void workers.at(-1)!.terminate(), 3 * i);
    try {
      await model.fit(train, { ...options, epochs: 2, onEpochEnd, onBatchEnd: nextTask });
    } catch (error) {
      expect(error).toBeInstanceOf(ThreadError);
      await model.fit(train, { ...options, ...left });
    }
    clearTimeout(timer);
    expect(await hashOf(model)).toBe(await hashOf(whole));
  });

  it("refuses snapshots that are no number of steps", async () => {
    const model = classifier(await engineOf(1));
    for (const snapshotSteps of [0, -1, 1.5]) {
      await expect(model.fit(train, { snapshotSteps })).rejects.toThrow(
        `fit: expected snapshotSteps to be a whole number from 1 on, got ${snapshotSteps}`,
      );
    }
  });
});

function nextTask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
