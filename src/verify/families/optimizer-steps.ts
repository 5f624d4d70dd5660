import type { OptimizerName, Settings } from "../../reference/optimizers.ts";
import type { Exports, KernelName } from "../../wasm/build.ts";

/** Addresses of parameters, gradients and up to three blocks of state. */
export interface Blocks {
  readonly p: number;
  readonly g: number;
  readonly m: number;
  readonly v: number;
  readonly w: number;
}

export type OptimizerKernel = Extract<
  KernelName,
  Exclude<OptimizerName, "amsgrad" | "adamW"> | "momentum" | "adamVariant"
>;

/** One step of an optimizer by its kernel, with what its count record would have computed. */
type KernelStep = (kernels: Exports, blocks: Blocks, n: number, s: Settings, t: number) => void;

/** What is left of the bias of Adam's moments after step t. */
export function biases({ beta1 = 0.9, beta2 = 0.999 }: Settings, t: number): [number, number] {
  return [1 - beta1 ** t, 1 - beta2 ** t];
}

const adam: KernelStep = (kernels, { p, g, m, v, w }, n, settings, t) => {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = settings;
  const { amsgrad = false, epsilonInside = false } = settings;
  const numbers = [beta1, beta2, epsilon, ...biases(settings, t)] as const;
  if (weightDecay === 0 && !amsgrad && !epsilonInside) {
    kernels.adam(p, g, m, v, n, learningRate, ...numbers);
    return;
  }
  const maximum = amsgrad ? w : 0;
  const given = [p, g, m, v, maximum, n, learningRate, ...numbers, weightDecay] as const;
  kernels.adamVariant(...given, false, epsilonInside);
};

export const steps: Record<OptimizerName, KernelStep> = {
  sgd(kernels, { p, g, m }, n, settings, t) {
    const { learningRate, weightDecay = 0, momentum = 0, nesterov = false } = settings;
    if (momentum === 0) {
      kernels.sgd(p, g, n, learningRate, weightDecay);
      return;
    }
    const gain = t === 1 ? 1 : 1 - (settings.dampening ?? 0);
    kernels.momentum(p, g, m, n, learningRate, weightDecay, momentum, gain, nesterov);
  },
  adagrad(kernels, { p, g, m }, n, settings) {
    const { learningRate, weightDecay = 0, initialAccumulator = 0 } = settings;
    kernels.adagrad(p, g, m, n, learningRate, weightDecay, 1e-10, initialAccumulator);
  },
  adadelta(kernels, { p, g, m, v }, n, { learningRate, weightDecay = 0 }) {
    kernels.adadelta(p, g, m, v, n, learningRate, weightDecay, 0.9, 1e-6);
  },
  rmsprop(kernels, { p, g, m, v, w }, n, settings) {
    const { learningRate, weightDecay = 0, centered = false, momentum = 0 } = settings;
    const [mean, velocity] = [centered ? v : 0, momentum > 0 ? w : 0];
    const numbers = [learningRate, weightDecay, 0.99, 1e-8, momentum] as const;
    kernels.rmsprop(p, g, m, mean, velocity, n, ...numbers);
  },
  adam,
  amsgrad(kernels, blocks, n, settings, t) {
    adam(kernels, blocks, n, { ...settings, amsgrad: true }, t);
  },
  adamW(kernels, { p, g, m, v }, n, settings, t) {
    const { learningRate, weightDecay = 0.01 } = settings;
    const numbers = [0.9, 0.999, 1e-8, ...biases(settings, t), weightDecay] as const;
    kernels.adamVariant(p, g, m, v, 0, n, learningRate, ...numbers, true, false);
  },
  adamax(kernels, { p, g, m, v }, n, settings, t) {
    const { learningRate, weightDecay = 0 } = settings;
    const [bias1] = biases(settings, t);
    kernels.adamax(p, g, m, v, n, learningRate, weightDecay, 0.9, 0.999, 1e-8, bias1);
  },
  nadam(kernels, { p, g, m, v }, n, settings, t) {
    const { learningRate, weightDecay = 0 } = settings;
    const mu = (step: number) => 0.9 * (1 - 0.5 * 0.96 ** (step * 0.004));
    let product = 1;
    for (let step = 1; step <= t; step++) product *= mu(step);
    const ofM = mu(t + 1) / (1 - product * mu(t) * mu(t + 1));
    const ofG = (1 - mu(t)) / (1 - product);
    const [, bias2] = biases(settings, t);
    const numbers = [learningRate, weightDecay, 0.9, 0.999, 1e-8, ofM, ofG, bias2] as const;
    kernels.nadam(p, g, m, v, n, ...numbers);
  },
  radam(kernels, { p, g, m, v }, n, settings, t) {
    const { learningRate, weightDecay = 0 } = settings;
    const [bias1, bias2] = biases(settings, t);
    const longest = 2 / (1 - 0.999) - 1;
    const length = longest - (2 * t * 0.999 ** t) / bias2;
    const ratio = ((length - 4) * (length - 2) * longest) / (longest - 4) / (longest - 2) / length;
    const rectification = length > 5 ? Math.sqrt(ratio) : 0;
    const numbers = [learningRate, weightDecay, 0.9, 0.999, 1e-8, bias1, bias2] as const;
    kernels.radam(p, g, m, v, n, ...numbers, rectification);
  },
};
