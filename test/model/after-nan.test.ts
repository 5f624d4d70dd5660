import { afterEach, describe, expect, it } from "vitest";
import { type Layer, type Model, type Optimizer, createEngine } from "../../src/index.ts";
import { adam, adamW, dense, mae, mse, ones, sequential, sgd } from "../../src/index.ts";

/** Models go on after steps that were not finite, as if there had been none. */

const engine = await createEngine();
const models: Model[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

function compile(optimizer: Optimizer, units = 1): Model {
  const options = { inputShape: [1], loss: mse(), optimizer, seed: 1 };
  const model = engine.compile(sequential([dense(units)]), options);
  models.push(model);
  return model;
}

const bits = (model: Model) => model.parameters.map(({ data }) => [...data]);

describe("with clipNorm, whose factor is NaN then", () => {
  const optimizers = [
    ["sgd", () => sgd({ clipNorm: 0.1 })],
    ["adam", () => adam({ clipNorm: 0.1 })],
    ["adamW", () => adamW({ clipNorm: 0.1 })],
  ] as const;

  // Arrays of 1, 3 and 17 floats have room after them that no step writes.
  const cases = optimizers.flatMap(([name, of]) => [1, 3, 17].map((n) => [name, n, of] as const));

  it.each(cases)("%s of %d units trains on after fit has gone back", async (_, units, of) => {
    const [model, twin] = [compile(of(), units), compile(of(), units)];
    const x = Float32Array.of(1, 2);
    const y = new Float32Array(2 * units).fill(3);
    const bad = y.with(1, NaN);
    await expect(model.fit({ x, y: bad }, { batchSize: 2 })).rejects.toThrow("a finite loss");
    for (let i = 0; i < 4; i++) {
      expect(model.trainStep(x, y)).toBe(twin.trainStep(x, y));
    }
    expect(bits(model)).toEqual(bits(twin));
  });

  it.each(cases)("%s of %d units trains on with weights from a file", async (_, units, of) => {
    const [model, twin] = [compile(of(), units), compile(of(), units)];
    const [x, y] = [Float32Array.of(1, 2), new Float32Array(2 * units).fill(3)];
    const bytes = await model.toSafetensors({ includeOptimizer: true });
    expect(model.trainStep(x, y.with(0, NaN))).toBeNaN();
    await model.fromSafetensors(bytes, { includeOptimizer: true });
    expect(model.trainStep(x, y)).toBe(twin.trainStep(x, y));
    expect(model.trainStep(x, y)).toBe(twin.trainStep(x, y));
  });
});

describe("a fit whose loss and weights are finite ends", () => {
  it("where the optimizer's state is not", async () => {
    const options = { inputShape: [1], loss: mae(), optimizer: adam() };
    const model = engine.compile(sequential([dense(1)]), options);
    models.push(model);
    const before = bits(model);
    const fitted = model.fit({ x: Float32Array.of(1e25), y: Float32Array.of(0) });
    await expect(fitted).rejects.toThrow("finite optimizer state, dense1.weight has others");
    expect(bits(model)).toEqual(before);
  });

  it("where a buffer is not", async () => {
    const lost: Layer = {
      kind: "lost",
      label: "lost",
      record(g, x) {
        const buffer = g.buffer("kept", [1], ones());
        if (g.training) g.update(buffer, g.log(g.sub(buffer, g.constant(2))));
        return x;
      },
    };
    const options = { inputShape: [1], loss: mse(), optimizer: sgd() };
    const model = engine.compile(sequential([dense(1), lost]), options);
    models.push(model);
    const fitted = model.fit({ x: Float32Array.of(1), y: Float32Array.of(0) });
    await expect(fitted).rejects.toThrow("finite buffers, lost1.kept has others");
    expect([...model.buffers[0]!.data]).toEqual([1]);
  });
});
