import { expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { adam, createEngine, crossEntropy, dense, sequential } from "../../src/index.ts";
import { trainInWorker } from "../../src/index.ts";
import { trainerUrl, until } from "./fixtures.ts";

const { train: data } = await loadDigits();
const every = { data, batchSize: 32, includeOptimizer: true };

/** Makes the model that the worker trains. */
async function sameModel() {
  const engine = await createEngine();
  return engine.compile(sequential([dense(32, { activation: "relu" }), dense(10)]), {
    inputShape: [64],
    loss: crossEntropy(),
    optimizer: adam(),
  });
}

it("goes on from a checkpoint to the same bits as if training had not stopped", async () => {
  const steady = await trainInWorker(trainerUrl, { ...every, epochs: 5 }).finished;
  const { weights: checkpoint } = await trainInWorker(trainerUrl, { ...every, epochs: 2 }).finished;
  const rest = trainInWorker(trainerUrl, { ...every, checkpoint, epochs: 3 });
  expect((await rest.finished).weights).toEqual(steady.weights);
  expect(await rest.weights()).toEqual(steady.weights);
  const model = await sameModel();
  await model.fit(data, { epochs: 5, batchSize: 32 });
  expect(await model.toSafetensors({ includeOptimizer: true })).toEqual(steady.weights);
});

it("goes on from a training that is under way as a model does that loads its file", async () => {
  const training = trainInWorker(trainerUrl, { ...every, epochs: 100_000 });
  const refused = expect(training.finished).rejects.toThrow();
  await until(() => training.progress.step > 0);
  training.pause();
  await until(() => training.progress.paused);
  const checkpoint = await training.weights();
  training.abort();
  await refused;
  const { weights } = await trainInWorker(trainerUrl, { data, batchSize: 32, checkpoint }).finished;
  const model = await sameModel();
  await model.fromSafetensors(checkpoint, { includeOptimizer: true });
  await model.fit(data, { batchSize: 32 });
  expect(weights).toEqual(await model.toSafetensors());
});

it("refuses weights and a checkpoint at once, and one without an optimizer's state", async () => {
  const weights = await (await sameModel()).toSafetensors();
  expect(() => trainInWorker(trainerUrl, { data, weights, checkpoint: weights })).toThrow(
    "trainInWorker: expected weights or a checkpoint to start from, got both",
  );
  await expect(trainInWorker(trainerUrl, { data, checkpoint: weights }).finished).rejects.toThrow(
    "checkpoint: expected an optimizer's state beside the weights, got none",
  );
});
