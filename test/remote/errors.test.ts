import { describe, expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { type RemoteTraining, trainInWorker } from "../../src/index.ts";
import { pause, startTrainer, trainerUrl, until } from "./fixtures.ts";

const { train: data } = await loadDigits();

/** Returns the reason of a rejection, which expect compares by identity only if it is an error. */
async function reasonOf(promise: Promise<unknown>): Promise<readonly unknown[]> {
  return promise.then(
    () => [],
    (reason: unknown) => [reason],
  );
}

/** Object that can be awaited, is not a promise, and rejects. */
function rejectedThenable(reason: unknown) {
  return {
    then: (_: unknown, reject: (reason: unknown) => void) => {
      reject(reason);
    },
  };
}

const error = new Error("from the page");

/** Anything can be thrown. */
const reasons: readonly unknown[] = [error, undefined, null, "enough", 0];

const failures: readonly (readonly [string, unknown, () => unknown])[] = [
  ...reasons.flatMap((reason) => {
    const rejects = async (): Promise<never> => {
      await pause(0);
      throw reason;
    };
    const throws = (): never => {
      throw reason;
    };
    return [
      [`throws ${String(reason)}`, reason, throws] as const,
      [`rejects with ${String(reason)}`, reason, rejects] as const,
    ];
  }),
  ["gives a thenable that rejects", error, () => rejectedThenable(error)],
];

describe.each(failures)("an onEpochEnd that %s", (_, reason, fails) => {
  it("ends training, is not called again, and finished rejects with that very value", async () => {
    let calls = 0;
    const onEpochEnd = (): unknown => {
      calls++;
      return fails();
    };
    const training = trainInWorker(trainerUrl, { data, epochs: 100_000, onEpochEnd });
    const weights = until(() => calls > 0).then(() => training.weights());
    const [finished, asked] = await Promise.all([reasonOf(training.finished), reasonOf(weights)]);
    expect(finished).toHaveLength(1);
    expect(finished[0]).toBe(reason);
    if (asked.length > 0) expect(asked[0]).toBe(reason);
    expect(calls).toBe(1);
  });

  it("does so after the last epoch", async () => {
    let calls = 0;
    const onEpochEnd = (): unknown => (++calls < 3 ? undefined : fails());
    const training = trainInWorker(trainerUrl, { data, epochs: 3, onEpochEnd });
    const finished = await reasonOf(training.finished);
    expect(finished).toHaveLength(1);
    expect(finished[0]).toBe(reason);
    expect(calls).toBe(3);
  });
});

describe("onEpochEnd", () => {
  it("is called for one epoch after the other, and finished waits for the last", async () => {
    let running = 0;
    const calls: number[] = [];
    const onEpochEnd = async ({ epoch }: { epoch: number }): Promise<void> => {
      expect(running++).toBe(0);
      await pause(20);
      running--;
      calls.push(epoch);
    };
    await trainInWorker(trainerUrl, { data, epochs: 4, onEpochEnd }).finished;
    expect(calls).toEqual([0, 1, 2, 3]);
  });

  it("is not called after an abort, whose reason counts more than what it throws then", async () => {
    let calls = 0;
    const onEpochEnd = (): void => {
      calls++;
      training.abort("enough");
      throw error;
    };
    const training: RemoteTraining = trainInWorker(trainerUrl, { data, epochs: 9999, onEpochEnd });
    await expect(training.finished).rejects.toBe("enough");
    expect(calls).toBe(1);
  });

  it("may reject after training has been aborted, of which nobody is told", async () => {
    let settled = false;
    const onEpochEnd = async (): Promise<void> => {
      await training.finished.catch(() => undefined);
      settled = true;
      throw error;
    };
    const training: RemoteTraining = trainInWorker(trainerUrl, { data, epochs: 9999, onEpochEnd });
    await until(() => training.progress.step > 100);
    training.abort("enough");
    await expect(training.finished).rejects.toBe("enough");
    await until(() => settled);
    // An unhandled rejection would fail the run.
    await pause(50);
  });

  it("does not hold up an abort when training has ended before it has", async () => {
    let called = false;
    const onEpochEnd = (): Promise<never> => {
      called = true;
      return new Promise(() => undefined);
    };
    const training = trainInWorker(trainerUrl, { data, onEpochEnd });
    const answered = reasonOf(training.finished);
    await until(() => called);
    await pause(200);
    training.abort("enough");
    expect(await answered).toEqual(["enough"]);
  });

  it("ends a training that is paused when it fails", async () => {
    const onEpochEnd = async (): Promise<void> => {
      training.pause();
      await until(() => training.progress.paused);
      throw error;
    };
    const training: RemoteTraining = trainInWorker(trainerUrl, { data, epochs: 9999, onEpochEnd });
    await expect(training.finished).rejects.toBe(error);
  });

  it("leaves a worker of the caller's fit for the next training when it fails", async () => {
    const worker = startTrainer();
    for (const epochs of [1, 100_000]) {
      const onEpochEnd = (): Promise<never> => Promise.reject(error);
      const training = trainInWorker(worker, { data, epochs, onEpochEnd });
      await expect(training.finished).rejects.toBe(error);
    }
    const { history } = await trainInWorker(worker, { data, epochs: 2 }).finished;
    expect(history.epochs).toHaveLength(2);
    void worker.terminate();
  });
});

describe("an error in the worker", () => {
  it.each([
    ["planner", { name: "RangeError", message: "from the planner" }],
    ["rejects", { name: "Error", message: "from the planner" }],
    ["string", { name: "Error", message: '"enough"' }],
    ["nothing", { name: "Error", message: "undefined" }],
    ["strange", { name: "Error", message: '() => "odd"' }],
    ["onEpochEnd", { name: "TypeError", message: "from a callback" }],
    ["onBatchEnd", { name: "Error", message: "from a promise" }],
    ["thenable", { name: "Error", message: "from a thenable" }],
  ])("rejects finished and weights with its name and message: %s", async (fails, expected) => {
    const training = trainInWorker(trainerUrl, { data, epochs: 100_000, settings: { fails } });
    const asked = [training.weights(), training.finished];
    const [weights, finished] = await Promise.all(asked.map(reasonOf));
    expect(finished![0]).toMatchObject(expected);
    expect(finished![0]).toBeInstanceOf(Error);
    if (weights!.length > 0) expect(weights![0]).toBe(finished![0]);
  });
});
