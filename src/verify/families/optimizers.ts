import {
  type OptimizerName,
  type Settings,
  optimizers,
  setups,
  stateOf,
} from "../../reference/optimizers.ts";
import { type Cases, type Family, type KernelCase, kernelCase } from "../case.ts";
import { floats } from "../numbers.ts";
import {
  type OptimizerKernel,
  STEP_NUMBERS,
  kernelOf,
  createOptimizer,
  takeStep,
} from "./optimizer-steps.ts";

export const LEARNING_RATE = 0.01;

const STEPS = 10;

const counts = [0, 1, 2, 3, 4, 5, 63, 64, 65];

/** Returns gradients of step t. Their wide range of sizes tries roots over a wide range. */
function gradients(n: number, t: number): number[] {
  return Array.from(floats(n, 100 + t), (x, i) => x * 10 ** ((i % 9) - 6));
}

/** Returns a case of ten steps, whose gradients lie one after the other. */
function stepsCase(name: OptimizerName, settings: Settings, n: number): KernelCase {
  const before = floats(n, 1, -2, 2);
  const g = Float32Array.from(Array.from({ length: STEPS }, (_, t) => gradients(n, t + 1)).flat());
  const states = Array.from(before, stateOf);
  const moved = new Float64Array(n);
  for (let t = 0; t < STEPS; t++) {
    states.forEach((state, i) => {
      const { p } = state;
      optimizers[name](state, g[t * n + i]!, settings, t + 1);
      moved[i]! += Math.abs(state.p - p);
    });
  }
  const optimizer = createOptimizer(name, settings);
  const zeros = (): Float32Array => new Float32Array(n);
  return kernelCase({
    what: `n = ${n}, ${JSON.stringify(settings)}`,
    inputs: { g },
    results: {
      p: {
        before,
        expected: states.map(({ p }) => p),
        // Each step has a rounding of p, and at most 20 roundings of its own.
        allowed: (e, i) => 2 ** -23 * STEPS * (Math.abs(e) + 20 * moved[i]!),
      },
    },
    scratch: { m: zeros, v: zeros, w: zeros, room: () => new Float64Array(STEP_NUMBERS) },
    call(kernels, { g, ...blocks }) {
      for (let t = 0; t < STEPS; t++) {
        takeStep(kernels, optimizer, { ...blocks, g: g + 4 * n * t }, n, t + 1);
      }
    },
  });
}

/** All optimizers with each of the settings that they are tried with. */
export const settingsOf: readonly (readonly [OptimizerName, Settings])[] = Object.entries(
  setups,
).flatMap(([name, given]) =>
  given.map((some) => [name as OptimizerName, { learningRate: LEARNING_RATE, ...some }] as const),
);

/** Returns the cases of each kernel, from the settings for which it updates parameters. */
function kernelCases(): Record<OptimizerKernel, Cases> {
  const all = settingsOf.map(([name, settings]) => {
    return { name, settings, kernel: kernelOf(createOptimizer(name, settings)) };
  });
  const cases = all.map(({ kernel }): [string, Cases] => [
    kernel,
    () =>
      all
        .filter((one) => one.kernel === kernel)
        .flatMap(({ name, settings }) => counts.map((n) => stepsCase(name, settings, n))),
  ]);
  return Object.fromEntries(cases) as Record<OptimizerKernel, Cases>;
}

export const optimizerFamily: Family<OptimizerKernel> = {
  name: "optimizers",
  kernels: kernelCases(),
};
