import { describe, expect, it } from "vitest";
import {
  adam,
  createEngine,
  cosineDecay,
  exponentialDecay,
  linearWarmUp,
  oneCycle,
  sgd,
  stepDecay,
} from "../../src/index.ts";
import type { Model, Schedule } from "../../src/index.ts";
import { weightsOf } from "../engine/fixtures.ts";
import { FEATURES, classifier, data } from "./networks.ts";

const engine = await createEngine();
const x = data.x.subarray(0, 16 * FEATURES);
const y = data.y.subarray(0, 16);

const schedules: [name: string, schedule: Schedule][] = [
  ["exponentialDecay", exponentialDecay({ learningRate: 0.1, gamma: 0.9 })],
  ["stepDecay", stepDecay({ learningRate: 0.1, stepSize: 3, gamma: 0.5 })],
  ["cosineDecay", cosineDecay({ learningRate: 0.1, steps: 8 })],
  ["oneCycle", oneCycle({ maximum: 0.1, steps: 12 })],
  ["linearWarmUp", linearWarmUp({ learningRate: 0.1, steps: 5 })],
  ["a function", (step) => 0.1 / (1 + step)],
];

const scheduled = (schedule: Schedule): Model =>
  classifier(engine, { optimizer: adam({ learningRate: schedule }) });

describe.each(schedules)("%s", (_, schedule) => {
  it("gives each trainStep its rate", () => {
    const model = scheduled(schedule);
    expect(model.learningRate).toBe(schedule(0));
    for (let step = 0; step < 12; step++) {
      model.trainStep(x, y);
      expect(model.learningRate).toBe(schedule(step));
    }
  });

  it.each([undefined, 5])("gives each step of fit its rate, in pieces of %s", async (size) => {
    const model = scheduled(schedule);
    const rates: number[] = [];
    const onBatchEnd = (): void => void rates.push(model.learningRate);
    await model.fit(data, { epochs: 3, onBatchEnd, ...(size && { microBatchSize: size }) });
    expect(rates).toEqual(rates.map((_, step) => schedule(step)));
    expect(rates.length).toBe(12);
  });

  it("counts the steps of fit and trainStep together", async () => {
    const model = scheduled(schedule);
    model.trainStep(x, y);
    await model.fit(data);
    await model.evaluate(data);
    model.predict(x);
    model.trainStep(x, y);
    expect(model.learningRate).toBe(schedule(5));
  });

  it("is the learning rate set by hand before each step, bit for bit", () => {
    const model = scheduled(schedule);
    const byHand = classifier(engine, { optimizer: adam({ learningRate: 1 }) });
    for (let step = 0; step < 6; step++) {
      byHand.learningRate = schedule(step);
      expect(model.trainStep(x, y)).toBe(byHand.trainStep(x, y));
    }
    expect(weightsOf(model)).toEqual(weightsOf(byHand));
  });
});

describe("a schedule that gives no rate", () => {
  const text = "falling: expected a learning rate from 0 on at step 2, got ";

  it.each([NaN, -1, Infinity, "0.1", undefined])("%s", async (rate) => {
    const bad = (): Model => {
      const falling = (step: number): number => (step === 2 ? (rate as number) : 0.1);
      return classifier(engine, { optimizer: sgd({ learningRate: falling, momentum: 0.9 }) });
    };
    const [model, fitted, twin] = [bad(), bad(), bad()];
    for (const one of [model, twin]) {
      one.trainStep(x, y);
      one.trainStep(x, y);
    }
    const gradients = model.parameters.map(({ grad }) => grad.slice());
    const { used } = engine.memoryUsage;
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => model.trainStep(x, y)).toThrow(RangeError);
      expect(() => model.trainStep(x, y)).toThrow(text);
      await expect(model.fit(data)).rejects.toThrow(text);
      expect(weightsOf(model)).toEqual(weightsOf(twin));
      expect(model.learningRate).toBe(0.1);
      expect(model.parameters.map(({ grad }) => grad)).toEqual(gradients);
    }
    await expect(fitted.fit({ x, y }, { epochs: 9, shuffle: false })).rejects.toThrow(text);
    expect(weightsOf(fitted)).toEqual(weightsOf(twin));
    expect(engine.memoryUsage.used - used).toBeLessThan(50_000);
  });

  it("at the first step is refused before there is a model", () => {
    const { used } = engine.memoryUsage;
    const learningRate = (): number => NaN;
    expect(() => classifier(engine, { optimizer: adam({ learningRate }) })).toThrow(
      "learningRate: expected a learning rate from 0 on at step 0, got NaN",
    );
    expect(engine.memoryUsage.used).toBe(used);
  });
});
