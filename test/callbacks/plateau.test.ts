import { describe, expect, it } from "vitest";
import {
  type ReduceOnPlateauOptions,
  createEngine,
  dense,
  mse,
  oneCycle,
  reduceOnPlateau,
  sequential,
  sgd,
  terminateOnNaN,
} from "../../src/index.ts";
import { Callbacks } from "../../src/training/callbacks.ts";
import { floats, wrong } from "../engine/fixtures.ts";
import { noSaving } from "./no-saving.ts";

/** Ends epochs with these values; returns the learning rate after each. */
async function ratesOf(
  options: ReduceOnPlateauOptions,
  values: readonly number[],
  name = "validationLoss",
): Promise<number[]> {
  const model = { parameters: [], learningRate: 1 };
  const hooks = new Callbacks([reduceOnPlateau(options)], model, noSaving);
  await hooks.trainBegin();
  const rates: number[] = [];
  for (const [epoch, value] of values.entries()) {
    await hooks.epochEnd({ epoch, loss: 0, seconds: 0, [name]: value });
    rates.push(model.learningRate);
  }
  return rates;
}

const flat = (epochs: number) => new Array<number>(epochs).fill(1);

describe("reduceOnPlateau", () => {
  it("lowers the rate after `patience` epochs without improvement, as Keras does", async () => {
    const rates = await ratesOf({ factor: 0.5, patience: 2 }, [3, 2, 2, 2, 1, 1, 1, 1, 1]);
    expect(rates).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]);
    for (const patience of [0, 1]) {
      expect(await ratesOf({ factor: 0.5, patience }, flat(3))).toEqual([1, 0.5, 0.25]);
    }
    expect(await ratesOf({}, flat(12))).toEqual([...flat(10), 0.1, 0.1]);
  });

  it("does not count epochs of the cooldown", async () => {
    const rates = await ratesOf({ factor: 0.5, patience: 1, cooldown: 2 }, flat(7));
    expect(rates).toEqual([1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]);
  });

  it("goes no lower than minLearningRate", async () => {
    const options = { factor: 0.5, patience: 1, minLearningRate: 0.3 };
    expect(await ratesOf(options, flat(5))).toEqual([1, 0.5, 0.3, 0.3, 0.3]);
  });

  it("wants more than minDelta, and more for better where it is", async () => {
    const delta = { factor: 0.5, patience: 1, minDelta: 0.5 };
    expect(await ratesOf(delta, [3, 2.5, 2])).toEqual([1, 0.5, 0.5]);
    expect(await ratesOf({ factor: 0.5, patience: 1 }, [3, 2.99995])).toEqual([1, 0.5]);
    const scores = { factor: 0.5, patience: 1, monitor: "validationR2" };
    expect(await ratesOf(scores, [0.5, 0.7, 0.6], "validationR2")).toEqual([1, 1, 0.5]);
    const errors = { factor: 0.5, patience: 1, monitor: "validationRmse" };
    expect(await ratesOf(errors, [0.5, 0.7, 0.4], "validationRmse")).toEqual([1, 0.5, 0.5]);
    expect(await ratesOf({ factor: 0.5, patience: 2 }, [NaN, NaN, 1])).toEqual([1, 0.5, 0.5]);
  });

  it("starts anew in each fit, and tells its reductions", async () => {
    const engine = await createEngine();
    const optimizer = sgd({ learningRate: 0.25 });
    const model = engine.compile(sequential([dense(1)]), {
      inputShape: [2],
      loss: mse(),
      optimizer,
    });
    const data = { x: floats(8, 1), y: floats(4, 2) };
    const plateau = reduceOnPlateau({ monitor: "loss", patience: 1, factor: 0.5, minDelta: 1e9 });
    await model.fit(data, { epochs: 3, callbacks: [plateau] });
    expect(plateau.reductions).toEqual([
      { epoch: 1, learningRate: 0.125 },
      { epoch: 2, learningRate: 0.0625 },
    ]);
    expect(model.learningRate).toBe(0.0625);
    expect(String(plateau)).toContain("minDelta: 1000000000 }): 2 reductions");
    await model.fit(data, { epochs: 1, callbacks: [plateau] });
    expect(plateau.reductions).toEqual([]);
    engine.dispose();
  });

  it("refuses a model with a schedule before the first step", async () => {
    const engine = await createEngine();
    const model = engine.compile(sequential([dense(1)]), {
      inputShape: [2],
      loss: mse(),
      optimizer: sgd({ learningRate: oneCycle({ maximum: 0.1, steps: 9 }) }),
    });
    const before = model.parameters.map(({ data }) => data.slice());
    const fit = model.fit({ x: floats(8, 1), y: floats(4, 2) }, { callbacks: [reduceOnPlateau()] });
    await expect(fit).rejects.toThrow(
      "reduceOnPlateau: expected an optimizer with a number as its learningRate, got a schedule",
    );
    expect(model.parameters.map(({ data }) => data.slice())).toEqual(before);
    engine.dispose();
  });

  it.each([
    [{ factor: 1 }, "expected factor to be a number above 0 and below 1, got 1"],
    [{ factor: NaN }, "expected factor to be a number above 0 and below 1, got NaN"],
    [{ patience: -1 }, "expected patience to be a whole number from 0 on, got -1"],
    [{ cooldown: 0.5 }, "expected cooldown to be a whole number from 0 on, got 0.5"],
    [{ minLearningRate: -1 }, "expected minLearningRate to be a number from 0 on, got -1"],
    [{ monitor: "regret" }, 'expected mode "min" or "max", got none for "regret"'],
    [{ mode: wrong("auto") }, 'expected mode to be "min" or "max", got "auto"'],
  ])("refuses %j", (options, text) => {
    expect(() => reduceOnPlateau(options)).toThrow(new RangeError(`reduceOnPlateau: ${text}`));
  });

  it("names what an epoch has where the monitored value is missing", async () => {
    await expect(ratesOf({}, [1], "validationR2")).rejects.toThrow(
      'reduceOnPlateau: expected an epoch with "validationLoss", it has epoch, loss, seconds',
    );
  });
});

describe("terminateOnNaN", () => {
  it.each([NaN, Infinity, -Infinity])("stops at a validation loss of %d", async (loss) => {
    const hooks = new Callbacks([terminateOnNaN()], { parameters: [], learningRate: 1 }, noSaving);
    const seconds = 0;
    await hooks.epochEnd({ epoch: 0, loss: 1, seconds });
    await hooks.epochEnd({ epoch: 1, loss: 1, seconds, validationLoss: 2, validationR2: NaN });
    expect(hooks.stopped).toBe(false);
    await hooks.epochEnd({ epoch: 2, loss: 1, seconds, validationLoss: loss });
    expect(hooks.stopped).toBe(true);
  });
});
