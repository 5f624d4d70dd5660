import { describe, expect, it } from "vitest";
import { adam, createEngine, crossEntropy, dense, sequential } from "../../src/index.ts";
import { loadDigits } from "../../src/data/digits.ts";

const engine = await createEngine();
const { train, test } = await loadDigits();

describe("the handwritten digits", () => {
  it.each([1, 2, 3])("are learnt by a 64-64-10 network in 30 epochs, seed %d", async (seed) => {
    const layers = [dense(64, { activation: "relu" }), dense(10)];
    const model = engine.compile(sequential(layers), {
      inputShape: train.shape,
      loss: crossEntropy(),
      optimizer: adam({ learningRate: 1e-3 }),
      metrics: ["accuracy"],
      seed,
    });
    const { epochs } = await model.fit(train, { epochs: 30, batchSize: 32, validation: test });
    const { accuracy } = await model.evaluate(test);
    expect(accuracy).toBeGreaterThanOrEqual(0.88);
    expect(accuracy).toBe(epochs.at(-1)!.validationAccuracy);
    expect(epochs.at(-1)!.loss).toBeLessThan(0.15);
    expect(epochs.at(-1)!.loss).toBeLessThan(epochs[0]!.loss / 5);
    model.dispose();
  });
});
