import { describe, expect, it } from "vitest";
import { adam, batchNorm, createEngine, dense, dropout, mse } from "../../src/index.ts";
import {
  amsgrad,
  crossEntropy,
  exponentialDecay,
  layerNorm,
  network,
  nadam,
  sequential,
} from "../../src/index.ts";
import type { CompileOptions, Dataset, Layer, Model } from "../../src/index.ts";
import { bits, classLabels, floats, weightsOf } from "../engine/fixtures.ts";

const engine = await createEngine();
const [ROWS, IN] = [12, 4];

/** Positive numbers, whose logarithms are finite. */
const x = floats(ROWS * IN, 1).map((value) => value + 1.5);
const y = floats(ROWS, 2);
const good = { x, y };

/** The same with one number whose logarithm is NaN, in the last example. */
const bad = { x: x.map((value, i) => (i === (ROWS - 1) * IN + 1 ? -value : value)), y };

/** log, normalisation and dropout between dense layers, under a schedule. */
function logarithms(
  checkFinite: boolean,
  options: Partial<CompileOptions> = {},
  norm: Layer = batchNorm(),
): Model {
  const net = network((g, inputs) => {
    const h = g.use(norm, g.use(dense(6), g.log(inputs.x)));
    return g.use(dense(1), g.use(dropout(0.3), g.relu(h)));
  });
  return engine.compile(net, {
    inputShape: [IN],
    loss: mse(),
    optimizer: adam({ learningRate: exponentialDecay({ learningRate: 0.1, gamma: 0.9 }) }),
    batchSize: ROWS,
    seed: 4,
    checkFinite,
    ...options,
  });
}

/** All that is kept from step to step and can be seen from outside. */
function stateOf(model: Model) {
  const buffers = model.buffers.map(({ data }) => [...data]);
  return { weights: weightsOf(model), buffers, rate: model.learningRate };
}

const error = "training: expected finite values, log gave NaN in element 45 of [12, 4]";

describe("a model that is checked", () => {
  it("refuses a step that gives NaN and names the op", () => {
    expect(() => logarithms(true).trainStep(bad.x, bad.y)).toThrow(new RangeError(error));
    expect(logarithms(false).trainStep(bad.x, bad.y)).toBeNaN();
  });

  it("names the layer where one of its ops gives an infinity", () => {
    const model = engine.compile(sequential([dense(3), dense(1)]), {
      inputShape: [IN],
      loss: mse(),
      optimizer: adam(),
      checkFinite: true,
    });
    model.parameters[2]!.data.fill(3e38);
    expect(() => model.trainStep(x, y)).toThrow(
      /^training: expected finite values, dense of dense\(1\) gave -?Infinity in element \d+ of \[12, 1\]$/,
    );
  });

  it.each([
    ["adam", adam({ learningRate: exponentialDecay({ learningRate: 0.1, gamma: 0.9 }) })],
    ["amsgrad", amsgrad({ learningRate: 0.05, clipNorm: 0.1 })],
    ["nadam", nadam({ learningRate: 0.02, clipValue: 0.1 })],
  ])("is as before after it: weights, moments, counters, buffers, masks: %s", (_, optimizer) => {
    const [model, twin] = [logarithms(true, { optimizer }), logarithms(true, { optimizer })];
    for (let step = 0; step < 4; step++) {
      const before = stateOf(model);
      expect(() => model.trainStep(bad.x, bad.y)).toThrow(error);
      expect(stateOf(model)).toEqual(before);
      // Moments, counters and the state of dropout show in the steps to come.
      expect(model.trainStep(good.x, good.y)).toBe(twin.trainStep(good.x, good.y));
      expect(stateOf(model)).toEqual(stateOf(twin));
    }
  });

  it.each([undefined, 5, 1])(
    "is as before after a fit that fails, in pieces of %s",
    async (size) => {
      // Batch normalisation is not for pieces.
      const norm = size ? layerNorm() : batchNorm();
      const [model, twin] = [logarithms(true, {}, norm), logarithms(true, {}, norm)];
      for (const one of [model, twin]) await one.fit(good, { shuffle: false });
      const before = stateOf(model);
      const { used } = engine.memoryUsage;
      const options = { batchSize: ROWS, shuffle: false, ...(size && { microBatchSize: size }) };
      await expect(model.fit(bad, options)).rejects.toThrow(
        /^training: .*, log gave NaN in element /,
      );
      expect(stateOf(model)).toEqual(before);
      await expect(model.fit(bad, options)).rejects.toThrow(RangeError);
      expect(engine.memoryUsage.used - used).toBeLessThan(100_000);
      for (const one of [model, twin]) {
        await one.fit(good, options);
        one.trainStep(good.x, good.y);
      }
      expect(stateOf(model)).toEqual(stateOf(twin));
    },
  );

  it("keeps the steps before the one that is refused", async () => {
    const rows = { x: bad.x, y: bad.y };
    const [model, twin] = [logarithms(true), logarithms(true)];
    await expect(model.fit(rows, { batchSize: 4, shuffle: false })).rejects.toThrow(RangeError);
    for (const from of [0, 4]) {
      twin.trainStep(x.subarray(from * IN, (from + 4) * IN), y.subarray(from, from + 4));
    }
    expect(stateOf(model)).toEqual(stateOf(twin));
  });

  it.each([batchNorm(), layerNorm()])("has the bits of one that is not: $kind", async (norm) => {
    const [checked, plain] = [logarithms(true, {}, norm), logarithms(false, {}, norm)];
    const inPieces = norm.kind === "layerNorm" && { microBatchSize: 5 };
    for (const model of [checked, plain]) {
      await model.fit(good, { epochs: 3, batchSize: 5, validation: good });
      await model.fit(good, { epochs: 2, ...inPieces });
    }
    expect(checked.trainStep(x, y)).toBe(plain.trainStep(x, y));
    expect(stateOf(checked)).toEqual(stateOf(plain));
    expect(await checked.evaluate(good)).toEqual(await plain.evaluate(good));
    const [a, b] = [checked, plain].map((model) => model.predict(x).data.slice());
    expect(bits(a!)).toEqual(bits(b!));
  });

  it("takes class indices, bytes and metrics", () => {
    const compile = (checkFinite: boolean): Model =>
      engine.compile(sequential([dense(5, { activation: "gelu" }), dense(3)]), {
        inputShape: [IN],
        loss: crossEntropy({ labelSmoothing: 0.1 }),
        optimizer: adam(),
        metrics: ["accuracy"],
        checkFinite,
      });
    const [checked, plain] = [compile(true), compile(false)];
    const pixels = new Uint8Array(ROWS * IN).map((_, i) => i * 5);
    const labels = classLabels(ROWS, 3, 1);
    for (let step = 0; step < 5; step++) {
      expect(checked.trainStep(pixels, labels)).toBe(plain.trainStep(pixels, labels));
    }
    expect(weightsOf(checked)).toEqual(weightsOf(plain));
  });

  it("does not search predictions and evaluations", async () => {
    const model = logarithms(true);
    const set: Dataset = bad;
    expect([...model.predict(set.x).data].filter(Number.isNaN).length).toBe(1);
    expect((await model.evaluate(set)).loss).toBeNaN();
  });
});
