import { describe, expect, it } from "vitest";
import {
  adam,
  cosineDecay,
  cosineWarmRestarts,
  createEngine,
  exponentialDecay,
  linearWarmUp,
  multiStepDecay,
  oneCycle,
  polynomialDecay,
  sgd,
  stepDecay,
} from "../../src/index.ts";
import type { Schedule } from "../../src/index.ts";
import { scheduledRate } from "../../src/schedules/index.ts";
import { follower } from "./follower.ts";

const engine = await createEngine();

const rates = (schedule: Schedule, steps: number) =>
  Array.from({ length: steps }, (_, step) => schedule(step));

describe("schedules", () => {
  it("end exactly where they should", () => {
    expect(cosineDecay({ learningRate: 0.3, steps: 7, minimum: 0.1 })(7)).toBe(0.1);
    expect(cosineDecay({ learningRate: 0.3, steps: 7 })(0)).toBe(0.3);
    expect(cosineWarmRestarts({ learningRate: 0.3, steps: 7 })(7 * 1000)).toBe(0.3);
    expect(oneCycle({ maximum: 1, steps: 10, warmUp: 0.5 })(4)).toBe(1);
    expect(polynomialDecay({ learningRate: 1, steps: 4, power: 0.5, minimum: 0.25 })(4)).toBe(0.25);
  });

  it("cosine falls everywhere until its minimum", () => {
    const down = rates(cosineDecay({ learningRate: 1e-3, steps: 10_000 }), 10_001);
    expect(down.every((rate, i) => i === 0 || rate < down[i - 1]!)).toBe(true);
  });

  it("cosine with restarts takes the same way each time", () => {
    const once = cosineDecay({ learningRate: 0.5, steps: 5, minimum: 0.1 });
    const again = cosineWarmRestarts({ learningRate: 0.5, steps: 5, minimum: 0.1 });
    expect(rates(again, 15)).toEqual([0, 1, 2].flatMap(() => rates(once, 5)));
    const longer = cosineWarmRestarts({ learningRate: 0.5, steps: 5, factor: 3 });
    expect([5, 20, 65].map(longer)).toEqual([0.5, 0.5, 0.5]);
    expect([4, 19, 64].every((step) => longer(step) < 0.05)).toBe(true);
  });

  it("one cycle in three phases, straight", () => {
    const options = { maximum: 1, steps: 20, warmUp: 0.4, divisor: 10, finalDivisor: 10 } as const;
    const cycle = oneCycle({ ...options, anneal: "linear", threePhases: true });
    expect([0, 7, 14, 19, 20, 1000].map(cycle)).toEqual([0.1, 1, 0.1, 0.01, 0.01, 0.01]);
    expect(cycle(3.5)).toBeCloseTo(0.55, 12);
  });

  it("one cycle of few steps, whose phases end before the first", () => {
    expect(rates(oneCycle({ maximum: 1, steps: 1 }), 2)).toEqual([4e-6, 4e-6]);
    const three = rates(oneCycle({ maximum: 1, steps: 3 }), 4);
    expect(three.every((rate) => rate > 0 && rate <= 1)).toBe(true);
    expect(three.slice(2)).toEqual([4e-6, 4e-6]);
    expect(rates(oneCycle({ maximum: 1, steps: 2, warmUp: 0.5 }), 2)).toEqual([1, 4e-6]);
  });

  it("a warm-up hands over to another schedule, which starts anew", () => {
    const after = stepDecay({ learningRate: 0.8, stepSize: 2, gamma: 0.5 });
    const schedule = linearWarmUp({ learningRate: 0.8, steps: 4, from: 0, then: after });
    expect(rates(schedule, 9).map((rate) => Number(rate.toFixed(12)))).toEqual([
      ...[0, 0.2, 0.4, 0.6],
      ...[0.8, 0.8, 0.4, 0.4, 0.2],
    ]);
  });

  it("polynomials of any power", () => {
    const at = (power: number) => polynomialDecay({ learningRate: 2, steps: 4, power })(1);
    expect([1, 2].map(at)).toEqual([1.5, 1.125]);
    expect(at(0.5)).toBeCloseTo(2 * Math.sqrt(0.75), 14);
    expect(at(2.7)).toBeCloseTo(2 * 0.75 ** 2.7, 14);
  });
});

describe("options out of range", () => {
  const base = { learningRate: 0.1 };
  it.each<[string, () => Schedule]>([
    [
      "stepDecay: expected learningRate to be a number from 0 on, got NaN",
      () => stepDecay({ learningRate: NaN, stepSize: 1 }),
    ],
    [
      "stepDecay: expected stepSize to be a whole number from 1 on, got 0",
      () => stepDecay({ ...base, stepSize: 0 }),
    ],
    [
      "multiStepDecay: expected milestones to rise, whole numbers from 1 on, got [3, 3]",
      () => multiStepDecay({ ...base, milestones: [3, 3] }),
    ],
    [
      "multiStepDecay: expected milestones to be an array of steps, got 3",
      () => multiStepDecay({ ...base, milestones: 3 as unknown as number[] }),
    ],
    [
      "exponentialDecay: expected gamma to be a number from 0 on, got -1",
      () => exponentialDecay({ ...base, gamma: -1 }),
    ],
    [
      "cosineDecay: expected steps to be a whole number from 1 on, got 2.5",
      () => cosineDecay({ ...base, steps: 2.5 }),
    ],
    [
      "cosineWarmRestarts: expected factor to be a whole number from 1 on, got 1.5",
      () => cosineWarmRestarts({ ...base, steps: 2, factor: 1.5 }),
    ],
    [
      "oneCycle: expected warmUp to be a number from 0 to 1, got 2",
      () => oneCycle({ maximum: 1, steps: 9, warmUp: 2 }),
    ],
    [
      'oneCycle: expected anneal to be "cosine" or "linear", got "cos"',
      () => oneCycle({ maximum: 1, steps: 9, anneal: "cos" as "cosine" }),
    ],
    [
      "linearWarmUp: expected then to be a schedule, got 0.1",
      () => linearWarmUp({ ...base, steps: 3, then: 0.1 as unknown as Schedule }),
    ],
    [
      "polynomialDecay: expected power to be a number above 0, got 0",
      () => polynomialDecay({ ...base, steps: 3, power: 0 }),
    ],
  ])("%s", (text, make) => {
    expect(make).toThrow(text);
  });
});

describe("an optimizer with a schedule", () => {
  it("has the first rate, and the schedule", () => {
    const schedule = exponentialDecay({ learningRate: 0.5, gamma: 0.5 });
    expect(adam({ learningRate: schedule })).toMatchObject({ learningRate: 0.5, schedule });
    expect(adam({ learningRate: 0.5 }).schedule).toBeUndefined();
  });

  it("takes each step with its own rate", () => {
    const schedule = exponentialDecay({ learningRate: 0.5, gamma: 0.5 });
    const { step, parameter } = follower(engine, sgd({ learningRate: schedule }), [0]);
    const after = [1, 1, 1].map((gradient) => {
      step([gradient]);
      return parameter.data[0];
    });
    expect(after).toEqual([-0.5, -0.75, -0.875]);
  });

  it.each([NaN, -0.1, Infinity, undefined, "0.1"])("%s for a rate is refused", (rate) => {
    const wrong: Schedule = () => rate as number;
    expect(() => scheduledRate(wrong, 3)).toThrow(
      /^wrong: expected a learning rate from 0 on at step 3, got /,
    );
    expect(() => sgd({ learningRate: wrong })).toThrow(RangeError);
  });

  it.each([NaN, -0.1, Infinity])("%s for a later rate changes nothing", (rate) => {
    const later: Schedule = (t) => (t < 2 ? 0.5 : rate);
    const { step, parameter } = follower(engine, sgd({ learningRate: later, momentum: 0.5 }), [1]);
    step([1]);
    step([1]);
    const [before] = parameter.data;
    expect(() => step([1])).toThrow(RangeError);
    expect(parameter.data[0]).toBe(before);
  });

  it("names a schedule that has a name, and calls others so", () => {
    const text = /^schedule: expected a learning rate from 0 on at step 0, got NaN$/;
    expect(() => scheduledRate(() => NaN, 0)).toThrow(text);
    const warm = linearWarmUp({ learningRate: 1, steps: 1, then: () => -1 });
    expect(warm.name).toBe("linearWarmUp");
    expect(() => warm(3)).toThrow(/^then: expected .* at step 2, got -1$/);
  });
});
