import { describe, expect, it } from "vitest";
import { type Callback, createEngine, crossEntropy, earlyStopping } from "../../src/index.ts";
import { dense, f1, learningRateLog } from "../../src/index.ts";
import { confusionMatrix, rocAuc, sequential, sgd, topKAccuracy } from "../../src/index.ts";
import { classLabels, floats, weightsOf } from "../engine/fixtures.ts";

const engine = await createEngine();

const [COUNT, FEATURES, CLASSES] = [40, 4, 3];
const data = { x: floats(COUNT * FEATURES, 1), y: classLabels(COUNT, CLASSES, 2) };
const validation = { x: floats(30 * FEATURES, 3), y: classLabels(30, CLASSES, 4) };

/** A classifier of noise, which learns by heart: the validation loss falls, then rises. */
function compile(metrics: Parameters<typeof engine.compile>[1]["metrics"] = []) {
  return engine.compile(sequential([dense(24, { activation: "tanh" }), dense(CLASSES)]), {
    inputShape: [FEATURES],
    loss: crossEntropy(),
    optimizer: sgd({ learningRate: 0.5 }),
    metrics,
    seed: 5,
    batchSize: 8,
  });
}

describe("callbacks of a model's fit", () => {
  it("earlyStopping ends it and gives the best epoch's weights back", async () => {
    const model = compile();
    const seen: { loss: number; weights: Uint32Array }[] = [];
    const stopping = earlyStopping({ patience: 4 });
    const history = await model.fit(data, {
      epochs: 200,
      validation,
      callbacks: [
        stopping,
        {
          onEpochEnd: ({ validationLoss }) =>
            seen.push({ loss: validationLoss!, weights: weightsOf(model) }),
        },
      ],
    });
    const losses = seen.map(({ loss }) => loss);
    const best = losses.indexOf(Math.min(...losses));
    expect(history.epochs.length).toBeLessThan(200);
    expect(history.epochs.length).toBe(best + 1 + 4);
    expect([stopping.bestEpoch, stopping.stoppedEpoch]).toEqual([best, best + 4]);
    expect(weightsOf(model)).toEqual(seen[best]!.weights);
    expect((await model.evaluate(validation, { batchSize: 8 })).loss).toBe(stopping.best);
    model.dispose();
  });

  it("may stop within an epoch, whose loss is then of what was trained", async () => {
    const model = compile();
    const batches: number[] = [];
    const stop: Callback = {
      onBatchEnd({ step, loss }, context) {
        batches.push(loss);
        if (step === 7) context.stop();
      },
    };
    const history = await model.fit(data, { epochs: 9, callbacks: [stop] });
    expect(history.epochs.length).toBe(2);
    expect(batches.length).toBe(7);
    expect(history.epochs[1]!.loss).toBeCloseTo((batches[5]! + batches[6]!) / 2, 12);
    model.dispose();
  });

  it("see and set the learning rate", async () => {
    const model = compile();
    const log = learningRateLog();
    const halve: Callback = {
      onEpochEnd(_, context) {
        context.model.learningRate /= 2;
      },
    };
    await model.fit(data, { epochs: 3, callbacks: [log, halve] });
    expect(log.rates).toEqual([0.5, 0.25, 0.125]);
    expect(model.learningRate).toBe(0.0625);
    model.dispose();
  });

  it("are checked before anything is changed", async () => {
    const model = compile();
    const before = weightsOf(model);
    await expect(model.fit(data, { callbacks: [{}] })).rejects.toThrow("fit: expected callback 0");
    expect(weightsOf(model)).toEqual(before);
    model.dispose();
  });
});

describe("metrics of a model", () => {
  it("are what they are of its predictions, whatever the batches", async () => {
    const metrics = [topKAccuracy(2), f1({ average: "macro" }), rocAuc(), confusionMatrix()];
    const model = compile(["accuracy", ...metrics]);
    const history = await model.fit(data, { epochs: 2, validation });
    const result = await model.evaluate(validation, { batchSize: 7 });
    const { data: scores, shape } = model.predict(validation.x);
    const predictions = { data: scores.slice(), shape };
    for (const metric of metrics) {
      expect(result[metric.name]).toEqual(metric.of(predictions, validation.y));
    }
    expect(result.accuracy).toBe(topKAccuracy(1).of(predictions, validation.y));
    expect(history.epochs[1]).toMatchObject({
      validationTop2Accuracy: result.top2Accuracy,
      validationMacroF1: result.macroF1,
    });
    model.dispose();
  });
});
