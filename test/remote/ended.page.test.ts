import { expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { trainInWorker } from "../../src/index.ts";
import { startTrainer, until } from "./fixtures.ts";

it("trainInWorker says when the worker has been ended, of which no event tells", async () => {
  const { train: data } = await loadDigits();
  const worker = startTrainer();
  const first = trainInWorker(worker, { data });
  await first.finished;
  const training = trainInWorker(worker, { data, epochs: 100_000 });
  const weights = until(() => training.progress.step > 0).then(() => {
    void worker.terminate();
    return training.weights();
  });
  const expected = "trainInWorker: expected the worker to train, it has ended";
  await Promise.all([
    expect(training.finished).rejects.toThrow(expected),
    expect(weights).rejects.toThrow(expected),
  ]);
});
