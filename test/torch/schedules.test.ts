import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  cosineDecay,
  cosineWarmRestarts,
  exponentialDecay,
  linearWarmUp,
  multiStepDecay,
  oneCycle,
  polynomialDecay,
  stepDecay,
} from "../../src/index.ts";
import type { Schedule } from "../../src/index.ts";

interface ScheduleCase {
  readonly name: string;
  readonly baseLr: number;
  readonly lr: readonly number[];
}

const { cases } = JSON.parse(readFileSync(new URL("schedules.json", import.meta.url), "utf8")) as {
  readonly cases: readonly ScheduleCase[];
};

const schedules: Record<string, (learningRate: number) => Schedule> = {
  step: (learningRate) => stepDecay({ learningRate, stepSize: 5, gamma: 0.5 }),
  multiStep: (learningRate) => multiStepDecay({ learningRate, milestones: [3, 9] }),
  exponential: (learningRate) => exponentialDecay({ learningRate, gamma: 0.9 }),
  cosine: (learningRate) => cosineDecay({ learningRate, steps: 20, minimum: 0.001 }),
  cosineWarmRestarts: (learningRate) => cosineWarmRestarts({ learningRate, steps: 6, factor: 2 }),
  oneCycle: (maximum) => oneCycle({ maximum, steps: 24 }),
  linear: (learningRate) => linearWarmUp({ learningRate, steps: 8, from: 0.25 }),
  polynomial: (learningRate) => polynomialDecay({ learningRate, steps: 20, power: 2 }),
};

/**
 * PyTorch multiplies the rate of one step into that of the next, in float64: 24 steps of 3 roundings
 * each, of numbers up to the base rate.
 */
const ALLOWED = 24 * 3 * 2 ** -53;

describe("learning rates of 24 steps as in PyTorch", () => {
  it("all of them", () => {
    expect(cases.map(({ name }) => name).toSorted()).toEqual(Object.keys(schedules).toSorted());
  });

  it.each(cases.map((example) => [example.name, example] as const))("%s", (name, example) => {
    const schedule = schedules[name]!(example.baseLr);
    expect(example.lr.length).toBe(24);
    example.lr.forEach((rate, step) => {
      expect(Math.abs(schedule(step) - rate), `step ${step}`).toBeLessThan(
        ALLOWED * example.baseLr,
      );
    });
  });
});
