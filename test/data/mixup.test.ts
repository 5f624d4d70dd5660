import { describe, expect, it } from "vitest";
import { adam, createEngine, crossEntropy, dense, mixup, sequential } from "../../src/index.ts";
import type { MixedBatch, MixupOptions, MixupSource, Unmixed } from "../../src/index.ts";
import { classLabels, floats, weightsOf, wrong } from "../engine/fixtures.ts";

/** Returns all batches of an epoch. */
async function batchesOf(
  source: MixupSource,
  options: MixupOptions,
  epoch = 0,
): Promise<MixedBatch[]> {
  const all: MixedBatch[] = [];
  for await (const batch of mixup(source, options)(epoch)) all.push(batch);
  return all;
}

/** Examples whose numbers are 1 and 0, so that the first number of each mixed batch is its share. */
const pair: Unmixed = { x: Float32Array.of(1, 0), y: Int32Array.of(0, 1) };

describe("mixup", () => {
  it.each([0.05, 0.2, 0.5, 1, 1.5, 4])("draws shares from Beta(%d, same)", async (alpha) => {
    const count = 4000;
    const source = new Array<Unmixed>(count).fill(pair);
    const mixed = await batchesOf(source, { classes: 2, alpha, seed: 5 });
    const shares = mixed.map(({ x }) => x[0]!);
    const mean = shares.reduce((sum, share) => sum + share, 0) / count;
    const squares = shares.map((share) => (share - 0.5) ** 2);
    const variance = squares.reduce((sum, square) => sum + square, 0) / count;
    // Of Beta(a, a): the variance, and that of the squares, from its fourth central moment.
    const expected = 1 / (4 * (2 * alpha + 1));
    const fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3));
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(expected / count));
    const deviation = Math.sqrt((fourth - expected ** 2) / count);
    expect(Math.abs(variance - expected)).toBeLessThan(4 * deviation);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
  });

  it("draws finite shares for the smallest alpha", async () => {
    const source = new Array<Unmixed>(100).fill(pair);
    for (const { x } of await batchesOf(source, { classes: 2, alpha: 1e-6 })) {
      expect([0, 1]).toContain(x[0]);
    }
  });

  it("mixes each example and its target with the next one, by one share", async () => {
    const [x, y] = [floats(15, 1), Int32Array.of(2, 0, 1, 1, 2)];
    const [batch] = await batchesOf([{ x, y }], { classes: 3, alpha: 1, seed: 3 });
    const rows = Array.from(y, (label) => [0, 1, 2].map((one) => Number(one === label)));
    const targets = Float32Array.from(rows.flat());
    const [share] = await shareOf(3);
    expect(share).toBeGreaterThan(0.01);
    for (const [came, from] of [[batch!.x, x] as const, [batch!.y, targets] as const]) {
      came.forEach((value, i) => {
        const expected = share! * from[i]! + (1 - share!) * from[(i + 3) % 15]!;
        expect(Math.abs(value - expected)).toBeLessThan(2e-7);
      });
    }
  });

  /** Returns the share of the first batch, for alpha 1. */
  async function shareOf(seed: number): Promise<number[]> {
    const batches = await batchesOf([pair], { classes: 2, alpha: 1, seed });
    return batches.map(({ x }) => x[0]!);
  }

  it("reads bytes as numbers from 0 to 1, and takes targets of floats as they are", async () => {
    const bytes: Unmixed = { x: Uint8Array.of(255, 51, 0, 102), y: Float32Array.of(0.5, 2) };
    const same: Unmixed = { x: Float32Array.of(1, 0.2, 0, 0.4), y: Float32Array.of(0.5, 2) };
    const options = { classes: 1, alpha: 1 };
    const [[a], [b]] = await Promise.all([batchesOf([bytes], options), batchesOf([same], options)]);
    a!.x.forEach((value, i) => expect(Math.abs(value - b!.x[i]!)).toBeLessThan(1e-7));
    expect(a!.y).toEqual(b!.y);
  });

  it("takes arrays, iterables, async iterables, and functions that give them", async () => {
    const batches = [1, 2, 3].map((seed): Unmixed => {
      return { x: floats(8, seed), y: classLabels(4, 2, seed) };
    });
    async function* later() {
      for (const batch of batches) yield Promise.resolve(batch);
    }
    const options = { classes: 2, alpha: 1, seed: 1 };
    const expected = await batchesOf(batches, options);
    expect(expected).toHaveLength(3);
    expect(await batchesOf(later(), options)).toEqual(expected);
    expect(await batchesOf(() => batches, options)).toEqual(expected);
    expect(await batchesOf(async () => Promise.resolve(later()), options)).toEqual(expected);
  });

  it("shuffles arrays anew in each epoch, by the seed, and leaves none out", async () => {
    const data = { x: Float32Array.from({ length: 10 }, (_, i) => i), y: new Int32Array(10) };
    // Shares of 0 and 1 alone, so that each example stays or becomes its neighbour.
    const options = { classes: 1, alpha: 1e-6, batchSize: 4 };
    const epochs = await Promise.all([0, 1, 0].map((epoch) => batchesOf(data, options, epoch)));
    const orders = epochs.map((batches) => batches.flatMap(({ x }) => [...x]));
    expect(epochs[0]!.map(({ x }) => x.length)).toEqual([4, 4, 2]);
    for (const order of orders) expect([...order].sort((a, b) => a - b)).toEqual([...data.x]);
    expect(orders[1]).not.toEqual(orders[0]);
    expect(orders[2]).toEqual(orders[0]);
    const other = await batchesOf(data, { ...options, seed: 1 });
    expect(other.flatMap(({ x }) => [...x])).not.toEqual(orders[0]);
  });

  it("draws other shares in each epoch and for each seed", async () => {
    const options = { classes: 2, alpha: 1 };
    const shares = await Promise.all(
      [0, 1].map(async (epoch) => (await batchesOf([pair, pair], options, epoch))[1]!.x[0]!),
    );
    expect(shares[0]).not.toBe(shares[1]);
    expect(await shareOf(1)).not.toEqual(await shareOf(2));
  });

  it("is what fit takes, and trains to the same weights again", async () => {
    const engine = await createEngine();
    const data = { x: floats(120, 1), y: classLabels(30, 3, 2) };
    const weights = [1, 2].map(async () => {
      const options = { inputShape: [4], loss: crossEntropy(), optimizer: adam(), seed: 1 };
      const model = engine.compile(sequential([dense(3)]), options);
      const { epochs } = await model.fit(mixup(data, { classes: 3 }), { epochs: 3 });
      expect(epochs).toHaveLength(3);
      return weightsOf(model);
    });
    const [first, second] = await Promise.all(weights);
    expect(second).toEqual(first);
    engine.dispose();
  });
});

describe("mixup refuses", () => {
  const options = { classes: 2 };

  it.each<[string, () => unknown, RegExp]>([
    ["no source", () => mixup(wrong(undefined), options), /expected source to be \{ x, y \}, /],
    ["no options", () => mixup(pair, wrong(undefined)), /expected an object of options/],
    ["no classes", () => mixup(pair, wrong({})), /expected classes to be a whole number from 1 on/],
    ["alpha 0", () => mixup(pair, { classes: 2, alpha: 0 }), /expected alpha to be a number above 0/],
    ["batches of 0", () => mixup(pair, { classes: 2, batchSize: 0 }), /expected batchSize to be/],
    ["seeds below 0", () => mixup(pair, { classes: 2, seed: -1 }), /expected seed to be/],
    ["others", () => mixup(pair, wrong({ classes: 2, beta: 1 })), /expected options classes, /],
    ["lists", () => mixup({ x: wrong([1]), y: pair.y }, options), /expected x to be a Float32Array/],
    ["y as a list", () => mixup({ x: pair.x, y: wrong([1]) }, options), /expected y to be an Int32/],
    ["labels beyond", () => mixup(pair, { classes: 1 }), /class indices from 0 to 0, got 1$/],
    [
      "parts of examples",
      () => mixup({ x: new Float32Array(3), y: pair.y }, options),
      /expected x and y to hold the same examples, got 3 numbers and 2 targets$/,
    ],
    [
      "weights",
      () => mixup(wrong({ ...pair, sampleWeights: new Float32Array(2) }), options),
      /expected examples of equal weight, got sampleWeights$/,
    ],
  ])("%s", (_, call, text) => {
    expect(call).toThrow(text);
    expect(call).toThrow(/^mixup: /);
  });

  it("batches and sources that are none, when they come", async () => {
    await expect(batchesOf([wrong(1)], options)).rejects.toThrow(/expected batches \{ x, y \}, got 1$/);
    await expect(batchesOf(() => wrong(pair), options)).rejects.toThrow(
      /^mixup: expected source to give an iterable or async iterable of batches, got an object of x, y$/,
    );
    await expect(batchesOf([pair], options, -1)).rejects.toThrow(/expected epoch to be a whole/);
  });

  it("nothing of a source that fails", async () => {
    function* failing() {
      yield pair;
      throw new Error("disk");
    }
    await expect(batchesOf(failing(), options)).rejects.toThrow("disk");
  });
});
