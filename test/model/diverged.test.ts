import { describe, expect, it } from "vitest";
import { adam, batchNorm, createEngine, dense, dropout, earlyStopping } from "../../src/index.ts";
import { exponentialDecay, mse, network, sequential, sgd } from "../../src/index.ts";
import type { BatchEnd, Callback, CompileOptions, Dataset } from "../../src/index.ts";
import type { EpochEnd, FitOptions, Model } from "../../src/index.ts";
import { floats, weightsOf } from "../engine/fixtures.ts";

const engine = await createEngine();
const [ROWS, IN] = [24, 4];
const good = { x: floats(ROWS * IN, 1), y: floats(ROWS, 2) };

/** A copy with one number of x, or of y, replaced, in a row. */
function withNumber(what: "x" | "y", row: number, value: number): Dataset {
  const array = good[what].slice();
  array[row * (what === "x" ? IN : 1)] = value;
  return { ...good, [what]: array };
}

/** Batch normalisation and dropout between dense layers, under a schedule: all that keeps state. */
function model(options: Partial<CompileOptions> = {}): Model {
  const layers = [dense(6), batchNorm(), dense(6, { activation: "tanh" }), dropout(0.3), dense(1)];
  return engine.compile(sequential(layers), {
    inputShape: [IN],
    loss: mse(),
    optimizer: adam({ learningRate: exponentialDecay({ learningRate: 0.1, gamma: 0.9 }) }),
    batchSize: 8,
    seed: 4,
    ...options,
  });
}

/** Weights, buffers, the optimizer's state, the random state, counts of steps and epochs. */
function stateOf(trained: Model): Promise<Uint8Array> {
  return trained.toSafetensors({ includeOptimizer: true });
}

const text = (wrong: string, epoch: number, batch: number, step: number): string =>
  `fit: expected ${wrong} in epoch ${epoch}, batch ${batch} (step ${step}); the model is as it ` +
  "was at the last snapshot; checkFinite: true in compile finds the op";

/** A fit is rejected with this error, and leaves the model as its twin is. */
async function expectDiverged(
  [diverged, twin]: readonly [Model, Model],
  data: Dataset,
  options: FitOptions,
  error: string,
): Promise<void> {
  const rejects = (): Promise<void> =>
    expect(diverged.fit(data, options)).rejects.toThrow(new RangeError(error));
  await rejects();
  const { used } = engine.memoryUsage;
  await rejects();
  expect(engine.memoryUsage.used).toBe(used);
  expect(await stateOf(diverged)).toEqual(await stateOf(twin));
  const ends = await Promise.all([diverged, twin].map((each) => each.fit(good, { epochs: 2 })));
  expect(ends[0]!.epochs.map(({ loss }) => loss)).toEqual(ends[1]!.epochs.map(({ loss }) => loss));
  expect(await stateOf(diverged)).toEqual(await stateOf(twin));
}

describe("a fit whose loss is not finite", () => {
  it.each([
    ["NaN in x", withNumber("x", 19, NaN), NaN],
    ["NaN in y", withNumber("y", 19, NaN), NaN],
    ["Infinity in y", withNumber("y", 19, Infinity), Infinity],
    ["a square that overflows", withNumber("y", 19, 1e30), Infinity],
  ])("from %s ends, and goes back to its beginning", async (_, data, loss) => {
    const pair = [model(), model()] as const;
    for (const each of pair) await each.fit(good, { epochs: 2 });
    await expectDiverged(
      pair,
      data,
      { shuffle: false },
      text(`a finite loss, got ${loss}`, 0, 2, 3),
    );
  });

  it("goes back to the end of the last epoch", async () => {
    const [diverged, twin] = [model(), model()];
    await twin.fit(good, { epochs: 2, shuffle: false });
    // A tensor is read in place, so that what is written into it is trained on.
    const x = engine.tensor([ROWS, IN]);
    x.data.set(good.x);
    const onEpochEnd = ({ epoch }: EpochEnd): void => {
      if (epoch === 1) x.data[IN * 9] = NaN;
    };
    const fit = diverged.fit({ x, y: good.y }, { epochs: 5, shuffle: false, onEpochEnd });
    await expect(fit).rejects.toThrow(new RangeError(text("a finite loss, got NaN", 2, 1, 8)));
    expect(await stateOf(diverged)).toEqual(await stateOf(twin));
    x.dispose();
  });

  it("goes back to the last snapshot within the epoch on request", async () => {
    const [diverged, twin] = [model(), model()];
    const data = withNumber("x", 23, NaN);
    const options = { batchSize: 4, shuffle: false, snapshotSteps: 2 };
    await expect(diverged.fit(data, options)).rejects.toThrow(
      text("a finite loss, got NaN", 0, 5, 6),
    );
    for (let from = 0; from < 16; from += 4) {
      twin.trainStep(good.x.subarray(from * IN, (from + 4) * IN), good.y.subarray(from, from + 4));
    }
    expect(weightsOf(diverged)).toEqual(weightsOf(twin));
    expect(diverged.buffers.map(({ data }) => [...data])).toEqual(
      twin.buffers.map(({ data }) => [...data]),
    );
    for (let i = 0; i < 3; i++) {
      expect(diverged.trainStep(good.x, good.y)).toBe(twin.trainStep(good.x, good.y));
    }
  });

  it("does so in pieces of a batch", async () => {
    const plain = (): Model => {
      const layers = [dense(6, { activation: "tanh" }), dropout(0.3), dense(1)];
      return engine.compile(sequential(layers), {
        inputShape: [IN],
        loss: mse(),
        optimizer: adam(),
        seed: 4,
      });
    };
    const options = { batchSize: 8, microBatchSize: 3, shuffle: false };
    const data = withNumber("x", 14, NaN);
    await expectDiverged(
      [plain(), plain()],
      data,
      options,
      text("a finite loss, got NaN", 0, 1, 2),
    );
  });

  it("tells nobody of that step, nor of an end", async () => {
    const told: string[] = [];
    const callback = {
      onBatchEnd: ({ step, loss }: BatchEnd) => void told.push(`step ${step} ${typeof loss}`),
      onEpochEnd: () => void told.push("epoch"),
      onTrainEnd: () => void told.push("end"),
    };
    const data = withNumber("x", 19, NaN);
    const options = { batchSize: 8, shuffle: false, callbacks: [callback] };
    await expect(model().fit(data, options)).rejects.toThrow(RangeError);
    expect(told).toEqual(["step 1 number", "step 2 number"]);
  });

  it("keeps what a callback gave the model before the first step", async () => {
    const [diverged, other] = [model(), model({ seed: 5 })];
    const weights = await other.toSafetensors();
    const callbacks = [{ onTrainBegin: () => diverged.fromSafetensors(weights) }];
    const data = withNumber("x", 19, NaN);
    await expect(diverged.fit(data, { callbacks })).rejects.toThrow(RangeError);
    expect(weightsOf(diverged)).toEqual(weightsOf(other));
  });

  it("is what trainStep gives as it is", () => {
    const spoilt = model();
    const { x, y } = withNumber("x", 2, NaN);
    expect(spoilt.trainStep(x, y)).toBeNaN();
    expect(weightsOf(spoilt)).not.toEqual(weightsOf(model()));
  });

  it("starts from the next step on where numbers are checked", async () => {
    const checked = model({ checkFinite: true });
    checked.parameters[0]!.data.fill(3e38);
    await expect(checked.fit(good)).rejects.toThrow(
      /^training: expected finite values, .* gave -?(Infinity|NaN) in element /,
    );
  });
});

describe("a fit whose weights are not finite", () => {
  /** The root of a square, whose slope at 0 is NaN where its value is 0. */
  function roots(): Model {
    const net = network((g, { x }) => {
      const h = g.use(dense(1, { useBias: false }), x);
      return g.sqrt(g.mul(h, h));
    });
    const optimizer = sgd({ learningRate: 0.1 });
    return engine.compile(net, { inputShape: [IN], loss: mse(), optimizer, batchSize: 8 });
  }

  /** The data with a row of zeros. */
  function zeroAt(row: number): Dataset {
    return { x: good.x.slice().fill(0, row * IN, (row + 1) * IN), y: good.y };
  }

  it("after its last step ends with an error, not with them", async () => {
    const wrong = "finite weights, dense1.weight has others";
    const options = { shuffle: false };
    await expectDiverged([roots(), roots()], zeroAt(20), options, text(wrong, 0, 2, 3));
  });

  it("after a step before that ends with the next loss", async () => {
    const pair = [roots(), roots()] as const;
    const options = { batchSize: 4, shuffle: false };
    await expectDiverged(pair, zeroAt(0), options, text("a finite loss, got NaN", 0, 1, 2));
  });

  it("at a snapshot keeps the snapshot before", async () => {
    const pair = [roots(), roots()] as const;
    const options = { batchSize: 4, shuffle: false, snapshotSteps: 1 };
    const wrong = "finite weights, dense1.weight has others";
    await expectDiverged(pair, zeroAt(0), options, text(wrong, 0, 0, 1));
  });

  it("because steps are too large ends as well", async () => {
    const large = (): Model => model({ optimizer: sgd({ learningRate: 3e38 }) });
    const [diverged, twin] = [large(), large()];
    await expect(diverged.fit(good, { batchSize: ROWS })).rejects.toThrow(
      /^fit: expected finite weights, dense\d\.\w+ has others in epoch 0, batch 0 \(step 1\); /,
    );
    expect(await stateOf(diverged)).toEqual(await stateOf(twin));
  });

  it("when a callback stops it ends as well", async () => {
    const stops: Callback = {
      onBatchEnd: (_, context) => {
        context.stop();
      },
    };
    const callbacks = [stops];
    const fit = roots().fit(zeroAt(0), { batchSize: 4, shuffle: false, callbacks });
    await expect(fit).rejects.toThrow("batch 0 (step 1)");
  });
});

it("what lies between two parameters is nobody's weight", async () => {
  // One weight and one bias, each on a line of its own: of an epsilon of 0 the rest is 0 / 0.
  const optimizer = adam({ epsilon: 0 });
  const options = { inputShape: [1], loss: mse(), optimizer };
  const single = engine.compile(sequential([dense(1)]), options);
  const x = good.y;
  const { epochs } = await single.fit({ x, y: x.map((value) => 2 * value + 1) }, { epochs: 3 });
  expect(epochs[2]!.loss).toBeLessThan(epochs[0]!.loss);
  const { buffer, byteOffset } = single.parameters[0]!.data;
  expect(new Float32Array(buffer, byteOffset, 2)[1]).toBeNaN();
});

describe("numbers of the validation that are not finite", () => {
  const validation = withNumber("x", 3, NaN);

  it("are reported as they are", async () => {
    const [one, twin] = [model(), model()];
    const { epochs } = await one.fit(good, { epochs: 2, validation });
    expect(epochs.map(({ validationLoss }) => validationLoss)).toEqual([NaN, NaN]);
    await twin.fit(good, { epochs: 2 });
    expect(await stateOf(one)).toEqual(await stateOf(twin));
  });

  it("are no improvement to early stopping", async () => {
    const stopping = earlyStopping({ patience: 2 });
    const { epochs } = await model().fit(good, { epochs: 9, validation, callbacks: [stopping] });
    expect(epochs.length).toBe(2);
    expect(stopping.best).toBeUndefined();
  });
});
