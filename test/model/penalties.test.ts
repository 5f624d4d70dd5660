import { describe, expect, it } from "vitest";
import { createEngine, dense, l1, l2, mse, network, sequential, sgd } from "../../src/index.ts";
import type { Layer, Model, Penalty } from "../../src/index.ts";
import { floats, wrong } from "../engine/fixtures.ts";

const engine = await createEngine();

const FACTOR = 0.25;
const [ROWS, IN] = [6, 3];
const x = floats(ROWS * IN, 1);
const y = floats(ROWS, 2);
const weight = [0.5, -1.5, 2];

/** A line with the weight above and bias 0.125. */
function line(options: { penalty?: Penalty; biasUnit?: boolean; sum?: boolean } = {}): Model {
  const { penalty, biasUnit = false, sum = false } = options;
  const layer = dense(1, { biasUnit, ...(penalty && { weightPenalty: penalty }) });
  const model = engine.compile(sequential([layer]), {
    inputShape: [IN],
    loss: mse({ reduction: sum ? "sum" : "mean" }),
    optimizer: sgd({ learningRate: 0 }),
    batchSize: ROWS,
  });
  const values = biasUnit ? [[0.125, ...weight]] : [weight, [0.125]];
  values.forEach((array, i) => {
    model.parameters[i]!.data.set(array);
  });
  return model;
}

/** Loss and gradient of the weight after one step that changes nothing. */
function stepOf(model: Model): { loss: number; gradient: number[] } {
  const loss = model.trainStep(x, y);
  return { loss, gradient: model.parameters.flatMap(({ grad }) => [...grad]) };
}

const cases = [
  {
    penalty: l1(FACTOR),
    value: FACTOR * (0.5 + 1.5 + 2),
    slope: weight.map((w) => FACTOR * Math.sign(w)),
  },
  {
    penalty: l2(FACTOR),
    value: FACTOR * (0.25 + 2.25 + 4),
    slope: weight.map((w) => 2 * FACTOR * w),
  },
];

describe.each(cases)("$penalty.name", ({ penalty, value, slope }) => {
  it("adds to loss and gradient of the weight, and leaves the bias alone", () => {
    const [plain, penalised] = [stepOf(line()), stepOf(line({ penalty }))];
    expect(penalised.loss).toBeCloseTo(plain.loss + value, 5);
    [...slope, 0].forEach((by, i) => {
      expect(penalised.gradient[i]).toBeCloseTo(plain.gradient[i]! + by, 6);
    });
    expect(penalised.gradient[IN]).toBe(plain.gradient[IN]);
  });

  it("leaves the row of a bias unit alone", () => {
    const plain = stepOf(line({ biasUnit: true }));
    const penalised = stepOf(line({ biasUnit: true, penalty }));
    expect(penalised.loss).toBeCloseTo(plain.loss + value, 5);
    [0, ...slope].forEach((by, i) => {
      expect(penalised.gradient[i]).toBeCloseTo(plain.gradient[i]! + by, 6);
    });
    expect(penalised.gradient[0]).toBe(plain.gradient[0]);
  });

  it("is part of what fit and evaluate report, whatever the batches", async () => {
    const set = { x, y };
    const plain = (await line().evaluate(set)).loss;
    const model = line({ penalty });
    for (const batchSize of [ROWS, 4, 1]) {
      expect((await model.evaluate(set, { batchSize })).loss).toBeCloseTo(plain + value, 5);
      const { epochs } = await model.fit(set, { batchSize, validation: set });
      expect(epochs[0]!.loss).toBeCloseTo(plain + value, 5);
      expect(epochs[0]!.validationLoss).toBeCloseTo(plain + value, 5);
    }
  });

  it("is counted once by a loss that sums, whatever the pieces", async () => {
    const set = { x, y };
    const plain = stepOf(line({ sum: true }));
    const model = line({ penalty, sum: true });
    const whole = stepOf(model);
    expect(whole.loss).toBeCloseTo(plain.loss + value, 5);
    for (const batchSize of [ROWS, 4, 1]) {
      expect((await model.evaluate(set, { batchSize })).loss).toBeCloseTo(plain.loss + value, 5);
      if (batchSize === ROWS) continue;
      const { epochs } = await model.fit(set, { batchSize: ROWS, microBatchSize: batchSize });
      expect(epochs[0]!.loss).toBeCloseTo(plain.loss + value, 5);
      [...model.parameters[0]!.grad].forEach((gradient, i) => {
        expect(gradient).toBeCloseTo(whole.gradient[i]!, 5);
      });
      expect(stepOf(model)).toEqual(whole);
    }
  });
});

describe("a penalty", () => {
  it("of a layer that is used twice is added once", () => {
    const lossOf = (layer: Layer): number => {
      const net = network((g, { x }) => g.use(layer, g.use(layer, x)));
      const options = { inputShape: [1], loss: mse(), optimizer: sgd({ learningRate: 0 }) };
      const model = engine.compile(net, options);
      model.parameters[0]!.data.set([3]);
      return model.trainStep(new Float32Array([0]), new Float32Array([0]));
    };
    expect(lossOf(dense(1))).toBe(0);
    expect(lossOf(dense(1, { weightPenalty: l2(0.5) }))).toBe(4.5);
  });

  it("may be of two layers, and of activations by a layer's own hand", () => {
    const activity: Layer = {
      kind: "activity",
      label: "activity",
      record(g, x) {
        g.addLoss(g.mean(g.square(x)));
        return x;
      },
    };
    const layers = [dense(1, { weightPenalty: l2(1) }), activity, activity];
    const options = { inputShape: [1], loss: mse(), optimizer: sgd({ learningRate: 0 }) };
    const net = sequential([...layers, dense(1, { weightPenalty: l1(1) })]);
    const model = engine.compile(net, options);
    model.parameters[0]!.data.set([2]);
    model.parameters[2]!.data.set([-3]);
    // x = 1: 2 after the first layer, twice its square, then -6, of which 0 is expected.
    const loss = model.trainStep(new Float32Array([1]), new Float32Array([0]));
    expect(loss).toBe(36 + 4 + 2 * 4 + 3);
    // d/dw of 36 = (-3w)², w², 2w².
    expect(model.parameters[0]!.grad[0]).toBe(2 * 9 * 2 + 2 * 2 + 4 * 2);
    expect(model.parameters[2]!.grad[0]).toBe(2 * 4 * -3 - 1);
  });

  it("of 0 changes nothing, and has factor 0.01 by default, as in Keras", () => {
    expect(stepOf(line({ penalty: l1(0) }))).toEqual(stepOf(line()));
    expect(stepOf(line({ penalty: l2(0) }))).toEqual(stepOf(line()));
    expect([l1().name, l2().name]).toEqual(["l1(0.01)", "l2(0.01)"]);
  });

  it.each([-1, NaN, Infinity, "0.1", null])("refuses a factor %s", (factor) => {
    expect(() => l1(wrong(factor))).toThrow(/^l1: expected factor to be a number from 0 on, got /);
    expect(() => l2(wrong(factor))).toThrow(typeof factor === "number" ? RangeError : TypeError);
  });
});
