import { afterEach, describe, expect, it, vi } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { adam, createEngine, crossEntropy, dense, sequential } from "../../src/index.ts";
import { type Callback, serveTraining, trainInWorker } from "../../src/index.ts";
import { pause, startTrainer, trainerUrl, until } from "./fixtures.ts";

const { train, test } = await loadDigits();
const data = train;

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Returns the weights of the same training here, at its end or after some steps. */
async function trainedHere(units: number, epochs: number, steps = Infinity): Promise<Uint8Array> {
  const engine = await createEngine();
  const model = engine.compile(sequential([dense(units, { activation: "relu" }), dense(10)]), {
    inputShape: [64],
    loss: crossEntropy(),
    optimizer: adam(),
  });
  const limit: Callback = {
    onBatchEnd({ step }, context) {
      if (step === steps) context.stop();
    },
  };
  await model.fit(train, { epochs, batchSize: 32, callbacks: [limit] });
  return model.toSafetensors();
}

describe("trainInWorker", () => {
  it.each([1, 3])("trains to the weights of a fit here, on %d threads", async (threads) => {
    const options = { data, epochs: 3, batchSize: 32, threads, settings: { units: 192 } };
    const { weights, history, info } = await trainInWorker(trainerUrl, options).finished;
    expect(weights).toEqual(await trainedHere(192, 3));
    expect(info.threads).toBe(threads);
    expect(history.epochs.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
  });

  it("prints how far it is, and what it has come to", async () => {
    const options = { data, epochs: 2, batchSize: 512, settings: { units: 8 } };
    const training = trainInWorker(trainerUrl, options);
    expect(String(training)).toBe("RemoteTraining(under way)");
    const { history } = await training.finished;
    const loss = Number(training.progress.loss.toPrecision(4));
    expect(String(training)).toBe(`RemoteTraining(epoch 1, batch 2 of 3, loss ${loss}, ended)`);
    expect(String(history)).toBe("History(2 epochs)");
  });

  it.each(["shared", "told"])("tells of each epoch and of progress: %s", async (how) => {
    if (how === "told") vi.stubGlobal("SharedArrayBuffer", undefined);
    const epochs: unknown[] = [];
    const validation = test;
    const options = { data, validation, epochs: 2, batchSize: 100 };
    const training = trainInWorker(trainerUrl, {
      ...options,
      onEpochEnd: (epoch) => epochs.push(epoch),
    });
    expect(training.progress).toEqual({
      ...{ epoch: -1, batch: -1, batches: 0, step: 0, loss: NaN, paused: false },
    });
    const { history } = await training.finished;
    expect(epochs).toEqual(history.epochs);
    expect(history.epochs[1]).toMatchObject({ validationAccuracy: expect.any(Number) as number });
    const { loss, ...progress } = training.progress;
    if (how === "shared") {
      expect(progress).toEqual({ epoch: 1, batch: 14, batches: 15, step: 30, paused: false });
      expect(loss).toBeGreaterThan(0);
    }
  });

  it.each(["shared", "told"])("pauses, and goes on as if it had not: %s", async (how) => {
    if (how === "told") vi.stubGlobal("SharedArrayBuffer", undefined);
    const training = trainInWorker(trainerUrl, { data, epochs: 800, batchSize: 32 });
    await until(() => training.progress.step > 0);
    training.pause();
    await until(() => training.progress.paused);
    const { step } = training.progress;
    await pause(300);
    expect(training.progress.step).toBe(step);
    expect(step).toBeLessThan(800 * 45);
    training.resume();
    await until(() => !training.progress.paused);
    expect((await training.finished).weights).toEqual(await trainedHere(32, 800));
  });

  it("gives the weights of the step that it has come to, and changes nothing by it", async () => {
    const training = trainInWorker(trainerUrl, { data, epochs: 800, batchSize: 32 });
    const first = await training.weights();
    await until(() => training.progress.step > 0);
    training.pause();
    await until(() => training.progress.paused);
    const [one, other] = await Promise.all([training.weights(), training.weights()]);
    expect(one).toEqual(await trainedHere(32, 800, training.progress.step));
    expect(other).toEqual(one);
    expect(first).not.toEqual(one);
    training.resume();
    const { weights } = await training.finished;
    expect(weights).toEqual(await trainedHere(32, 800));
    expect(await training.weights()).toBe(weights);
  });

  it("answers who waits for weights when it ends, well or not", async () => {
    const worker = startTrainer();
    const short = trainInWorker(worker, { data });
    const asked = [short.weights(), short.finished.then(({ weights }) => weights)];
    const [early, last] = await Promise.all(asked);
    expect(early).toHaveLength(last!.length);
    const reason = new Error("enough");
    const long = trainInWorker(worker, { data, epochs: 100_000 });
    await until(() => long.progress.step > 0);
    long.abort(reason);
    await expect(long.finished).rejects.toBe(reason);
    await expect(long.weights()).rejects.toBe(reason);
    const wrong = trainInWorker(worker, { data, settings: { units: 0 } });
    const both = [wrong.weights(), wrong.finished];
    for (const outcome of await Promise.allSettled(both)) {
      expect(outcome).toMatchObject({ reason: { name: "RangeError" } });
    }
    void worker.terminate();
  });

  it.each([false, true])("ends when it is aborted, paused: %s", async (paused) => {
    const reason = new Error("enough");
    for (const worker of [trainerUrl, startTrainer()]) {
      const training = trainInWorker(worker, { data, epochs: 100_000 });
      const refused = expect(training.finished).rejects.toBe(reason);
      await until(() => training.progress.step > 0);
      if (paused) training.pause();
      training.abort(reason);
      await refused;
      if (!(worker instanceof URL)) void worker.terminate();
    }
  });

  it("ends when it is aborted before its planner has a plan, and trains another", async () => {
    const worker = startTrainer();
    for (const settings of [{ fails: "never" }, { fails: "never" }]) {
      const training = trainInWorker(worker, { data, settings });
      training.abort("enough");
      await expect(training.finished).rejects.toBe("enough");
    }
    expect((await trainInWorker(worker, { data }).finished).history.epochs).toHaveLength(1);
    void worker.terminate();
  });

  it("ends when its signal says so, before it starts or later", async () => {
    const early = trainInWorker(trainerUrl, { data, signal: AbortSignal.abort("no") });
    await expect(early.finished).rejects.toBe("no");
    const controller = new AbortController();
    const { signal } = controller;
    const training = trainInWorker(trainerUrl, { data, epochs: 100_000, signal });
    const refused = expect(training.finished).rejects.toBe("later");
    await until(() => training.progress.step > 0);
    controller.abort("later");
    await refused;
  });

  it("ends when it is paused after it has been aborted", async () => {
    const worker = startTrainer();
    const settings = { stepMs: 20 };
    const training = trainInWorker(worker, { data, settings, epochs: 100_000 });
    const refused = expect(training.finished).rejects.toBe("enough");
    await until(() => training.progress.step > 0);
    // The worker waits for the plan's callback, and hears both before it goes on.
    training.abort("enough");
    training.pause();
    await refused;
    void worker.terminate();
  });

  it("goes on from weights, and takes data of the worker's own", async () => {
    const settings = { loads: true };
    const first = await trainInWorker(trainerUrl, { settings, epochs: 2 }).finished;
    const next = await trainInWorker(trainerUrl, { data, weights: first.weights }).finished;
    expect(next.history.epochs[0]!.loss).toBeLessThan(first.history.epochs[1]!.loss);
  });

  it("uses a worker of the caller's, one training after the other", async () => {
    const worker = startTrainer();
    const heard: number[] = [];
    for (const seed of [1, 2]) {
      const onEpochEnd = (): number => heard.push(seed);
      await trainInWorker(worker, { data, onEpochEnd }).finished;
    }
    expect(heard).toEqual([1, 2]);
    void worker.terminate();
  });

  it("does nothing more to a worker that is on to another training", async () => {
    const worker = startTrainer();
    const controller = new AbortController();
    const first = trainInWorker(worker, { data, signal: controller.signal });
    await first.finished;
    const second = trainInWorker(worker, { data, epochs: 200 });
    await until(() => second.progress.step > 0);
    first.pause();
    first.abort();
    controller.abort();
    expect((await second.finished).history.epochs).toHaveLength(200);
    void worker.terminate();
  });

  it("refuses a worker that trains, until that has finished", async () => {
    const worker = startTrainer();
    const training = trainInWorker(worker, { data, epochs: 2 });
    expect(() => trainInWorker(worker, { data })).toThrow(
      "trainInWorker: expected a worker that trains nothing, a training is under way",
    );
    expect((await training.finished).history.epochs).toHaveLength(2);
    expect((await trainInWorker(worker, { data }).finished).history.epochs).toHaveLength(1);
    void worker.terminate();
  });

  it("says what is wrong with what the worker is given", async () => {
    const short = { x: data.x, y: data.y.slice(1) };
    await expect(trainInWorker(trainerUrl, { data: short }).finished).rejects.toThrow(RangeError);
    const many = data.y.length + 1;
    await expect(trainInWorker(trainerUrl, { data, batchSize: many }).finished).rejects.toThrow(
      /^fit: expected batchSize of at most \d+, the examples, got /,
    );
    await expect(trainInWorker(trainerUrl).finished).rejects.toThrow(
      "serveTraining: expected data of the page or of the plan, got none",
    );
    const settings = { units: 0 };
    await expect(trainInWorker(trainerUrl, { data, settings }).finished).rejects.toThrow(
      /^dense: expected units to be a whole number from 1 on, got 0$/,
    );
  });

  it("says when the worker has never come", async () => {
    const missing = new URL("nowhere.mjs", import.meta.url);
    await expect(trainInWorker(missing, { data }).finished).rejects.toThrow(
      /^trainInWorker: expected the worker to train, it has failed: .*module/,
    );
  });

  it("refuses what it cannot pass on", () => {
    const wrong = (worker: unknown, options?: object) => () =>
      trainInWorker(worker as URL, options);
    expect(wrong("trainer.mjs")).toThrow(
      'trainInWorker: expected a worker or the URL of its module, got "trainer.mjs"',
    );
    expect(wrong(trainerUrl, { callbacks: [] })).toThrow(
      /^trainInWorker: expected options .*"callbacks"$/,
    );
    expect(wrong(trainerUrl, [])).toThrow(TypeError);
    for (const threads of [0, -1, 1.5, 10_000, "2"]) {
      expect(wrong(trainerUrl, { threads })).toThrow(RangeError);
      expect(wrong(trainerUrl, { threads })).toThrow("trainInWorker: expected threads to be a ");
    }
  });
});

describe("serveTraining", () => {
  it("says so on a thread that is no worker", () => {
    expect(() => {
      serveTraining(() => Promise.reject(new Error("not called")));
    }).toThrow("serveTraining: expected to be called in a worker, this is none");
  });
});
