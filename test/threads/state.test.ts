import { describe, expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { adam, batchNorm, createEngine, crossEntropy } from "../../src/index.ts";
import { type EpochEnd, dense, network } from "../../src/index.ts";
import { classifier, engineOf } from "./fixtures.ts";

const { train } = await loadDigits();
const count = 640;
const data = { x: Float32Array.from(train.x.subarray(0, count * 64)), y: train.y.slice(0, count) };

describe.each([1, 2, 3])("an engine with %d threads", (threads) => {
  it("goes back to the last epoch when a loss is not finite", async () => {
    const engine = await engineOf(threads);
    const tensor = engine.tensor([count, 64]);
    tensor.data.set(data.x);
    const [diverged, twin] = [classifier(engine), classifier(engine)];
    const onEpochEnd = ({ epoch }: EpochEnd): void => {
      if (epoch === 1) tensor.data[600 * 64] = NaN;
    };
    const options = { epochs: 4, batchSize: 64, shuffle: false, onEpochEnd };
    await expect(diverged.fit({ x: tensor, y: data.y }, options)).rejects.toThrow(
      /^fit: expected a finite loss, got NaN in epoch 2, batch 9 \(step 30\); /,
    );
    await twin.fit(data, { epochs: 2, batchSize: 64, shuffle: false });
    const whole = { includeOptimizer: true };
    expect(await diverged.toSafetensors(whole)).toEqual(await twin.toSafetensors(whole));
    expect(engine.info.threads).toBe(threads);
  });

  it("refuses a network that records differently, and goes on", async () => {
    const engine = await engineOf(threads);
    const net = network((g, { x }) => {
      const h = g.use(dense(10), x);
      return x.shape[0] === 64 ? h : g.use(batchNorm(), h);
    });
    const options = { inputShape: [64], loss: crossEntropy(), optimizer: adam(), batchSize: 1 };
    const model = engine.compile(net, options);
    const other = classifier(engine);
    const before = other.parameters.map(({ data }) => data.slice());
    const batch = data.x.subarray(0, 64 * 64);
    expect(() => model.trainStep(batch, data.y.subarray(0, 64))).toThrow("batchNorm1.weight");
    expect(other.parameters.map(({ data }) => data)).toEqual(before);
    expect(model.trainStep(data.x.subarray(0, 64), data.y.subarray(0, 1))).toBeGreaterThan(0);
  });

  it("leaves its memory to the next one", async () => {
    const shared = threads > 1;
    const memory = new WebAssembly.Memory({ initial: 200, maximum: 200, shared });
    const engine = await engineOf(threads, { memory });
    const model = classifier(engine);
    const [weight] = model.parameters;
    await model.fit(data, { batchSize: 64 });
    engine.dispose();
    const next = await engineOf(threads, { memory });
    const other = classifier(next);
    expect(() => weight!.data.fill(77)).toThrow("engine: expected a live engine");
    await expect(model.fit(data)).rejects.toThrow("engine: expected a live engine");
    await other.fit(data, { batchSize: 64 });
    const twin = classifier(await createEngine());
    await twin.fit(data, { batchSize: 64 });
    expect(await other.toSafetensors()).toEqual(await twin.toSafetensors());
  });
});
