import { afterEach, expect, it, vi } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { ThreadError } from "../../src/index.ts";
import { classifier, engineOf } from "./fixtures.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

it("an engine notices that a worker has been ended, of which no event tells", async () => {
  const workers: Worker[] = [];
  const started = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  };
  vi.stubGlobal("Worker", started);
  const { train } = await loadDigits();
  const engine = await engineOf(3);
  const model = classifier(engine);
  await model.fit(train, { batchSize: 64 });
  const onBatchEnd = () => new Promise<void>((resolve) => setTimeout(resolve));
  const training = model.fit(train, { epochs: 10_000, batchSize: 64, onBatchEnd });
  workers[1]!.terminate();
  await expect(training).rejects.toThrow(ThreadError);
  // It may have been ended, which takes Chromium 2 seconds, in the middle of a part that was waited for.
  const { threads, notes } = engine.info;
  expect(threads).toBe(1);
  expect(notes.join()).toMatch(/^threads: 1, (thread 2 has ended|one of them takes too long)$/);
  await model.fit(train, { batchSize: 64 });
});
