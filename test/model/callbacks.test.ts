import { describe, expect, it } from "vitest";
import { type BatchEnd, type EpochEnd, createEngine } from "../../src/index.ts";
import { floats, weightsOf } from "../engine/fixtures.ts";
import { COUNT, FEATURES, classifier, data } from "./networks.ts";

const engine = await createEngine();

/** Returns the weights after a fit of two epochs without callbacks. */
async function undisturbed(): Promise<Uint32Array> {
  const model = classifier(engine);
  await model.fit(data, { epochs: 2 });
  return weightsOf(model);
}

describe("callbacks of fit", () => {
  it("are told of every batch and epoch, in order", async () => {
    const model = classifier(engine);
    const batches: BatchEnd[] = [];
    const epochs: EpochEnd[] = [];
    const history = await model.fit(data, {
      epochs: 2,
      validation: data,
      onBatchEnd: (batch) => void batches.push(batch),
      onEpochEnd: (epoch) => void epochs.push(epoch),
    });
    expect(
      batches.map(({ epoch, batch, batches, step, size }) => [epoch, batch, batches, step, size]),
    ).toEqual([
      [0, 0, 4, 1, 16],
      [0, 1, 4, 2, 16],
      [0, 2, 4, 3, 16],
      [0, 3, 4, 4, 2],
      [1, 0, 4, 5, 16],
      [1, 1, 4, 6, 16],
      [1, 2, 4, 7, 16],
      [1, 3, 4, 8, 2],
    ]);
    expect(history.epochs).toEqual(epochs);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([0, 1]);
    epochs.forEach(({ loss, accuracy, seconds }, i) => {
      const own = batches.filter(({ epoch }) => epoch === i);
      const mean = own.reduce((sum, batch) => sum + batch.loss * batch.size, 0) / COUNT;
      expect(loss).toBeCloseTo(mean, 12);
      expect((accuracy! * COUNT) % 1).toBeCloseTo(0, 9);
      // A browser's clock may tick once a millisecond, which a short epoch does not last.
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(seconds).toBeLessThan(60);
    });
  });

  it("say nothing of accuracy and validation where there is none", async () => {
    const model = classifier(engine, { metrics: [] });
    const { epochs } = await model.fit(data);
    expect(Object.keys(epochs[0]!).sort()).toEqual(["epoch", "loss", "seconds"]);
  });

  it("see as validation what evaluate gives", async () => {
    const model = classifier(engine);
    const other = { x: floats(20 * FEATURES, 8), y: data.y.subarray(0, 20) };
    const seen: unknown[] = [];
    const { epochs } = await model.fit(data, {
      epochs: 3,
      validation: other,
      onEpochEnd: async () => void seen.push(await model.evaluate(other)),
    });
    expect(
      epochs.map(({ validationLoss, validationAccuracy }) => ({
        loss: validationLoss,
        accuracy: validationAccuracy,
      })),
    ).toEqual(seen);
  });

  it("are waited for where they are asynchronous", async () => {
    const model = classifier(engine);
    let running = 0;
    let most = 0;
    let calls = 0;
    const slow = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
      calls++;
    };
    await model.fit(data, { epochs: 2, onBatchEnd: slow, onEpochEnd: slow });
    expect([most, running, calls]).toEqual([1, 0, 10]);
    expect(weightsOf(model)).toEqual(await undisturbed());
  });

  it("may evaluate and predict with other batch sizes, without a change to the training", async () => {
    const model = classifier(engine);
    let rows = 1;
    await model.fit(data, {
      epochs: 2,
      onBatchEnd: async () => {
        rows += 6;
        await model.evaluate(data, { batchSize: rows });
        model.predict(floats(rows * FEATURES, 1));
      },
    });
    expect(weightsOf(model)).toEqual(await undisturbed());
  });

  it("are waited for where they give what can be awaited and is no promise", async () => {
    const model = classifier(engine);
    const events: string[] = [];
    const hook = (name: string) => (): unknown => ({
      then(fulfil: () => void) {
        events.push(`${name} starts`);
        setTimeout(() => {
          events.push(`${name} ends`);
          fulfil();
        }, 2);
      },
    });
    const callback = { onTrainBegin: hook("begin"), onTrainEnd: hook("end") };
    const [onBatchEnd, onEpochEnd] = [hook("batch"), hook("epoch")];
    const options = { batchSize: COUNT, callbacks: [callback, { onBatchEnd: hook("first") }] };
    await model.fit(data, { ...options, onBatchEnd, onEpochEnd });
    const names = ["begin", "first", "batch", "epoch", "end"];
    expect(events).toEqual(names.flatMap((name) => [`${name} starts`, `${name} ends`]));
  });

  it.each(["onTrainBegin", "onBatchEnd", "onEpochEnd", "onTrainEnd"] as const)(
    "pass on what %s throws, whatever it is",
    async (name) => {
      const model = classifier(engine);
      const error = new Error("from the callback");
      for (const thrown of [error, undefined, null, "enough", 0] as unknown[]) {
        let calls = 0;
        const fails: readonly (() => unknown)[] = [
          () => {
            throw thrown;
          },
          async () => {
            await Promise.resolve();
            throw thrown;
          },
          () => ({ then: (_: unknown, reject: (reason: unknown) => void) => void reject(thrown) }),
        ];
        for (const fail of fails) {
          const callback = { [name]: () => (calls++, fail()) };
          const reason = model.fit(data, { epochs: 2, callbacks: [callback] }).then(
            () => ["nothing"],
            (reason: unknown) => [reason],
          );
          expect(await reason).toEqual([thrown]);
        }
        expect(calls).toBe(fails.length);
      }
      expect((await model.fit(data)).epochs).toHaveLength(1);
    },
  );

  it.each(["onBatchEnd", "onEpochEnd"] as const)("pass on what %s throws", async (name) => {
    const model = classifier(engine);
    const { used } = engine.memoryUsage;
    const thrown = new Error("from the callback");
    const throws = (): void => {
      throw thrown;
    };
    await expect(model.fit(data, { [name]: throws })).rejects.toBe(thrown);
    await expect(model.fit(data, { [name]: () => Promise.reject(thrown) })).rejects.toBe(thrown);
    const after = weightsOf(model);
    expect((await model.fit(data)).epochs.length).toBe(1);
    expect(weightsOf(model)).not.toEqual(after);
    model.dispose();
    expect(engine.memoryUsage.used).toBeLessThan(used);
  });
});

describe("an abort signal", () => {
  it("that is aborted before leaves everything as it was", async () => {
    const model = classifier(engine);
    const before = weightsOf(model);
    const { used } = engine.memoryUsage;
    const reason = new Error("not wanted any more");
    const signal = AbortSignal.abort(reason);
    await expect(model.fit(data, { signal })).rejects.toBe(reason);
    expect(weightsOf(model)).toEqual(before);
    expect(engine.memoryUsage.used).toBe(used);
  });

  it("ends training after the step at hand, whose weights stay", async () => {
    const model = classifier(engine);
    const controller = new AbortController();
    let last: Uint32Array | undefined;
    const onBatchEnd = ({ step }: BatchEnd): void => {
      last = weightsOf(model);
      if (step === 6) controller.abort();
      expect(step).toBeLessThanOrEqual(6);
    };
    const { signal } = controller;
    await expect(model.fit(data, { epochs: 9, onBatchEnd, signal })).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    );
    expect(weightsOf(model)).toEqual(last);
    expect((await model.fit(data)).epochs.length).toBe(1);
  });

  it("from the end of an epoch keeps that epoch's weights", async () => {
    const model = classifier(engine);
    const controller = new AbortController();
    const onEpochEnd = ({ epoch }: EpochEnd): void => {
      if (epoch === 1) controller.abort();
    };
    const fit = model.fit(data, { epochs: 9, onEpochEnd, signal: controller.signal });
    await expect(fit).rejects.toThrow();
    expect(weightsOf(model)).toEqual(await undisturbed());
  });

  it("has its turn in a long training without callbacks", async () => {
    const model = classifier(engine);
    const signal = AbortSignal.timeout(100);
    const fit = model.fit(data, { epochs: 10_000_000, signal });
    await expect(fit).rejects.toThrow(expect.objectContaining({ name: "TimeoutError" }));
  });
});

describe("dispose during fit", () => {
  it.each(["onBatchEnd", "onEpochEnd"] as const)(
    "in %s ends it and touches nothing",
    async (name) => {
      const own = await createEngine();
      const model = classifier(own);
      const free = own.memoryUsage.used - model.memoryPlan.total;
      const pattern = 123456;
      let neighbour: { readonly data: Float32Array } | undefined;
      const dispose = (): void => {
        if (neighbour) return;
        model.dispose();
        expect(own.memoryUsage.used).toBe(free);
        // Takes the places that the model has given back.
        const tensor = own.tensor([own.memoryUsage.reserved / 4 - free / 4 - 32]);
        tensor.data.fill(pattern);
        neighbour = tensor;
      };
      const fit = model.fit(data, { epochs: 3, validation: data, [name]: dispose });
      await expect(fit).rejects.toThrow(/^model: expected a live model, it has been disposed$/);
      expect(neighbour!.data.every((value) => value === pattern)).toBe(true);
      expect(own.memoryUsage.used).toBeGreaterThan(free);
    },
  );
});
