import { afterEach, describe, expect, it } from "vitest";
import {
  type Callback,
  type Dataset,
  type FitOptions,
  type FitSource,
  type Model,
} from "../../src/index.ts";
import { adam, createEngine, crossEntropy, dense, dropout, sequential } from "../../src/index.ts";
import { CLASSES, COUNT, FEATURES, data } from "./networks.ts";

const engine = await createEngine();
const models: Model[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

function compile(): Model {
  const net = sequential([dense(8, { activation: "tanh" }), dropout(0.2), dense(CLASSES)]);
  const options = { loss: crossEntropy(), optimizer: adam({ learningRate: 0.01 }) };
  const metrics = ["accuracy"] as const;
  const model = engine.compile(net, { inputShape: [FEATURES], metrics, seed: 7, ...options });
  models.push(model);
  return model;
}

const SIZE = 16;

/** Batches of 16 examples, and one of the two that are left. */
const batches: Dataset[] = Array.from({ length: Math.ceil(COUNT / SIZE) }, (_, i) => ({
  x: data.x.subarray(i * SIZE * FEATURES, (i + 1) * SIZE * FEATURES),
  y: data.y.subarray(i * SIZE, (i + 1) * SIZE),
}));

function* generate(): Generator<Dataset> {
  yield* batches;
}

async function* generateLater(): AsyncGenerator<Dataset> {
  for (const batch of batches) yield await Promise.resolve(batch);
}

const weights = ({ parameters }: Model): number[][] => parameters.map(({ data }) => [...data]);

/** Trains a new model; returns it with the numbers of its history. */
async function fit(source: FitSource, options: FitOptions = {}) {
  const model = compile();
  const { epochs } = await model.fit(source, options);
  return { model, results: epochs.map(({ loss, accuracy }) => [loss, accuracy]) };
}

const inMemory = await fit(data, { batchSize: SIZE, epochs: 3, shuffle: false });
const expected = { weights: weights(inMemory.model), results: inMemory.results };

describe("fit from a stream gives the bits of the same batches in memory", () => {
  const again = { [Symbol.asyncIterator]: generateLater };
  it.each<[string, FitSource, FitOptions]>([
    ["a list", batches, {}],
    ["an iterable", { [Symbol.iterator]: generate }, {}],
    ["an async iterable", again, {}],
    ["a function that makes generators", generate, {}],
    ["a function that makes async generators", generateLater, {}],
    ["a function that promises a list", () => Promise.resolve(batches), {}],
    [
      "one generator",
      (function* () {
        for (;;) yield* batches;
      })(),
      { stepsPerEpoch: 4 },
    ],
    [
      "one async generator",
      (async function* () {
        for (;;) yield* generateLater();
      })(),
      { stepsPerEpoch: 4 },
    ],
    ["as many steps as there are", batches, { stepsPerEpoch: 4 }],
    ["snapshots", generateLater, { snapshotSteps: 2 }],
  ])("%s", async (_, source, options) => {
    const { model, results } = await fit(source, { epochs: 3, ...options });
    expect(weights(model)).toEqual(expected.weights);
    expect(results).toEqual(expected.results);
  });

  it("a step that is told counts as in memory", async () => {
    const told = async (source: FitSource, options: FitOptions) => {
      const steps: unknown[] = [];
      await fit(source, { ...options, epochs: 2, onBatchEnd: (batch) => steps.push(batch) });
      return steps as { batches: number }[];
    };
    const resident = await told(data, { batchSize: SIZE, shuffle: false });
    expect(await told(batches, { stepsPerEpoch: 4 })).toEqual(resident);
    const open = await told(generateLater, {});
    expect(open).toEqual(resident.map((step) => ({ ...step, batches: Infinity })));
  });

  it("examples with weights, and as bytes", async () => {
    const x = Uint8Array.from(data.x, (value) => 127 + Math.floor(value * 100));
    const sampleWeights = Float32Array.from(data.y, (_, i) => i % 3);
    const whole = { x, y: data.y, sampleWeights };
    const parts = batches.map((_, i) => ({
      x: x.subarray(i * SIZE * FEATURES, (i + 1) * SIZE * FEATURES),
      y: data.y.subarray(i * SIZE, (i + 1) * SIZE),
      sampleWeights: sampleWeights.subarray(i * SIZE, (i + 1) * SIZE),
    }));
    const one = await fit(whole, { batchSize: SIZE, shuffle: false });
    const other = await fit(parts);
    expect(weights(other.model)).toEqual(weights(one.model));
  });

  it("tensors", async () => {
    const [x, y] = [engine.tensor([SIZE, FEATURES]), data.y.slice(0, SIZE)];
    x.data.set(data.x.subarray(0, SIZE * FEATURES));
    const one = await fit([{ x, y }]);
    const other = await fit([batches[0]!]);
    expect(weights(one.model)).toEqual(weights(other.model));
    x.dispose();
  });

  it("micro-batches add up to the batch", async () => {
    const net = sequential([dense(8, { activation: "tanh" }), dense(CLASSES)]);
    const runs = [{}, { microBatchSize: 5 }].map(async (options) => {
      const optimizer = adam({ learningRate: 0.01 });
      const model = engine.compile(net, {
        inputShape: [FEATURES],
        loss: crossEntropy(),
        optimizer,
      });
      models.push(model);
      await model.fit(batches, options);
      return weights(model).flat();
    });
    const [whole, pieces] = await Promise.all(runs);
    pieces!.forEach((value, i) => {
      expect(value).toBeCloseTo(whole![i]!, 5);
    });
  });
});

describe("a stream", () => {
  it("is asked for the next batch while the present one trains, and closed", async () => {
    const events: string[] = [];
    const source = (epoch: number) => ({
      [Symbol.asyncIterator]() {
        let i = 0;
        return {
          next() {
            events.push(`ask ${epoch}.${i}`);
            return Promise.resolve({ done: false, value: batches[i++]! });
          },
          return() {
            events.push(`close ${epoch}`);
            return Promise.resolve({ done: true as const, value: undefined });
          },
        };
      },
    });
    const onBatchEnd = ({ epoch, batch }: { epoch: number; batch: number }) =>
      events.push(`trained ${epoch}.${batch}`);
    await fit(source, { epochs: 2, stepsPerEpoch: 2, onBatchEnd });
    const ofEpoch = (e: number) => [
      ...[`ask ${e}.0`, `ask ${e}.1`, `trained ${e}.0`, `trained ${e}.1`, `close ${e}`],
    ];
    expect(events).toEqual([...ofEpoch(0), ...ofEpoch(1)]);
  });

  it("is closed when a callback stops, and a generator goes on in the next fit", async () => {
    let closed = 0;
    const watched = function* () {
      try {
        yield* batches;
      } finally {
        closed++;
      }
    };
    const stop: Callback = {
      onBatchEnd(_batch, context) {
        context.stop();
      },
    };
    await fit(watched, { callbacks: [stop] });
    expect(closed).toBe(1);
    const generator = watched();
    const model = compile();
    const seen: number[] = [];
    const options = {
      stepsPerEpoch: 1,
      onBatchEnd: ({ size }: { size: number }) => seen.push(size),
    };
    await model.fit(generator, { ...options, epochs: 2 });
    await model.fit(generator, { ...options, epochs: 2 });
    expect(seen).toEqual([16, 16, 16, 2]);
    expect(closed).toBe(1);
  });

  it("leaves the memory as it was", async () => {
    const model = compile();
    await model.fit(batches);
    const { used } = engine.memoryUsage;
    await model.fit(batches, { epochs: 3 });
    expect(engine.memoryUsage.used).toBe(used);
  });
});
