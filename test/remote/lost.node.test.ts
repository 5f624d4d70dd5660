import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { trainInWorker } from "../../src/index.ts";
import { trainerUrl, until } from "./fixtures.ts";

// The web does not tell of a worker that has ended.
it("trainInWorker says when the worker has ended", async () => {
  const { train: data } = await loadDigits();
  const worker = new Worker(trainerUrl);
  const training = trainInWorker(worker, { data, epochs: 100_000 });
  const refused = expect(training.finished).rejects.toThrow(
    "trainInWorker: expected the worker to train, it has ended with exit code 1",
  );
  await until(() => training.progress.step > 0);
  await worker.terminate();
  await refused;
});
