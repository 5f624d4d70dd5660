import { describe, expect, it } from "vitest";
import { type Callback, earlyStopping, learningRateLog } from "../../src/index.ts";
import { Callbacks, type TrainedModel } from "../../src/training/callbacks.ts";
import { noSaving } from "./no-saving.ts";
import { wrong } from "../engine/fixtures.ts";

/** A model of one weight and one running mean, both of which count epochs. */
function fakeModel(): TrainedModel & { count(epoch: number): void } {
  const weight = new Float32Array(3);
  const running = new Float32Array(2);
  return {
    parameters: [{ name: "dense1.weight", data: weight }],
    buffers: [{ name: "batchNorm1.mean", data: running }],
    learningRate: 0.1,
    count(epoch) {
      weight.fill(epoch);
      running.fill(-epoch);
    },
  };
}

/** Imitates fit with given results instead of training; returns the epochs that were run. */
async function fakeFit(
  callbacks: readonly Callback[],
  results: readonly Readonly<Record<string, number>>[],
  model = fakeModel(),
): Promise<number> {
  const hooks = new Callbacks(callbacks, model, noSaving);
  const epochs: { epoch: number; loss: number; seconds: number }[] = [];
  await hooks.trainBegin();
  for (const [epoch, result] of results.entries()) {
    for (let batch = 0; batch < 2 && !hooks.stopped; batch++) {
      const step = 2 * epoch + batch + 1;
      model.learningRate = 1 / step;
      await hooks.batchEnd({ epoch, batch, batches: 2, step, loss: 0, size: 1 });
    }
    model.count(epoch + 1);
    epochs.push({ epoch, loss: 0, seconds: 0, ...result });
    await hooks.epochEnd(epochs.at(-1)!);
    if (hooks.stopped) break;
  }
  await hooks.trainEnd({ epochs });
  return epochs.length;
}

const validation = (...losses: number[]) => losses.map((loss) => ({ validationLoss: loss }));

describe("earlyStopping", () => {
  it("stops after `patience` epochs without improvement and restores the best", async () => {
    const model = fakeModel();
    const stopping = earlyStopping({ patience: 2 });
    const run = await fakeFit([stopping], validation(5, 3, 4, 3, 1, 0), model);
    expect(run).toBe(4);
    expect([stopping.best, stopping.bestEpoch, stopping.stoppedEpoch]).toEqual([3, 1, 3]);
    expect([...model.parameters[0]!.data]).toEqual([2, 2, 2]);
    expect([...model.buffers![0]!.data]).toEqual([-2, -2]);
  });

  it.each([
    [0, 2],
    [1, 2],
    [3, 4],
  ])("with patience %d runs %d epochs of no improvement", async (patience, epochs) => {
    expect(await fakeFit([earlyStopping({ patience })], validation(1, 1, 1, 1, 1))).toBe(epochs);
  });

  it("restores the best at the end too, unless told not to", async () => {
    const [model, other] = [fakeModel(), fakeModel()];
    const stopping = earlyStopping({ patience: 9 });
    expect(await fakeFit([stopping], validation(2, 1, 3), model)).toBe(3);
    expect(stopping.stoppedEpoch).toBeUndefined();
    expect([...model.parameters[0]!.data]).toEqual([2, 2, 2]);
    const keeping = earlyStopping({ patience: 9, restoreBest: false });
    await fakeFit([keeping], validation(2, 1, 3), other);
    expect([...other.parameters[0]!.data]).toEqual([3, 3, 3]);
    expect(keeping.bestEpoch).toBe(1);
  });

  it("wants more than minDelta, and takes more for better where it is", async () => {
    const least = earlyStopping({ minDelta: 0.5, patience: 2 });
    expect(await fakeFit([least], validation(3, 2.5, 2.6, 2))).toBe(3);
    expect(least.bestEpoch).toBe(0);
    const accuracies = [0.5, 0.7, 0.6].map((validationAccuracy) => ({ validationAccuracy }));
    const most = earlyStopping({ monitor: "validationAccuracy" });
    await fakeFit([most], accuracies);
    expect([most.best, most.stoppedEpoch]).toEqual([0.7, 2]);
    const perplexities = [9, 7, 8].map((validationPerplexity) => ({ validationPerplexity }));
    const few = earlyStopping({ monitor: "validationPerplexity" });
    await fakeFit([few], perplexities);
    expect([few.best, few.stoppedEpoch]).toEqual([7, 2]);
    const own = earlyStopping({ monitor: "regret", mode: "min" });
    await fakeFit([own], [{ regret: 2 }, { regret: 1 }]);
    expect(own.best).toBe(1);
  });

  it("never takes NaN for an improvement", async () => {
    const model = fakeModel();
    const stopping = earlyStopping({ patience: 2 });
    expect(await fakeFit([stopping], validation(NaN, 2, NaN, NaN, 1), model)).toBe(4);
    expect(stopping.bestEpoch).toBe(1);
    expect([...model.parameters[0]!.data]).toEqual([2, 2, 2]);
    const never = fakeModel();
    await fakeFit([earlyStopping({ patience: 3 })], validation(NaN, NaN, NaN, 1), never);
    expect([...never.parameters[0]!.data]).toEqual([3, 3, 3]);
  });

  it("starts anew in each fit", async () => {
    const stopping = earlyStopping();
    expect(await fakeFit([stopping], validation(1, 2))).toBe(2);
    expect(await fakeFit([stopping], validation(8, 7, 6))).toBe(3);
    expect([stopping.best, stopping.stoppedEpoch]).toEqual([6, undefined]);
  });

  it.each([
    [{ patience: -1 }, "expected patience to be a whole number from 0 on, got -1"],
    [{ patience: 1.5 }, "expected patience to be a whole number from 0 on, got 1.5"],
    [{ minDelta: NaN }, "expected minDelta to be a number from 0 on, got NaN"],
    [{ monitor: wrong(3) }, "expected monitor to be a text, got 3"],
    [{ monitor: "regret" }, 'expected mode "min" or "max", got none for "regret"'],
    [{ mode: wrong("auto") }, 'expected mode to be "min" or "max", got "auto"'],
  ])("refuses %j", (options, text) => {
    expect(() => earlyStopping(options)).toThrow(
      text.includes("monitor to") ? TypeError : RangeError,
    );
    expect(() => earlyStopping(options)).toThrow(`earlyStopping: ${text}`);
  });

  it("names what an epoch has where the monitored value is missing", async () => {
    const text =
      'earlyStopping: expected an epoch with "validationLoss", it has epoch, loss, seconds';
    await expect(fakeFit([earlyStopping()], [{}])).rejects.toThrow(text);
  });
});

describe("learningRateLog", () => {
  it("notes the rate of each epoch's last step, or of every step, of the last fit", async () => {
    const [epochs, steps] = [learningRateLog(), learningRateLog({ interval: "step" })];
    await fakeFit([epochs, steps], [{}, {}, {}]);
    await fakeFit([epochs, steps], [{}, {}]);
    expect(epochs.rates).toEqual([1 / 2, 1 / 4]);
    expect(steps.rates).toEqual([1, 1 / 2, 1 / 3, 1 / 4]);
  });

  it("refuses other intervals", () => {
    const make = () => learningRateLog({ interval: wrong("batch") });
    expect(make).toThrow('learningRateLog: expected interval to be "step" or "epoch", got "batch"');
  });
});

describe("callbacks of one's own", () => {
  it("are called in order, one after the other, however long they take", async () => {
    const calls: string[] = [];
    const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
    const slow: Callback = {
      onTrainBegin: () => calls.push("begin"),
      async onBatchEnd({ step }) {
        await pause();
        calls.push(`slow ${step}`);
      },
      async onEpochEnd({ epoch }) {
        await pause();
        calls.push(`slow epoch ${epoch}`);
      },
    };
    const quick: Callback = {
      onBatchEnd: ({ step }) => calls.push(`quick ${step}`),
      onEpochEnd: ({ epoch }) => calls.push(`quick epoch ${epoch}`),
      onTrainEnd: ({ epochs }) => calls.push(`end of ${epochs.length}`),
    };
    await fakeFit([slow, quick], [{}]);
    expect(calls).toEqual([
      ...["begin", "slow 1", "quick 1", "slow 2", "quick 2"],
      ...["slow epoch 0", "quick epoch 0", "end of 1"],
    ]);
  });

  it("keep their `this`, may set the learning rate, and stop within an epoch", async () => {
    class Halving implements Callback {
      steps = 0;
      onBatchEnd(_batch: unknown, context: Parameters<NonNullable<Callback["onTrainBegin"]>>[0]) {
        this.steps++;
        context.model.learningRate /= 2;
        if (this.steps === 3) context.stop();
      }
    }
    const [own, model] = [new Halving(), fakeModel()];
    expect(await fakeFit([own], [{}, {}, {}], model)).toBe(2);
    expect(own.steps).toBe(3);
    expect(model.learningRate).toBe(1 / 6);
  });

  it("give no promise for a step unless one of them does", () => {
    const batch = { epoch: 0, batch: 0, batches: 1, step: 1, loss: 0, size: 1 };
    const hooks = new Callbacks(
      [{ onBatchEnd: () => 1 }, learningRateLog()],
      fakeModel(),
      noSaving,
    );
    expect(hooks.batchEnd(batch)).toBeUndefined();
    expect(hooks.wantsBatches).toBe(true);
    expect(new Callbacks([earlyStopping()], fakeModel(), noSaving).wantsBatches).toBe(false);
  });

  it.each([
    [[null], "fit: expected callback 0 to be an object with some of onTrainBegin, onBatchEnd"],
    [
      [learningRateLog(), { onEpoch: () => 0 }],
      'fit: expected hooks of callback 1 to be "onTrainBegin", ',
    ],
    [[{ onEpochEnd: 3 }], "fit: expected onEpochEnd of callback 0 to be a function, got 3"],
  ])("must be ones: %j", (list, text) => {
    const make = () => new Callbacks(wrong(list), fakeModel(), noSaving);
    expect(make).toThrow(text.includes("hooks of") ? RangeError : TypeError);
    expect(make).toThrow(text);
  });
});
