import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import * as factories from "../../src/optimizers/index.ts";
import type { OptimizerName, Settings } from "../../src/reference/optimizers.ts";
import { optimizers, setups, stateOf } from "../../src/reference/optimizers.ts";
import { expectWithin } from "../support/expect.ts";
import { optionsOf } from "../support/options.ts";
import { floats } from "../../src/verify/numbers.ts";
import { follower } from "./follower.ts";

const engine = await createEngine();

const STEPS = 40;
const COUNT = 37;

/** Gradients with a trend, so that velocities grow, and none near 0 where they would cancel. */
function gradients(t: number): number[] {
  return Array.from(
    floats(COUNT, 200 + t, 0.2, 1),
    (x, i) => (i % 2 ? x : -x) * 4 ** ((i % 7) - 3),
  );
}

const cases = Object.entries(setups).flatMap(([name, options]) =>
  options.map((settings) => [name as OptimizerName, settings] as const),
);

/** Options that are no part of a formula: the settings always have a rate, and clipping comes first. */
const COMMON = ["learningRate", "clipNorm", "clipValue"];

describe("every option of every optimizer, as its formula in float64", () => {
  it.each(Object.entries(factories))("%s has setups that try them all", (name, make) => {
    const tried = setups[name as OptimizerName].flatMap((settings) => Object.keys(settings));
    const own = optionsOf(make).filter((option) => !COMMON.includes(option));
    expect(own).not.toEqual([]);
    expect(tried).toEqual(expect.arrayContaining(own));
  });

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
