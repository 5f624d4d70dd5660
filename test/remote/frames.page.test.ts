import { expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { trainInWorker } from "../../src/index.ts";
import { trainerUrl, until } from "./fixtures.ts";

function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

it("leaves the page its frames while a worker trains", async () => {
  const { train: data } = await loadDigits();
  const training = trainInWorker(trainerUrl, { data, epochs: 100_000 });
  const refused = expect(training.finished).rejects.toThrow();
  await until(() => training.progress.step > 0);
  const { step } = training.progress;
  for (let frame = 0; frame < 60; frame++) await nextFrame();
  expect(training.progress.step).toBeGreaterThan(step);
  training.abort();
  await refused;
});
