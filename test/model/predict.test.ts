import { describe, expect, it } from "vitest";
import {
  bceWithLogits,
  createEngine,
  crossEntropy,
  dense,
  mse,
  sequential,
} from "../../src/index.ts";
import { activation, adam, flatten, softmax } from "../../src/index.ts";
import { bits, floats, weightsOf } from "../engine/fixtures.ts";
import { CLASSES, COUNT, FEATURES, classifier, data, oneHot } from "./networks.ts";

const engine = await createEngine();

describe("evaluate", () => {
  it("in batches gives what it gives in one", async () => {
    const model = classifier(engine);
    const whole = await model.evaluate(data, { batchSize: COUNT });
    for (const batchSize of [1, 7, 16, 49, 1000]) {
      const parts = await model.evaluate(data, { batchSize });
      expect(parts.loss).toBeCloseTo(whole.loss, 6);
      expect(parts.accuracy).toBe(whole.accuracy);
    }
    expect(await model.evaluate(data)).toEqual(await model.evaluate(data, { batchSize: 16 }));
  });

  it("adds up where the loss is a sum", async () => {
    const mean = await classifier(engine).evaluate(data);
    const sum = classifier(engine, { loss: crossEntropy({ reduction: "sum" }) });
    for (const batchSize of [7, COUNT]) {
      const { loss, accuracy } = await sum.evaluate(data, { batchSize });
      expect(loss / COUNT).toBeCloseTo(mean.loss, 5);
      expect(accuracy).toBe(mean.accuracy);
    }
  });

  it("gives the loss and the accuracy that float64 gives for the predictions", async () => {
    const model = classifier(engine);
    const logits = model.predict(data.x).data.slice();
    let [loss, correct] = [0, 0];
    data.y.forEach((label, i) => {
      const row = [...logits.subarray(i * CLASSES, (i + 1) * CLASSES)];
      const sum = row.reduce((total, logit) => total + Math.exp(logit), 0);
      loss += Math.log(sum) - row[label]!;
      correct += Number(row.indexOf(Math.max(...row)) === label);
    });
    const came = await model.evaluate(data);
    expect(came.loss).toBeCloseTo(loss / COUNT, 6);
    expect(came.accuracy).toBe(correct / COUNT);
    const rows = oneHot(data.y, CLASSES);
    expect((await model.evaluate({ x: data.x, y: rows })).accuracy).toBe(correct / COUNT);
  });

  it("counts a yes or no for each output of binary losses", async () => {
    const model = engine.compile(sequential([dense(2)]), {
      inputShape: [FEATURES],
      loss: bceWithLogits(),
      optimizer: adam(),
      metrics: ["accuracy"],
    });
    const logits = [...model.predict(data.x).data];
    const y = Float32Array.from(logits, (logit, i) => Number(i % 4 === 0 ? logit <= 0 : logit > 0));
    expect((await model.evaluate({ x: data.x, y })).accuracy).toBe(0.75);
    const single = engine.compile(sequential([dense(1)]), {
      inputShape: [FEATURES],
      loss: mse(),
      optimizer: adam(),
      metrics: ["accuracy"],
    });
    const values = [...single.predict(data.x).data];
    const targets = Float32Array.from(values, (value) => Number(value > 0.5));
    expect((await single.evaluate({ x: data.x, y: targets })).accuracy).toBe(1);
  });

  it("changes nothing", async () => {
    const [model, twin] = [classifier(engine), classifier(engine)];
    const before = weightsOf(model);
    await model.evaluate(data);
    model.predict(data.x);
    expect(weightsOf(model)).toEqual(before);
    model.trainStep(data.x, data.y);
    twin.trainStep(data.x, data.y);
    expect(weightsOf(model)).toEqual(weightsOf(twin));
  });
});

describe("predict", () => {
  it("gives many rows as it gives each, bit for bit", () => {
    const model = engine.compile(
      sequential([dense(9, { activation: "sigmoid" }), dense(4), softmax()]),
      {
        inputShape: [FEATURES],
        loss: mse(),
        optimizer: adam(),
        batchSize: 8,
      },
    );
    const rows = 100;
    const x = floats(rows * FEATURES, 5);
    const { data: all, shape } = model.predict(x);
    expect(shape).toEqual([rows, 4]);
    const together = bits(all);
    for (let row = 0; row < rows; row++) {
      const one = model.predict(x.subarray(row * FEATURES, (row + 1) * FEATURES));
      expect(one.shape).toEqual([1, 4]);
      expect(bits(one.data)).toEqual(together.subarray(row * 4, row * 4 + 4));
    }
  });

  it("gives the shape of the last layer", () => {
    const layers = [flatten(), dense(6), activation("relu")];
    const model = engine.compile(sequential(layers), {
      inputShape: [2, 3],
      loss: mse(),
      optimizer: adam(),
    });
    expect(model.predict(floats(12, 1)).shape).toEqual([2, 6]);
    const same = engine.compile(sequential([activation("tanh")]), {
      inputShape: [2, 3],
      loss: mse(),
      optimizer: adam(),
    });
    const x = floats(12, 1);
    const { data: y, shape } = same.predict(x);
    expect(shape).toEqual([2, 2, 3]);
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.tanh(x[i]!), 6);
    });
    expect(same.parameters).toEqual([]);
    expect(same.trainStep(x, x)).toBeGreaterThan(0);
  });

  it("takes bytes and tensors", () => {
    const model = classifier(engine);
    const bytes = Uint8Array.from({ length: COUNT * FEATURES }, (_, i) => (i * 37) % 256);
    const scaled = Float32Array.from(bytes, (byte) => Math.fround(byte * Math.fround(1 / 255)));
    const tensor = engine.tensor([COUNT, FEATURES]);
    tensor.data.set(scaled);
    const expected = model.predict(scaled).data.slice();
    expect(model.predict(bytes).data).toEqual(expected);
    expect(model.predict(tensor).data).toEqual(expected);
  });

  it.each([10, 50])("takes a tensor of %d rows where memory has to grow for them", async (rows) => {
    const own = await createEngine();
    const model = classifier(own);
    const tensor = own.tensor([rows, FEATURES]);
    tensor.data.set(data.x.subarray(0, rows * FEATURES));
    // Room for the predictions of all rows, and for nothing else.
    const spare = own.tensor([rows * CLASSES]);
    while (own.memoryUsage.used + 128 <= own.memoryUsage.reserved) own.tensor([1]);
    spare.dispose();
    const { reserved } = own.memoryUsage;
    const expected = classifier(engine).predict(data.x.subarray(0, rows * FEATURES)).data;
    expect(model.predict(tensor).data).toEqual(expected);
    expect(own.memoryUsage.reserved).toBeGreaterThan(reserved);
  });
});
