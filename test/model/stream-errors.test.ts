import { afterEach, describe, expect, it } from "vitest";
import { type Dataset, type FitOptions, type FitSource, type Model } from "../../src/index.ts";
import { createEngine } from "../../src/index.ts";
import { CLASSES, COUNT, FEATURES, classifier, data } from "./networks.ts";

const engine = await createEngine();
const models: Model[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

function compile(): Model {
  const model = classifier(engine);
  models.push(model);
  return model;
}

const weights = ({ parameters }: Model): number[][] => parameters.map(({ data }) => [...data]);
const wrong = <T>(value: unknown): T => value as T;
const batch: Dataset = { x: data.x.subarray(0, 16 * FEATURES), y: data.y.subarray(0, 16) };

/** Weights after some steps on the batch. */
function trained(steps: number): number[][] {
  const model = compile();
  for (let i = 0; i < steps; i++) model.trainStep(batch.x, batch.y);
  return weights(model);
}

/** Expects a fit to reject, with the weights of its last step and no memory held. */
async function expectFault(source: unknown, error: Error, steps: number, options?: FitOptions) {
  const model = compile();
  await model.fit([batch]).then(() => model.setParameterGroups([]));
  const fresh = compile();
  const { used } = engine.memoryUsage;
  await expect(fresh.fit(wrong<FitSource>(source), options)).rejects.toThrow(error);
  expect(weights(fresh)).toEqual(trained(steps));
  expect(engine.memoryUsage.used).toBeLessThanOrEqual(used + fresh.memoryPlan.total);
  // The model is free for another fit, which trains.
  await fresh.fit([batch]);
  expect(weights(fresh)).toEqual(trained(steps + 1));
}

async function* after(steps: number, then: () => unknown): AsyncGenerator<unknown> {
  for (let i = 0; i < steps; i++) yield await Promise.resolve(batch);
  yield then();
}

const short = { x: new Float32Array(16 * (FEATURES - 1)), y: batch.y };

describe("a stream that is at fault", () => {
  it("a batch of another shape in mid-stream", async () => {
    const error = new RangeError(
      "fit: batch 2 of epoch 0: expected x to hold whole examples of 5 features, got 64 numbers",
    );
    await expectFault([batch, batch, short], error, 2);
    await expectFault(() => after(2, () => short), error, 2);
  });

  it("a label that is none, an array instead of a batch, another field", async () => {
    const y = new Int32Array(16).fill(CLASSES);
    await expectFault(
      [batch, { ...batch, y }],
      new RangeError(
        "fit: batch 1 of epoch 0: crossEntropy: expected class indices from 0 to 2, y has 3 at 0; a label of -100 is ignored",
      ),
      1,
    );
    await expectFault(
      () => after(1, () => batch.x),
      new TypeError(
        "fit: batch 1 of epoch 0: expected data to be an object { x, y }, got Float32Array",
      ),
      1,
    );
    await expectFault(
      () => after(0, () => undefined),
      new TypeError(
        "fit: batch 0 of epoch 0: expected data to be an object { x, y }, got undefined",
      ),
      0,
    );
  });

  it("its own error, at once or later", async () => {
    const own = new Error("the disk is gone");
    const fail = () => {
      throw own;
    };
    await expectFault(fail, own, 0);
    await expectFault(() => Promise.reject(own), own, 0);
    await expectFault(() => after(2, fail), own, 2);
    const sync = function* () {
      yield batch;
      fail();
    };
    await expectFault(sync, own, 1);
  });

  it("an end that comes early", async () => {
    const help = "a function that makes a stream is called anew for each epoch";
    const early = new RangeError(
      `fit: expected 3 batches in epoch 0, the data ended after 2; ${help}`,
    );
    await expectFault([batch, batch], early, 2, { stepsPerEpoch: 3 });
    const none = new RangeError(
      `fit: expected a batch in epoch 0, the data ended after 0; ${help}`,
    );
    await expectFault(() => [], none, 0);
    const once = (function* () {
      yield batch;
    })();
    const second = new RangeError(
      `fit: expected a batch in epoch 1, the data ended after 0; ${help}`,
    );
    await expectFault(once, second, 1, { epochs: 2 });
  });

  it("one that never gives: the signal ends the fit", async () => {
    const abort = new AbortController();
    const never = () => after(1, () => new Promise(() => undefined));
    const onBatchEnd = () => {
      setTimeout(() => {
        abort.abort(new Error("enough"));
      }, 5);
    };
    const { signal } = abort;
    await expectFault(never, new Error("enough"), 1, { onBatchEnd, signal });
    const stuck = new AbortController();
    setTimeout(() => {
      stuck.abort(new Error("no stream"));
    }, 5);
    const forever = () => new Promise(() => undefined);
    await expectFault(forever, new Error("no stream"), 0, { signal: stuck.signal });
  });

  it("data that is no stream", async () => {
    const text = "expected an iterable or async iterable of batches { x, y }";
    await expectFault(() => 1, new TypeError(`fit: data: ${text}, got 1`), 0);
    await expectFault(() => batch, new TypeError(`fit: data: ${text}, got an object of x, y`), 0);
    await expectFault(
      "abc",
      new TypeError('fit: expected data to be an object { x, y }, got "abc"'),
      0,
    );
    await expectFault([], new TypeError("fit: expected data to be an object { x, y }, got []"), 0);
  });

  it.each<[string, FitOptions]>([
    ["batchSize", { batchSize: 16 }],
    ["shuffle", { shuffle: true }],
    ["validationSplit", { validationSplit: 0.5 }],
  ])("options of data sets: %s", async (name, options) => {
    const value = Object.values(options)[0] as unknown;
    const error = new RangeError(`fit: expected no ${name} with a stream of batches, got ${value}`);
    await expectFault([batch], error, 0, options);
  });

  it("options of streams for a data set", async () => {
    const error = new RangeError("fit: expected no stepsPerEpoch with a data set, got 2");
    await expectFault(data, error, 0, { stepsPerEpoch: 2 });
    const steps = /stepsPerEpoch to be a whole number from 1 on, got 0/;
    await expect(compile().fit([batch], { stepsPerEpoch: 0 })).rejects.toThrow(steps);
    const pieces = /microBatchSize to be a whole number from 1 on, got 0/;
    await expect(compile().fit([batch], { microBatchSize: 0 })).rejects.toThrow(pieces);
  });
});

describe("validationSplit", () => {
  it("keeps the last examples for validation", async () => {
    const count = 40;
    const part = (from: number, to: number): Dataset => ({
      x: data.x.slice(from * FEATURES, to * FEATURES),
      y: data.y.slice(from, to),
      sampleWeights: new Float32Array(to - from).fill(0.5),
    });
    const [one, other] = [compile(), compile()];
    const split = await one.fit(part(0, COUNT), { validationSplit: 0.2, epochs: 2 });
    const options = { validation: part(count, COUNT), epochs: 2 };
    const given = await other.fit(part(0, count), options);
    const numbers = ({ epochs }: typeof split) => epochs.map((end) => ({ ...end, seconds: 0 }));
    expect(numbers(split)).toEqual(numbers(given));
    expect(split.epochs[0]!.validationLoss).toBeGreaterThan(0);
    expect(weights(one)).toEqual(weights(other));
  });

  it.each([
    [0, /validationSplit to be a number between 0 and 1, got 0$/],
    [1, /validationSplit to be a number between 0 and 1, got 1$/],
    ["0.5", /validationSplit to be a number between 0 and 1, got "0.5"$/],
    [0.001, /^fit: expected validationSplit to leave examples on both sides, got 0.001 of 50$/],
    [0.999, /^fit: expected validationSplit to leave examples on both sides, got 0.999 of 50$/],
  ])("refuses %j", async (validationSplit, error) => {
    const model = compile();
    const start = weights(model);
    await expect(model.fit(data, { validationSplit: wrong(validationSplit) })).rejects.toThrow(
      error,
    );
    expect(weights(model)).toEqual(start);
  });

  it("excludes validation", async () => {
    await expect(compile().fit(data, { validationSplit: 0.5, validation: data })).rejects.toThrow(
      new RangeError("fit: expected validation or validationSplit, got both"),
    );
  });
});
