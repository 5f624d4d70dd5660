import { afterEach, describe, expect, it } from "vitest";
import { type CompileOptions, type Loss, type Model, bce, bceWithLogits } from "../../src/index.ts";
import {
  classify,
  constant,
  createEngine,
  crossEntropy,
  dense,
  logSoftmax,
} from "../../src/index.ts";
import { mse, network, nll, sequential, sigmoid } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";

const engine = await createEngine();
const models: Model[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

const x = floats(40 * 4, 1);
const wrong = <T>(value: unknown): T => value as T;

function compile(
  loss: Loss | undefined,
  units: number,
  ...after: ReturnType<typeof sigmoid>[]
): Model {
  const options: CompileOptions = { inputShape: [4], batchSize: 16, ...(loss && { loss }) };
  const model = engine.compile(sequential([dense(units), ...after]), options);
  models.push(model);
  return model;
}

/** Rows of an array of three columns. */
function rows(values: ArrayLike<number>): number[][] {
  return Array.from({ length: values.length / 3 }, (_, i) =>
    Array.from(values).slice(3 * i, 3 * i + 3),
  );
}

const largest = (row: readonly number[]): number => row.indexOf(Math.max(...row));

describe("classify", () => {
  it("takes the softmax of logits, over more rows than a batch", () => {
    const model = compile(crossEntropy(), 3);
    const logits = rows(model.predict(x).data);
    const { classes, probabilities, shape } = classify(model, x);
    expect(shape).toEqual([40, 3]);
    expect([...classes]).toEqual(logits.map(largest));
    rows(probabilities).forEach((row, i) => {
      const powers = logits[i]!.map(Math.exp);
      const sum = powers.reduce((a, b) => a + b);
      row.forEach((p, k) => {
        expect(p).toBeCloseTo(powers[k]! / sum, 6);
      });
    });
  });

  it("takes what log-probabilities and yes or no are", () => {
    const logs = classify(compile(nll(), 3, logSoftmax()), x);
    rows(logs.probabilities).forEach((row, i) => {
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(logs.classes[i]).toBe(largest(row));
    });
    const model = compile(bceWithLogits(), 3);
    const logits = [...model.predict(x).data];
    const yes = classify(model, x);
    expect([...yes.classes]).toEqual(logits.map((logit) => Number(logit > 0)));
    yes.probabilities.forEach((p, i) => {
      expect(p).toBeCloseTo(1 / (1 + Math.exp(-logits[i]!)), 6);
    });
    const given = compile(bce(), 2, sigmoid());
    const predicted = [...given.predict(x).data];
    expect([...classify(given, x).probabilities]).toEqual(predicted);
    expect([...classify(given, x).classes]).toEqual(predicted.map((p) => Number(p > 0.5)));
  });

  it("logits of any size have probabilities", () => {
    const huge = dense(2, { weightInitializer: constant(0), biasInitializer: constant(3e38) });
    const model = engine.compile(sequential([huge]), { inputShape: [4], loss: crossEntropy() });
    models.push(model);
    expect([...classify(model, x.subarray(0, 4)).probabilities]).toEqual([0.5, 0.5]);
    expect([...classify(model, x.subarray(0, 4)).classes]).toEqual([0]);
  });

  it("a row of each step, and inputs by name", () => {
    const steps = engine.compile(sequential([dense(3)]), {
      inputShape: [5, 4],
      loss: crossEntropy(),
    });
    models.push(steps);
    expect(classify(steps, x).classes.length).toBe(40);
    const two = network((g, { a, b }) => g.use(dense(3), g.add(a!, b!)));
    const inputShape = { a: [4], b: [4] };
    const named = engine.compile(two, { inputShape, loss: crossEntropy() });
    models.push(named);
    expect(classify(named, { a: x, b: x }).classes.length).toBe(40);
  });

  it("takes an activation for a model without a loss", () => {
    const model = compile(undefined, 3);
    const logits = rows(model.predict(x).data);
    expect([...classify(model, x, { activation: "softmax" }).classes]).toEqual(logits.map(largest));
    expect([...classify(model, x, { activation: "none" }).classes]).toEqual(logits.map(largest));
    const one = compile(undefined, 1, sigmoid());
    const yes = [...one.predict(x).data].map((p) => Number(p > 0.5));
    expect([...classify(one, x, { activation: "none" }).classes]).toEqual(yes);
    const own = "classify: expected an activation for probabilities, got";
    expect(() => classify(model, x)).toThrow(new TypeError(`${own} a model without a loss`));
    expect(() => classify(compile(mse(), 3), x)).toThrow(
      new TypeError(`${own} the loss mse, which tells none`),
    );
  });

  it("refuses what is no model, wrong options and wrong data", () => {
    const model = compile(crossEntropy(), 3);
    expect(() => classify(wrong({}), x)).toThrow(/^classify: expected model to be a model/);
    expect(() => classify(model, x, { activation: wrong("tanh") })).toThrow(
      /^classify: expected activation to be "softmax", "sigmoid", "exp" or "none", got "tanh"/,
    );
    expect(() => classify(model, x, wrong({ from: 1 }))).toThrow(/expected options activation/);
    expect(() => classify(model, x.subarray(1))).toThrow(/whole examples of 4 features/);
  });
});
