import { pow } from "../base/portable-math.ts";
import type { Schedule } from "../schedules/index.ts";
import { checkOptions, flag, numberFrom } from "../base/arguments.ts";
import { instruction } from "../wasm/instruction.ts";
import { type MomentOptions, adamNumbers, momentRules, moments } from "./adam.ts";
import { type Optimizer, hyperparameters, optimizer } from "./optimizer.ts";

/** Options of adamax. */
export interface AdamaxOptions extends MomentOptions {
  /** Number ≥ 0 or a schedule; 0.002 by default, as in PyTorch and the paper (Keras has 0.001). */
  readonly learningRate?: number | Schedule;
}

/**
 * Adamax (Kingma and Ba 2015, algorithm 2): p -= lr · m̂ / u with u = max(beta2 · u, |g| +
 * epsilon), as in PyTorch. Keras adds epsilon to u in the quotient.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = adamax({ learningRate: 0.005 });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function adamax(options: AdamaxOptions = {}): Optimizer {
  const chosen = checkOptions("adamax", options, momentRules());
  const { learningRate = 0.002 } = chosen;
  return optimizer("adamax", learningRate, chosen, {
    moments: 2,
    hyperparameters: adamNumbers(chosen),
    remade: (changed) => adamax({ ...chosen, ...changed }),
    advance: (hyperparameters) => instruction("advanceAdam", { hyperparameters }),
    update({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [m, u] = moments as [number, number];
      return instruction("adamax", { p, g, m, u, n, hyperparameters });
    },
  });
}

/** Options of nadam. */
export interface NadamOptions extends MomentOptions {
  /** Number ≥ 0 or a schedule; 0.002 by default, as in PyTorch (Keras has 0.001). */
  readonly learningRate?: number | Schedule;
  /**
   * Speed with which mu grows to beta1, ≥ 0; 0.004 by default, as in PyTorch (always 1 in Keras).
   */
  readonly momentumDecay?: number;
  /**
   * True for the weight mu' / (1 - M · mu') of m, as in the paper, in Keras, and in PyTorch from
   * 2.0 on. False by default, as in PyTorch 1.13: mu' / (1 - M · mu · mu'), where mu counts twice,
   * because it is in M already (corrected by PyTorch's pull request 92699).
   */
  readonly exactProduct?: boolean;
}

/**
 * NAdam (Dozat 2016): Adam with Nesterov's momentum, p -= lr · (mu' · m / (1 - M · mu · mu') + (1 -
 * mu) · g / (1 - M)) / (√v̂ + epsilon), where mu = beta1 · (1 - 0.96^(t · momentumDecay) / 2) at
 * step t, counted from 1. mu' is mu of the next step, and M the product of mu over the steps so
 * far.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = nadam({ exactProduct: true });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function nadam(options: NadamOptions = {}): Optimizer {
  const rules = { ...momentRules(), momentumDecay: numberFrom(0), exactProduct: flag() };
  const chosen = checkOptions("nadam", options, rules);
  const { learningRate = 0.002, momentumDecay = 0.004, exactProduct = false } = chosen;
  const { beta1, beta2, epsilon, weightDecay } = moments(chosen);
  return optimizer("nadam", learningRate, chosen, {
    moments: 2,
    hyperparameters: hyperparameters("nadam", {
      weightDecay,
      beta1,
      beta2,
      epsilon,
      ofM: 1,
      ofG: 1,
      correction2: 1,
      power2: 1,
      decayPower: 1,
      product: 1,
      decay: pow(0.96, momentumDecay),
      repeats: Number(!exactProduct),
    }),
    remade: (changed) => nadam({ ...chosen, ...changed }),
    advance: (hyperparameters) => instruction("advanceNadam", { hyperparameters }),
    update({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [m, v] = moments as [number, number];
      return instruction("nadam", { p, g, m, v, n, hyperparameters });
    },
  });
}

/** Options of radam. */
export interface RadamOptions extends MomentOptions {
  /** Number ≥ 0 or a schedule; 0.001 by default. */
  readonly learningRate?: number | Schedule;
}

/**
 * RAdam (Liu et al. 2020): Adam that leaves out v in its first steps, until the variance of v can
 * be rectified. The formulas are PyTorch's.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = radam({ learningRate: 0.002 });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function radam(options: RadamOptions = {}): Optimizer {
  const chosen = checkOptions("radam", options, momentRules());
  const { learningRate = 0.001 } = chosen;
  const { beta1, beta2, epsilon, weightDecay } = moments(chosen);
  return optimizer("radam", learningRate, chosen, {
    moments: 2,
    hyperparameters: hyperparameters("radam", {
      weightDecay,
      beta1,
      beta2,
      epsilon,
      correction1: 1,
      correction2: 1,
      power1: 1,
      power2: 1,
      steps: 0,
      rectification: 0,
    }),
    remade: (changed) => radam({ ...chosen, ...changed }),
    advance: (hyperparameters) => instruction("advanceRadam", { hyperparameters }),
    update({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [m, v] = moments as [number, number];
      return instruction("radam", { p, g, m, v, n, hyperparameters });
    },
  });
}
