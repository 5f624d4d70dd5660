import { execFile } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { trainInWorker } from "../../src/index.ts";
import { listWorkers } from "../threads/list-workers.ts";
import { trainerUrl, until } from "./fixtures.ts";

const { train: data } = await loadDigits();
const workers = listWorkers();

// The web does not tell of a worker that has ended, nor who listens to it.
it("trainInWorker says when the worker has ended", async () => {
  const worker = new Worker(trainerUrl);
  const training = trainInWorker(worker, { data, epochs: 100_000 });
  const refused = expect(training.finished).rejects.toThrow(
    "trainInWorker: expected the worker to train, it has ended with exit code 1",
  );
  await until(() => training.progress.step > 0);
  await worker.terminate();
  await refused;
  expect(() => trainInWorker(worker, { data })).toThrow(
    "trainInWorker: expected a worker that trains nothing, it has ended",
  );
});

it("an abort ends a worker started here, whatever it is doing", async () => {
  const busy = new URL("data:text/javascript,for%20(;;);");
  const training = trainInWorker(busy, { data });
  training.abort("enough");
  await expect(training.finished).rejects.toBe("enough");
  await once(workers.at(-1)!, "exit");
});

it("trainInWorker leaves no listeners at the caller's worker and signal", async () => {
  const worker = new Worker(trainerUrl);
  const { signal } = new AbortController();
  const listeners = (): number =>
    worker.eventNames().reduce((sum, event) => sum + worker.listenerCount(event), 0) +
    getEventListeners(signal, "abort").length;
  const before = listeners();
  const training = trainInWorker(worker, { data, signal });
  expect(listeners()).toBeGreaterThan(before);
  await training.finished;
  expect(listeners()).toBe(before);
  const settings = { call: () => "a function cannot be sent" };
  expect(() => trainInWorker(worker, { data, signal, settings })).toThrow("could not be cloned");
  expect(listeners()).toBe(before);
  await worker.terminate();
});

it("trainInWorker ends the worker that it has started for what cannot be sent", async () => {
  const settings = { call: () => "a function cannot be sent" };
  expect(() => trainInWorker(trainerUrl, { data, settings })).toThrow("could not be cloned");
  expect(workers).toHaveLength(1);
  await once(workers[0]!, "exit");
});

it("trainInWorker takes no notice of what else the worker says", async () => {
  const worker = new Worker(trainerUrl);
  const training = trainInWorker(worker, { data });
  for (const message of ["hello", null, undefined, { kind: "other" }]) {
    worker.emit("message", message);
  }
  expect((await training.finished).history.epochs).toHaveLength(1);
  await worker.terminate();
});

it("trainInWorker says when what the worker has sent cannot be read", async () => {
  const worker = new Worker(trainerUrl);
  const training = trainInWorker(worker, { data, epochs: 100_000 });
  worker.emit("messageerror", new Error("no memory for it"));
  await expect(training.finished).rejects.toThrow(
    "trainInWorker: expected the worker to train, it has sent what cannot be read",
  );
  await worker.terminate();
});

it("a worker says when the order cannot be read", async () => {
  const { href } = new URL("../../dist/index.js", import.meta.url);
  const text = `
    import { parentPort } from "node:worker_threads";
    import { serveTraining } from "${href}";
    serveTraining(() => new Promise(() => {}));
    parentPort.onmessage = () => parentPort.onmessageerror();`;
  const worker = new URL(`data:text/javascript,${encodeURIComponent(text)}`);
  await expect(trainInWorker(worker, { data }).finished).rejects.toThrow(
    "serveTraining: expected an order that can be read, got another",
  );
});

it("a process ends by itself when onEpochEnd has rejected", async () => {
  const script = fileURLToPath(new URL("fail-epoch.mjs", import.meta.url));
  const limit = { timeout: 60_000 };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], limit);
  expect([stdout, stderr]).toEqual(["true\n", ""]);
});
