import {
  type OptimizerName,
  type Settings,
  optimizers,
  setups,
  stateOf,
} from "../../reference/optimizers.ts";
import { type Cases, type Family, type KernelCase, kernelCase } from "../case.ts";
import { floats } from "../numbers.ts";
import { type OptimizerKernel, STEP_NUMBERS, kernelOf, made, takeStep } from "./optimizer-steps.ts";

export const LEARNING_RATE = 0.01;

const STEPS = 10;

const counts = [0, 1, 2, 3, 4, 5, 63, 64, 65];

/** Gradients of step t: of all sizes, so that the roots are tried over a wide range. */
function gradients(n: number, t: number): number[] {
  return Array.from(floats(n, 100 + t), (x, i) => x * 10 ** ((i % 9) - 6));
}

/** Ten steps, whose gradients lie one after the other. */
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
  const optimizer = made(name, settings);
  const zeros = (): Float32Array => new Float32Array(n);
  return kernelCase({
    what: `n = ${n}, ${JSON.stringify(settings)}`,
    inputs: { g },
    results: {
      p: {
        before,
        expected: states.map(({ p }) => p),
        // Half an ulp of p for each step, and 20 roundings of what the step itself is made of.
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

/** Every optimizer with every setting that is tried. */
export const settingsOf: readonly (readonly [OptimizerName, Settings])[] = Object.entries(
  setups,
).flatMap(([name, given]) =>
  given.map((some) => [name as OptimizerName, { learningRate: LEARNING_RATE, ...some }] as const),
);

/** The cases of each kernel: those of the settings that it takes the steps for. */
function kernelCases(): Record<OptimizerKernel, Cases> {
  const all = settingsOf.map(([name, settings]) => {
    return { name, settings, kernel: kernelOf(made(name, settings)) };
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
