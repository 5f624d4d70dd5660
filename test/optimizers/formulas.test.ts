import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import * as factories from "../../src/optimizers/index.ts";
import {
  type OptimizerName,
  type Settings,
  optimizers,
  stateOf,
} from "../../src/reference/optimizers.ts";
import { expectWithin } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";
import { follower } from "./follower.ts";

const engine = await createEngine();

const STEPS = 40;
const COUNT = 37;

/** Every option of every optimizer, alone and with others. */
const variants: Record<OptimizerName, readonly Partial<Settings>[]> = {
  sgd: [
    {},
    { weightDecay: 0.1 },
    { momentum: 0.9, dampening: 0.5, weightDecay: 0.1 },
    { momentum: 0.8, nesterov: true, weightDecay: 0.1 },
    { momentum: 0.9, momentumForm: "average", weightDecay: 0.1 },
    { momentum: 0.9, momentumForm: "correctedAverage" },
  ],
  adagrad: [
    {},
    { learningRateDecay: 0.3, initialAccumulator: 0.5, weightDecay: 0.1, epsilon: 0.1 },
  ],
  adadelta: [{ learningRate: 1 }, { learningRate: 0.5, rho: 0.7, epsilon: 1e-3, weightDecay: 0.1 }],
  rmsprop: [
    {},
    { momentum: 0.9, alpha: 0.8 },
    { centered: true, weightDecay: 0.1, epsilon: 1e-3 },
    { centered: true, momentum: 0.5, alpha: 0.9 },
  ],
  adam: [
    {},
    { weightDecay: 0.1 },
    { epsilonInside: true, epsilon: 0.01 },
    { amsgrad: true, beta1: 0.7, beta2: 0.8, weightDecay: 0.1, epsilonInside: true, epsilon: 0.1 },
  ],
  amsgrad: [{ beta2: 0.5 }],
  adamW: [{}, { weightDecay: 0.5 }, { weightDecay: 0.3, amsgrad: true, beta2: 0.6 }],
  adamax: [{}, { beta1: 0.5, beta2: 0.7, epsilon: 0.1, weightDecay: 0.1 }],
  nadam: [{}, { momentumDecay: 0.5, exactProduct: true, beta1: 0.7, weightDecay: 0.1 }],
  lion: [{}, { beta1: 0.7, beta2: 0.8, weightDecay: 0.1 }],
  radam: [{}, { beta2: 0.9, weightDecay: 0.1, epsilon: 1e-3 }, { beta2: 0.5 }],
};

/** Gradients with a trend, so that velocities grow, and none near 0 where they would cancel. */
function gradients(t: number): number[] {
  return Array.from(
    floats(COUNT, 200 + t, 0.2, 1),
    (x, i) => (i % 2 ? x : -x) * 4 ** ((i % 7) - 3),
  );
}

const cases = Object.entries(variants).flatMap(([name, options]) =>
  options.map((settings) => [name as OptimizerName, settings] as const),
);

describe("every option of every optimizer, as its formula in float64", () => {
  it.each(cases)("%s %o", (name, given) => {
    const settings: Settings = { learningRate: 0.05, ...given };
    const start = Array.from(floats(COUNT, 5, -1, 1));
    const states = start.map(stateOf);
    const { step, parameter } = follower(engine, factories[name](settings), start);
    let travelled = new Array<number>(COUNT).fill(0);
    for (let t = 1; t <= STEPS; t++) {
      const gradient = gradients(t).map(Math.fround);
      step(gradient);
      const before = states.map(({ p }) => p);
      states.forEach((state, i) => {
        optimizers[name](state, gradient[i]!, settings, t);
      });
      travelled = travelled.map((way, i) => way + Math.abs(states[i]!.p - before[i]!));
      // A step is off by some 20 roundings (its moments by no more, as they forget), the sum by
      // half an ulp of p for each step.
      const allowed = (p: number, i: number) =>
        2 ** -24 * (20 * travelled[i]! + t * (Math.abs(p) + travelled[i]!));
      expectWithin(
        parameter.data,
        states.map(({ p }) => p),
        allowed,
        `step ${t}`,
      );
    }
    expect(Math.max(...travelled)).toBeGreaterThan(0.01);
  });
});
