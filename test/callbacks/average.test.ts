import { describe, expect, it } from "vitest";
import {
  createEngine,
  crossEntropy,
  dense,
  exponentialMovingAverage,
  sequential,
  sgd,
} from "../../src/index.ts";
import { classLabels, floats, weightsOf, wrong } from "../engine/fixtures.ts";

const engine = await createEngine();
const data = { x: floats(40 * 4, 1), y: classLabels(40, 3, 2) };

function compile() {
  return engine.compile(sequential([dense(8, { activation: "tanh" }), dense(3)]), {
    inputShape: [4],
    loss: crossEntropy(),
    optimizer: sgd({ learningRate: 0.5 }),
    seed: 5,
    batchSize: 8,
  });
}

/** Trains with an average; returns the model, and the average by its formula. */
async function train(average: ReturnType<typeof exponentialMovingAverage>, decay: number) {
  const model = compile();
  let expected: Float32Array[] | undefined;
  const formula = {
    onBatchEnd() {
      const weights = model.parameters.map((parameter) => parameter.data.slice());
      expected = expected?.map((own, i) =>
        own.map((value, j) => decay * value + (1 - decay) * weights[i]![j]!),
      );
      expected ??= weights;
    },
  };
  await model.fit(data, { epochs: 3, callbacks: [average, formula] });
  return { model, expected: expected! };
}

describe("exponentialMovingAverage", () => {
  it("is decay · average + (1 - decay) · weight of every step, in float32", async () => {
    const average = exponentialMovingAverage({ decay: 0.9 });
    const { model, expected } = await train(average, 0.9);
    expect(average.averages.map((one) => one.data)).toEqual(expected);
    expect(average.averages.map(({ name }) => name)).toEqual(
      model.parameters.map(({ name }) => name),
    );
    expect(average.isApplied).toBe(false);
    model.dispose();
  });

  it("with a decay of 0 is the weights", async () => {
    const average = exponentialMovingAverage({ decay: 0 });
    const { model } = await train(average, 0);
    expect(average.averages.map((one) => one.data)).toEqual(
      model.parameters.map((parameter) => parameter.data.slice()),
    );
    model.dispose();
  });

  it("applies the averages and restores the weights, to the last bit", async () => {
    const average = exponentialMovingAverage({ decay: 0.9 });
    const { model, expected } = await train(average, 0.9);
    const before = weightsOf(model);
    average.apply();
    expect(average.isApplied).toBe(true);
    expect(model.parameters.map((parameter) => parameter.data.slice())).toEqual(expected);
    expect(() => {
      average.apply();
    }).toThrow(new Error("exponentialMovingAverage: expected restore before another apply"));
    average.restore();
    expect(weightsOf(model)).toEqual(before);
    expect(() => {
      average.restore();
    }).toThrow(new Error("exponentialMovingAverage: expected apply before restore"));
    model.dispose();
  });

  it("leaves training as it was without it, whatever is evaluated in between", async () => {
    const [model, other] = [compile(), compile()];
    const average = exponentialMovingAverage();
    const losses: number[] = [];
    await model.fit(data, {
      epochs: 3,
      callbacks: [
        average,
        {
          async onEpochEnd() {
            average.apply();
            losses.push((await model.evaluate(data)).loss);
            average.restore();
          },
        },
      ],
    });
    const { epochs } = await other.fit(data, { epochs: 3 });
    expect(weightsOf(model)).toEqual(weightsOf(other));
    expect(losses.length).toBe(epochs.length);
    model.dispose();
    other.dispose();
  });

  it("stays in the model at the end if told to, and the next fit starts from it anew", async () => {
    const average = exponentialMovingAverage({ decay: 0.9, applyAtEnd: true });
    const { model, expected } = await train(average, 0.9);
    expect(model.parameters.map((parameter) => parameter.data.slice())).toEqual(expected);
    await model.fit(data, { epochs: 1, batchSize: 40, callbacks: [average] });
    // A single step, whose weights are the average.
    expect(average.averages.map((one) => one.data)).toEqual(
      model.parameters.map((parameter) => parameter.data.slice()),
    );
    model.dispose();
  });

  it("refuses a step while the averages are applied, and apply before any step", async () => {
    const average = exponentialMovingAverage();
    const nothing = "exponentialMovingAverage: expected a step of a fit before apply, got none";
    expect(() => {
      average.apply();
    }).toThrow(new Error(nothing));
    const model = compile();
    const callbacks = [average, { onEpochEnd: () => average.apply() }];
    await expect(model.fit(data, { epochs: 2, callbacks })).rejects.toThrow(
      "exponentialMovingAverage: expected restore before the next step of training",
    );
    model.dispose();
  });

  it.each([
    [{ decay: 1 }, RangeError, "expected decay to be a number in [0, 1), got 1"],
    [{ decay: NaN }, RangeError, "expected decay to be a number in [0, 1), got NaN"],
    [{ applyAtEnd: wrong(1) }, TypeError, "expected applyAtEnd to be true or false, got 1"],
  ])("refuses %j", (options, type, text) => {
    expect(() => exponentialMovingAverage(options)).toThrow(
      new type(`exponentialMovingAverage: ${text}`),
    );
  });
});
