import { expect, inject, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { trainInWorker } from "../../src/index.ts";
import { weightsOf } from "../engine/fixtures.ts";
import { trainerUrl, until } from "../remote/fixtures.ts";
import { classifier, engineOf } from "../threads/fixtures.ts";

const isolated = inject("isolated");

it("is isolated from other origins if its headers ask for it", () => {
  expect(crossOriginIsolated).toBe(isolated);
  expect(typeof SharedArrayBuffer).toBe(isolated ? "function" : "undefined");
});

it("has an engine on two threads where it is isolated, else on one, which is told", async () => {
  const { threads, notes } = (await engineOf(2)).info;
  expect(threads).toBe(isolated ? 2 : 1);
  const told = expect.stringMatching(/^threads: 1, .* cross-origin isolated$/) as string;
  expect(notes).toEqual(isolated ? [] : [told]);
});

it("trains on them to the bits that one thread gives", async () => {
  const { train } = await loadDigits();
  const [expected, weights] = await Promise.all(
    [1, 2].map(async (threads) => {
      const model = classifier(await engineOf(threads));
      await model.fit(train, { epochs: 3, batchSize: 64 });
      return weightsOf(model);
    }),
  );
  expect(weights).toEqual(expected);
});

it("trains in a worker, on as many threads, and tells how far it is", async () => {
  const { train } = await loadDigits();
  const options = { data: train, epochs: 100_000, threads: 2, settings: { units: 192 } };
  const training = trainInWorker(trainerUrl, options);
  await until(() => training.progress.step > 100);
  training.abort();
  await expect(training.finished).rejects.toThrow();
  const { info } = await trainInWorker(trainerUrl, { ...options, epochs: 1 }).finished;
  expect(info.threads).toBe(isolated ? 2 : 1);
});
