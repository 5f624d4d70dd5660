import {
  type OptimizerName,
  type Settings,
  optimizers,
  stateOf,
} from "../../reference/optimizers.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { floats } from "../numbers.ts";
import { type OptimizerKernel, steps } from "./optimizer-steps.ts";

/** An optimizer and what it is told. */
export type Setup = readonly [name: OptimizerName, settings: Partial<Settings>];

/** Every kernel, and every way through it that has code of its own. */
export const setups: Readonly<Record<OptimizerKernel, readonly Setup[]>> = {
  sgd: [
    ["sgd", {}],
    ["sgd", { weightDecay: 0.1 }],
  ],
  momentum: [
    ["sgd", { momentum: 0.9 }],
    ["sgd", { momentum: 0.9, nesterov: true, weightDecay: 0.1 }],
  ],
  adagrad: [
    ["adagrad", {}],
    ["adagrad", { initialAccumulator: 0.5, weightDecay: 0.1 }],
  ],
  adadelta: [
    ["adadelta", {}],
    ["adadelta", { weightDecay: 0.1 }],
  ],
  rmsprop: [
    ["rmsprop", {}],
    ["rmsprop", { momentum: 0.9, weightDecay: 0.1 }],
    ["rmsprop", { centered: true }],
    ["rmsprop", { centered: true, momentum: 0.9 }],
  ],
  adam: [["adam", {}]],
  adamVariant: [
    ["adam", { weightDecay: 0.1 }],
    ["adam", { epsilonInside: true, epsilon: 1e-4 }],
    ["amsgrad", { beta2: 0.6 }],
    ["adamW", { weightDecay: 0.1 }],
  ],
  adamax: [
    ["adamax", {}],
    ["adamax", { weightDecay: 0.1 }],
  ],
  nadam: [
    ["nadam", {}],
    ["nadam", { weightDecay: 0.1 }],
  ],
  radam: [
    ["radam", {}],
    ["radam", { weightDecay: 0.1 }],
  ],
};

export const LEARNING_RATE = 0.01;

const STEPS = 10;

const counts = [0, 1, 2, 3, 4, 5, 63, 64, 65];

/** Gradients of step t: of all sizes, so that the roots are tried over a wide range. */
function gradients(n: number, t: number): number[] {
  return Array.from(floats(n, 100 + t), (x, i) => x * 10 ** ((i % 9) - 6));
}

/** Ten steps, whose gradients lie one after the other. */
function stepsCase([name, given]: Setup, n: number): KernelCase {
  const settings: Settings = { learningRate: LEARNING_RATE, ...given };
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
  const zeros = (): Float32Array => new Float32Array(n);
  return kernelCase({
    what: `n = ${n}, ${JSON.stringify(given)}`,
    inputs: { g },
    results: {
      p: {
        before,
        expected: states.map(({ p }) => p),
        // Half an ulp of p for each step, and 20 roundings of what the step itself is made of.
        allowed: (e, i) => 2 ** -23 * STEPS * (Math.abs(e) + 20 * moved[i]!),
      },
    },
    scratch: { m: zeros, v: zeros, w: zeros },
    call(kernels, { g, ...blocks }) {
      for (let t = 0; t < STEPS; t++) {
        steps[name](kernels, { ...blocks, g: g + 4 * n * t }, n, settings, t + 1);
      }
    },
  });
}

const casesOf = (kernel: OptimizerKernel): KernelCase[] =>
  setups[kernel].flatMap((setup) => counts.map((n) => stepsCase(setup, n)));

export const optimizerFamily: Family<OptimizerKernel> = {
  name: "optimizers",
  kernels: {
    sgd: () => casesOf("sgd"),
    momentum: () => casesOf("momentum"),
    adagrad: () => casesOf("adagrad"),
    adadelta: () => casesOf("adadelta"),
    rmsprop: () => casesOf("rmsprop"),
    adam: () => casesOf("adam"),
    adamVariant: () => casesOf("adamVariant"),
    adamax: () => casesOf("adamax"),
    nadam: () => casesOf("nadam"),
    radam: () => casesOf("radam"),
  },
};
