import { expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { trainInWorker } from "../../src/index.ts";
import { trainerUrl } from "./fixtures.ts";

const { train } = await loadDigits();

it("trainInWorker rejects with what fit says of a loss that is not finite", async () => {
  const x = Float32Array.from(train.x.subarray(0, 320 * 64));
  x[300 * 64] = NaN;
  const told: number[] = [];
  const training = trainInWorker(trainerUrl, {
    data: { x, y: train.y.slice(0, 320) },
    epochs: 3,
    batchSize: 32,
    shuffle: false,
    onEpochEnd: ({ epoch }) => void told.push(epoch),
  });
  const error: unknown = await training.finished.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RangeError);
  expect((error as Error).message).toBe(
    "fit: expected a finite loss, got NaN in epoch 0, batch 9 (step 10); the model is as it was at " +
      "the last snapshot; checkFinite: true in compile finds the op",
  );
  expect(told).toEqual([]);
  await expect(training.weights()).rejects.toBe(error);
  // Nothing of a handle is left to reach: what it told last stays readable.
  expect(training.progress).toMatchObject({ epoch: 0, batch: 8, step: 9 });
  training.pause();
  training.resume();
  training.abort();
  expect(training.progress).toMatchObject({ epoch: 0, batch: 8, step: 9, paused: false });
});
