import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import type { CompileOptions, Layer } from "../../src/index.ts";
import { engineOfPages, weightsOf, wrong } from "../engine/fixtures.ts";
import { CLASSES, FEATURES, classifier, data } from "./networks.ts";

const { activation, adam, bce, createEngine, crossEntropy, dense, mse, network, sequential, sgd } =
  gradlane;

const engine = await createEngine();

describe("compile refuses, and the engine is as before", () => {
  it.each<[keyof CompileOptions, unknown, RegExp]>([
    ["inputShape", undefined, /expected inputShape to be .* such as \[784\], got undefined/],
    ["inputShape", 5, /got 5$/],
    ["inputShape", "5", /got "5"$/],
    ["inputShape", [], /got \[\]$/],
    ["inputShape", [2.5], /got \[2.5\]$/],
    ["inputShape", [0], /got \[0\]$/],
    ["inputShape", [-5], /got \[-5\]$/],
    ["inputShape", ["5"], /got \["5"\]$/],
    ["loss", undefined, /expected a loss for the optimizer to minimise, got none/],
    ["loss", "mse", /expected loss to be a loss such as .*, got "mse"/],
    ["loss", crossEntropy, /expected loss to be a loss such as .*, got a function/],
    ["loss", null, /expected loss to be a loss such as .*, got null/],
    [
      "optimizer",
      {},
      /expected optimizer to be an optimizer such as adam\(\), got an empty object$/,
    ],
    ["optimizer", "adam", /expected optimizer to be an optimizer such as .*, got "adam"/],
    [
      "metrics",
      ["precision"],
      /expected metrics to be a list of "accuracy" and metrics such as .*, got \["precision"\]$/,
    ],
    ["metrics", "accuracy", /expected metrics/],
    ["seed", -1, /seed to be a whole number from 0 on, got -1/],
    ["seed", 1.5, /seed to be .*, got 1.5/],
    ["seed", "1", /seed to be .*, got "1"/],
    ["batchSize", 0, /batchSize to be a whole number from 1 on, got 0/],
    ["batchSize", null, /batchSize to be .*, got null/],
    ["byteScale", NaN, /byteScale to be a finite number, got NaN/],
  ])("%s %j", (name, value, error) => {
    const usage = engine.memoryUsage;
    expect(() => classifier(engine, { [name]: value })).toThrow(error);
    expect(() => classifier(engine, { [name]: value })).toThrow(
      /^(compile|crossEntropy): expected /,
    );
    expect(engine.memoryUsage).toEqual(usage);
  });

  it("what is no network, or no options", () => {
    const options = { inputShape: [5], loss: mse(), optimizer: sgd() };
    for (const given of [null, undefined, {}, [dense(1)], "dense"]) {
      expect(() => engine.compile(wrong(given), options)).toThrow(
        /^compile: expected network to be a network/,
      );
    }
    expect(() => engine.compile(sequential([dense(1)]), wrong(undefined))).toThrow(
      /^compile: expected/,
    );
  });

  it("a layer or a network that returns no node", () => {
    const options = { inputShape: [5], loss: mse(), optimizer: sgd() };
    const silent: Layer = { kind: "silent", label: "silent", record: wrong(() => undefined) };
    const usage = engine.memoryUsage;
    expect(() => engine.compile(sequential([silent, dense(3)]), options)).toThrow(
      new TypeError("silent: expected record to return a node, got undefined"),
    );
    expect(() => engine.compile(network(wrong(() => 1)), options)).toThrow(
      new TypeError("network: expected record to return a node, got 1"),
    );
    expect(engine.memoryUsage).toEqual(usage);
  });

  it("a network that is larger than the memory may be", async () => {
    const small = await createEngine({ maximumBytes: 1_000_000 });
    const usage = small.memoryUsage;
    const huge = sequential([dense(1000)]);
    const options = { inputShape: [1000], loss: mse(), optimizer: adam() };
    expect(() => small.compile(huge, options)).toThrow(
      /^compile: expected room for \d+ bytes more/,
    );
    expect(small.memoryUsage.used).toBe(usage.used);
    expect(small.memoryUsage.reserved).toBe(usage.reserved);
    expect(classifier(small).trainStep(data.x, data.y)).toBeGreaterThan(0);
    const wide = { ...options, inputShape: [10], batchSize: 2 ** 30 };
    const before = small.memoryUsage.used;
    expect(() => small.compile(sequential([dense(10)]), wide)).toThrow(RangeError);
    expect(small.memoryUsage.used).toBe(before);
  });
});

describe("layers, losses and optimizers refuse garbage", () => {
  it.each([0, -1, 1.5, NaN, Infinity, "8", null, undefined])("dense(%s)", (units) => {
    expect(() => dense(wrong(units))).toThrow(
      new (typeof units === "number" ? RangeError : TypeError)(
        `dense: expected units to be a whole number from 1 on, ` +
          `got ${typeof units === "string" ? `"${units}"` : units}`,
      ),
    );
  });

  it("an unknown activation", () => {
    const known = /expected an activation of linear, relu, .*, got "swish2"$/;
    expect(() => dense(3, { activation: wrong("swish2") })).toThrow(known);
    expect(() => dense(3, { activation: wrong("toString") })).toThrow(RangeError);
    expect(() => activation(wrong("swish2"))).toThrow(/^activation: expected .*, got "swish2"$/);
    expect(() => activation(wrong("toString"), 1)).toThrow(RangeError);
    expect(() => activation(wrong(undefined))).toThrow(TypeError);
  });

  it("what is no list of layers", () => {
    for (const layers of [[], null, undefined, dense(3), "dense"]) {
      expect(() => sequential(wrong(layers))).toThrow(
        /^sequential: expected a list of at least 1 layer/,
      );
    }
    expect(() => sequential([dense(3), wrong(null)])).toThrow(/a layer at position 1, got null/);
    expect(() => sequential([wrong(dense)])).toThrow(
      /a layer at position 0, got a function; call it/,
    );
    expect(() => sequential([wrong({ kind: "twice", record: () => data })])).toThrow(
      /a layer at position 0, got an object of kind, record$/,
    );
  });

  it("reductions that there are not", () => {
    for (const loss of [mse, bce, crossEntropy]) {
      expect(() => loss({ reduction: wrong("none") })).toThrow(/"mean".*"sum".*, got "none"$/);
    }
  });

  it.each([
    [
      () => sgd({ learningRate: -1 }),
      /^sgd: expected learningRate to be a number from 0 on or a schedule, got -1/,
    ],
    [() => sgd({ learningRate: NaN }), /^sgd: expected learningRate/],
    [() => sgd({ momentum: 1 }), /^sgd: expected momentum to be a number in \[0, 1\), got 1/],
    [() => adam({ beta1: 1 }), /^adam: expected beta1/],
    [() => adam({ beta2: -0.1 }), /^adam: expected beta2/],
    [() => adam({ epsilon: Infinity }), /^adam: expected epsilon/],
    [() => adam({ learningRate: wrong("1e-3") }), /^adam: expected learningRate/],
    [() => gradlane.constant(wrong("1")), /^constant: expected value to be a number, got "1"/],
  ])("numbers out of range %#", (make, error) => {
    expect(make).toThrow(error);
  });
});

describe("a memory that cannot grow", () => {
  it("refuses the batches that do not fit, and trains those that do", async () => {
    const small = await engineOfPages(1);
    const [model, twin] = [classifier(small), classifier(engine)];
    const refused: number[] = [];
    for (let rows = 16; rows < 1400; rows += 7) {
      const x = new Float32Array(rows * FEATURES).fill(0.5);
      const y = new Int32Array(rows).fill(1);
      const before = weightsOf(model);
      const { used } = small.memoryUsage;
      try {
        model.trainStep(x, y);
        twin.trainStep(x, y);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect((error as Error).message).toMatch(
          new RegExp(`batch of ${rows}.*: expected room for`),
        );
        expect(small.memoryUsage.used, `after a batch of ${rows}`).toBe(used);
        expect(weightsOf(model)).toEqual(before);
        refused.push(rows);
      }
    }
    expect(refused.length).toBeGreaterThan(10);
    model.trainStep(data.x, data.y);
    twin.trainStep(data.x, data.y);
    expect(weightsOf(model)).toEqual(weightsOf(twin));
    expect(small.memoryUsage.reserved).toBe(65536);
  });

  it.each([1200, 1700, 2200, 3000, 5000])(
    "refuses a fit of %d examples before its first step",
    async (rows) => {
      const small = await engineOfPages(1);
      const model = classifier(small);
      const before = weightsOf(model);
      const { used } = small.memoryUsage;
      const set = { x: new Float32Array(rows * FEATURES), y: new Int32Array(rows) };
      let steps = 0;
      const options = { batchSize: Math.floor(rows / 2) + 1, onBatchEnd: () => void steps++ };
      await expect(model.fit(set, { ...options, validation: set })).rejects.toThrow(RangeError);
      expect([steps, small.memoryUsage.used]).toEqual([0, used]);
      expect(weightsOf(model)).toEqual(before);
      await model.fit(data);
      expect(model.predict(data.x).data.length).toBe(50 * CLASSES);
    },
  );

  it("refuses predictions and evaluations that do not fit", async () => {
    const small = await engineOfPages(1);
    const model = classifier(small);
    const { used } = small.memoryUsage;
    const set = { x: new Float32Array(6000 * FEATURES), y: new Int32Array(6000) };
    expect(() => model.predict(set.x)).toThrow(RangeError);
    await expect(model.evaluate(set, { batchSize: 6000 })).rejects.toThrow(RangeError);
    expect(small.memoryUsage.used).toBe(used);
    expect((await model.evaluate(set)).loss).toBeGreaterThan(0);
  });
});
