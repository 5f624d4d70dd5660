import { describe, expect, it } from "vitest";
import { adam, createEngine, dense, dropout, mse, network } from "../../src/index.ts";
import { sequential, sgd } from "../../src/index.ts";
import type { ArrayValue, FitOptions, GraphOptions, Model } from "../../src/index.ts";
import { bits, floats, weightsOf } from "../engine/fixtures.ts";

const engine = await createEngine();
const [ROWS, IN] = [20, 6];
const set = { x: floats(ROWS * IN, 1), y: floats(ROWS, 2) };

function dropping(seed: number, where = engine): Model {
  const layers = [dense(16, { activation: "relu" }), dropout(0.4), dense(1)];
  const options = { inputShape: [IN], loss: mse(), optimizer: adam(), batchSize: 8, seed };
  return where.compile(sequential(layers), options);
}

async function fitted(model: Model, options: FitOptions = {}): Promise<Uint32Array> {
  await model.fit(set, { epochs: 3, ...options });
  return weightsOf(model);
}

describe("a model with dropout", () => {
  it("has the same weights for the same seed, bit for bit, in every engine", async () => {
    const first = await fitted(dropping(1));
    expect(await fitted(dropping(1))).toEqual(first);
    expect(await fitted(dropping(1, await createEngine()))).toEqual(first);
    expect(await fitted(dropping(2))).not.toEqual(first);
  });

  it("does so in pieces, and whatever is evaluated and predicted between", async () => {
    const pieces = { microBatchSize: 3 };
    const first = await fitted(dropping(1), pieces);
    expect(await fitted(dropping(1), pieces)).toEqual(first);
    const model = dropping(1);
    const onBatchEnd = async (): Promise<void> => {
      await model.evaluate(set, { batchSize: 7 });
      model.predict(set.x);
    };
    expect(await fitted(model, { ...pieces, onBatchEnd, validation: set })).toEqual(first);
  });

  it("drops others in each step", () => {
    const layer = [dropout(0.5), dense(1, { useBias: false })];
    const options = {
      inputShape: [256],
      loss: mse(),
      optimizer: sgd({ learningRate: 0 }),
      seed: 3,
    };
    const model = engine.compile(sequential(layer), options);
    const x = new Float32Array(256).fill(1);
    const masks = Array.from({ length: 4 }, () => {
      model.trainStep(x, new Float32Array([1000]));
      return [...model.parameters[0]!.grad].map((gradient) => gradient !== 0);
    });
    masks.forEach((mask, i) => {
      const kept = mask.filter(Boolean).length;
      // Four deviations of a binomial count of 256: 4 · √64.
      expect(Math.abs(kept - 128)).toBeLessThan(33);
      for (const other of masks.slice(i + 1)) expect(other).not.toEqual(mask);
    });
  });

  it("drops nothing in evaluate and predict, whose results are those without it", async () => {
    const model = dropping(5);
    await fitted(model);
    const plain = engine.compile(sequential([dense(16, { activation: "relu" }), dense(1)]), {
      inputShape: [IN],
      loss: mse(),
      optimizer: adam(),
      batchSize: 8,
    });
    await plain.fromSafetensors(await model.toSafetensors());
    expect(await model.evaluate(set)).toEqual(await plain.evaluate(set));
    const [a, b] = [model, plain].map((one) => one.predict(set.x).data.slice());
    expect(bits(a!)).toEqual(bits(b!));
    expect(await model.evaluate(set)).toEqual(await model.evaluate(set));
    expect(model.buffers).toEqual([]);
  });

  it("of rate 0 is the model without it, bit for bit", async () => {
    const build = (rate?: number): Model =>
      engine.compile(
        network((g, { x }) => {
          const h = g.use(dense(5), x);
          return g.use(dense(1), rate === undefined ? h : g.use(dropout(rate), h));
        }),
        { inputShape: [IN], loss: mse(), optimizer: adam(), seed: 8 },
      );
    expect(await fitted(build(0))).toEqual(await fitted(build()));
  });
});

describe("dropout in a graph by hand", () => {
  const N = 400;

  /** Returns the output of dropout for ones, in each of three runs. */
  function runs(options?: GraphOptions): number[][] {
    const g = engine.graph(options);
    const x = g.parameter([N], 1);
    const kept = g.dropout(x, 0.25);
    const step = g.compile(g.sum(kept), { outputs: [kept] });
    const results = Array.from({ length: 3 }, () => {
      step.run();
      const values = [...(step.value(kept) as ArrayValue).data];
      expect([...(step.gradient(x) as ArrayValue).data]).toEqual(values);
      return values;
    });
    g.dispose();
    return results;
  }

  it("follows the seed of the graph, and is another in each run", () => {
    const first = runs({ seed: 1 });
    expect(runs({ seed: 1 })).toEqual(first);
    expect(first[1]).not.toEqual(first[0]);
    expect(first[2]).not.toEqual(first[1]);
    for (const seed of [0, 2, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]) {
      expect(runs({ seed })[0]).not.toEqual(first[0]);
    }
    expect(runs()).toEqual(runs({ seed: 0 }));
  });

  it("keeps three quarters, times 4/3", () => {
    for (const values of runs({ seed: 9 })) {
      expect(new Set(values)).toEqual(new Set([0, Math.fround(4 / 3)]));
      // Four deviations of a binomial count of 400: 4 · √75.
      expect(Math.abs(values.filter((value) => value > 0).length - 300)).toBeLessThan(35);
    }
  });

  it.each([-1, 0.5, NaN, 2 ** 53, "1"])("refuses the seed %s", (seed) => {
    const { used } = engine.memoryUsage;
    expect(() => engine.graph({ seed: seed as number })).toThrow(
      /^graph: expected seed to be a whole number from 0 on, got /,
    );
    expect(engine.memoryUsage.used).toBe(used);
  });
});
