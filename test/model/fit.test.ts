import { describe, expect, it } from "vitest";
import { type Dataset, createEngine, dense, mse, sequential, sgd } from "../../src/index.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { bits, floats, random, weightsOf } from "../engine/fixtures.ts";
import { CLASSES, COUNT, FEATURES, classifier, data, oneHot } from "./networks.ts";

const engine = await createEngine();

/** The weights after a fit, and its history without times. */
async function trained(
  set: Dataset,
  options: Parameters<ReturnType<typeof classifier>["fit"]>[1],
  compile: Parameters<typeof classifier>[1] = {},
) {
  const model = classifier(engine, compile);
  const { epochs } = await model.fit(set, options);
  const weights = weightsOf(model);
  model.dispose();
  return { weights, epochs: epochs.map((epoch) => ({ ...epoch, seconds: 0 })) };
}

describe("the seed", () => {
  it("decides first weights and shuffling, bit for bit", async () => {
    const [one, two] = [await trained(data, { epochs: 3 }), await trained(data, { epochs: 3 })];
    expect(one).toEqual(two);
    const other = await trained(data, { epochs: 3 }, { seed: 8 });
    expect(other.weights).not.toEqual(one.weights);
    const high = await trained(data, { epochs: 3 }, { seed: 7 + 2 ** 32 });
    expect(high.weights).not.toEqual(one.weights);
  });

  it("decides shuffling also where first weights are given", async () => {
    const run = async (seed: number): Promise<Uint32Array> => {
      const model = classifier(engine, { seed });
      for (const { data } of model.parameters) data.set(floats(data.length, 5));
      await model.fit(data);
      return weightsOf(model);
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it("shuffles each epoch anew, whoever asks for it", async () => {
    const whole = await trained(data, { epochs: 5 });
    const model = classifier(engine);
    await model.fit(data, { epochs: 2 });
    await model.fit(data, { epochs: 3 });
    expect(weightsOf(model)).toEqual(whole.weights);
  });

  it("takes every example once in an epoch", async () => {
    // With a linear prediction and gradients that only count, the weight adds up the examples.
    const counts = engine.compile(sequential([dense(1, { useBias: false })]), {
      inputShape: [10],
      loss: { name: "all", takesClasses: false, reduction: "sum", record: (g, y) => sum(g, y) },
      optimizer: sgd({ learningRate: 1 }),
    });
    const [weight] = counts.parameters;
    weight!.data.fill(0);
    const x = new Float32Array(100).map((_, i) => Number(i % 11 === 0));
    const seen: string[] = [];
    await counts.fit(
      { x, y: new Float32Array(10) },
      {
        epochs: 3,
        batchSize: 3,
        onBatchEnd: () => void seen.push([...weight!.grad].join("")),
      },
    );
    expect([...weight!.data]).toEqual(new Array(10).fill(-3));
    expect(seen.slice(0, 4)).not.toEqual(seen.slice(4, 8));
  });
});

describe("steps", () => {
  it("trains the last partial batch, and without shuffling is the same as trainStep", async () => {
    const model = classifier(engine);
    const sizes: number[] = [];
    const losses: number[] = [];
    await model.fit(data, {
      epochs: 2,
      shuffle: false,
      onBatchEnd: ({ size, loss }) => {
        sizes.push(size);
        losses.push(loss);
      },
    });
    expect(sizes).toEqual([16, 16, 16, 2, 16, 16, 16, 2]);
    const twin = classifier(engine);
    const steps = sizes.map((rows, i) => {
      const from = (i % 4) * 16;
      const x = data.x.subarray(from * FEATURES, (from + rows) * FEATURES);
      return twin.trainStep(x, data.y.subarray(from, from + rows));
    });
    expect(losses).toEqual(steps);
    expect(weightsOf(model)).toEqual(weightsOf(twin));
  });

  it.each([1, 7, 25, 49, 50])("takes batches of %d", async (batchSize) => {
    const model = classifier(engine);
    const steps: number[] = [];
    await model.fit(data, { batchSize, onBatchEnd: ({ size }) => void steps.push(size) });
    expect(steps.length).toBe(Math.ceil(COUNT / batchSize));
    expect(steps.reduce((sum, size) => sum + size)).toBe(COUNT);
    expect(steps.slice(0, -1).every((size) => size === batchSize)).toBe(true);
  });

  it("takes all examples at once where they are fewer than the planned batch", async () => {
    const model = classifier(engine);
    const sizes: number[] = [];
    const few = { x: data.x.subarray(0, 3 * FEATURES), y: data.y.subarray(0, 3) };
    await model.fit(few, { onBatchEnd: ({ size }) => void sizes.push(size) });
    expect(sizes).toEqual([3]);
  });

  it("leaves the gradients that the optimizer followed", () => {
    const model = engine.compile(sequential([dense(2)]), {
      inputShape: [3],
      loss: mse(),
      optimizer: sgd({ learningRate: 0.5 }),
      batchSize: 2,
    });
    const before = model.parameters.map(({ data }) => data.slice());
    model.trainStep(floats(6, 1), floats(4, 2));
    model.parameters.forEach(({ data, grad }, i) => {
      const expected = before[i]!.map((value, j) => value - 0.5 * grad[j]!);
      data.forEach((value, j) => {
        expect(value).toBeCloseTo(expected[j]!, 6);
      });
    });
  });
});

describe("forms of the data", () => {
  it("bytes are the scaled floats, bit for bit", async () => {
    const next = random(3);
    const x = Uint8Array.from({ length: COUNT * FEATURES }, () => Math.floor(next() * 256));
    for (const byteScale of [1 / 255, 0.5, 1]) {
      const scale = Math.fround(byteScale);
      const scaled = Float32Array.from(x, (byte) => Math.fround(byte * scale));
      const options = { epochs: 2, validation: { x, y: data.y } };
      const asBytes = await trained({ x, y: data.y }, options, { byteScale });
      const asFloats = await trained(
        { x: scaled, y: data.y },
        { ...options, validation: { x: scaled, y: data.y } },
      );
      expect(asBytes).toEqual(asFloats);
    }
  });

  it("tensors are the arrays, bit for bit", async () => {
    const rows = oneHot(data.y, CLASSES);
    const [x, y] = [engine.tensor([COUNT, FEATURES]), engine.tensor([COUNT, CLASSES])];
    x.data.set(data.x);
    y.data.set(rows);
    const asArrays = await trained({ x: data.x, y: rows }, { epochs: 2 });
    expect(await trained({ x, y }, { epochs: 2, validation: { x, y } })).toMatchObject({
      weights: asArrays.weights,
    });
    expect(bits(x.data)).toEqual(bits(data.x));
  });

  it("one-hot rows are class indices, as near as float32 is", async () => {
    const asIndices = await trained(data, { epochs: 3 });
    const asRows = await trained({ x: data.x, y: oneHot(data.y, CLASSES) }, { epochs: 3 });
    const numbers = (weights: Uint32Array) => new Float32Array(weights.buffer as ArrayBuffer);
    const [one, two] = [numbers(asIndices.weights), numbers(asRows.weights)];
    one.forEach((value, i) => {
      expect(two[i]).toBeCloseTo(value, 6);
    });
    expect(asRows.epochs.map(({ accuracy }) => accuracy)).toEqual(
      asIndices.epochs.map(({ accuracy }) => accuracy),
    );
  });

  it("class indices may be bytes", async () => {
    const asBytes = await trained({ x: data.x, y: Uint8Array.from(data.y) }, { epochs: 2 });
    expect(asBytes).toEqual(await trained(data, { epochs: 2 }));
  });

  it("whole numbers are as good as floats to regress on", async () => {
    const whole = Int32Array.from({ length: COUNT }, (_, i) => i - 20);
    const run = async (y: Dataset["y"]): Promise<Uint32Array> => {
      const model = engine.compile(sequential([dense(1)]), {
        inputShape: [FEATURES],
        loss: mse(),
        optimizer: sgd(),
      });
      await model.fit({ x: data.x, y }, { epochs: 2 });
      return weightsOf(model);
    };
    expect(await run(whole)).toEqual(await run(Float32Array.from(whole)));
  });

  it("does not change the caller's arrays, nor follows what is done to them meanwhile", async () => {
    const set = { x: data.x.slice(), y: data.y.slice() };
    const expected = await trained(data, { epochs: 2 });
    await trained(set, { epochs: 1 });
    expect(set).toEqual({ x: data.x, y: data.y });
    const onBatchEnd = (): void => {
      set.x.fill(NaN);
      set.y.fill(999);
    };
    expect((await trained(set, { epochs: 2, onBatchEnd })).weights).toEqual(expected.weights);
  });
});
