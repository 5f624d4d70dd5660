import type { Schedule } from "../schedules/index.ts";
import { instruction } from "../wasm/instruction.ts";
import { checkOptions, flag, numberBelow, numberFrom } from "../base/arguments.ts";
import { type DecayOptions, type Optimizer } from "./optimizer.ts";
import { decayRules, hyperparameters, optimizer } from "./optimizer.ts";

/** Options of adagrad. */
export interface AdagradOptions extends DecayOptions {
  /** Number ≥ 0 or a schedule; 0.01 by default, as in PyTorch (Keras has 0.001). */
  readonly learningRate?: number | Schedule;
  /**
   * Decay ≥ 0 of the rate: step t, counted from 1, has lr / (1 + (t - 1) · learningRateDecay); 0 by
   * default.
   */
  readonly learningRateDecay?: number;
  /** First value ≥ 0 of the sums of squares; 0 by default, as in PyTorch (Keras: 0.1). */
  readonly initialAccumulator?: number;
  /** Term ≥ 0 added to the root; 1e-10 by default, as in PyTorch (Keras: 1e-7). */
  readonly epsilon?: number;
}

/**
 * Adagrad (Duchi, Hazan and Singer 2011): s += g² and p -= lr · g / (√s + epsilon).
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = adagrad({ initialAccumulator: 0.1 });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const chosen = checkOptions("adagrad", options, {
    ...decayRules(),
    learningRateDecay: numberFrom(0),
    initialAccumulator: numberFrom(0),
    epsilon: numberFrom(0),
  });
  const { learningRate = 0.01, learningRateDecay = 0, initialAccumulator = 0 } = chosen;
  const { epsilon = 1e-10, weightDecay = 0 } = chosen;
  return optimizer("adagrad", learningRate, chosen, {
    moments: 1,
    hyperparameters: hyperparameters("adagrad", {
      weightDecay,
      epsilon,
      initial: initialAccumulator,
      divisor: 1,
      decay: learningRateDecay,
      steps: 0,
    }),
    remade: (changed) => adagrad({ ...chosen, ...changed }),
    ...(learningRateDecay > 0 && {
      advance: (hyperparameters) => instruction("advanceAdagrad", { hyperparameters }),
    }),
    update({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [s] = moments as [number];
      return instruction("adagrad", { p, g, s, n, hyperparameters });
    },
  });
}

/** Options of adadelta. */
export interface AdadeltaOptions extends DecayOptions {
  /** Number ≥ 0 or a schedule; 1 by default, as in the paper and in PyTorch (Keras has 0.001). */
  readonly learningRate?: number | Schedule;
  /** Decay of both averages of squares, in [0, 1); 0.9 by default, as in PyTorch (Keras: 0.95). */
  readonly rho?: number;
  /** Term ≥ 0 under both roots; 1e-6 by default, as in PyTorch (Keras: 1e-7). */
  readonly epsilon?: number;
}

/**
 * Adadelta (Zeiler 2012): s = rho · s + (1 - rho) · g², step = g · √(d + epsilon) / √(s + epsilon),
 * d = rho · d + (1 - rho) · step², p -= lr · step.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = adadelta({ rho: 0.95 });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  const rules = { ...decayRules(), rho: numberBelow(1), epsilon: numberFrom(0) };
  const chosen = checkOptions("adadelta", options, rules);
  const { learningRate = 1, rho = 0.9, epsilon = 1e-6, weightDecay = 0 } = chosen;
  return optimizer("adadelta", learningRate, chosen, {
    moments: 2,
    hyperparameters: hyperparameters("adadelta", { weightDecay, rho, epsilon }),
    remade: (changed) => adadelta({ ...chosen, ...changed }),
    update({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [s, d] = moments as [number, number];
      return instruction("adadelta", { p, g, s, d, n, hyperparameters });
    },
  });
}

/** Options of rmsprop. */
export interface RmspropOptions extends DecayOptions {
  /** Number ≥ 0 or a schedule; 0.01 by default, as in PyTorch (Keras has 0.001). */
  readonly learningRate?: number | Schedule;
  /**
   * Decay of the average of squares, in [0, 1); 0.99 by default, as in PyTorch (Keras: rho, 0.9).
   */
  readonly alpha?: number;
  /** Term ≥ 0 added to the root; 1e-8 by default, as in PyTorch (Keras: 1e-7, under the root). */
  readonly epsilon?: number;
  /**
   * True to divide by the deviation from the mean gradient instead of the size; false by default.
   */
  readonly centered?: boolean;
  /** Decay of a velocity of the scaled gradients, in [0, 1); 0 by default, for no velocity. */
  readonly momentum?: number;
}

/**
 * RMSprop (Hinton 2012): s = alpha · s + (1 - alpha) · g² and p -= lr · g / (√s + epsilon). With
 * `centered`, the square of the mean gradient is subtracted from s under the root (Graves 2013).
 * With `momentum`, v = momentum · v + g / (√s + epsilon) and p -= lr · v.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = rmsprop({ learningRate: 0.001, momentum: 0.9 });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const chosen = checkOptions("rmsprop", options, {
    ...decayRules(),
    alpha: numberBelow(1),
    epsilon: numberFrom(0),
    centered: flag(),
    momentum: numberBelow(1),
  });
  const { learningRate = 0.01, alpha = 0.99, epsilon = 1e-8, centered = false } = chosen;
  const { momentum = 0, weightDecay = 0 } = chosen;
  const moving = momentum > 0;
  return optimizer("rmsprop", learningRate, chosen, {
    moments: 1 + Number(centered) + Number(moving),
    hyperparameters: hyperparameters("rmsprop", { weightDecay, alpha, epsilon, mu: momentum }),
    remade: (changed) => rmsprop({ ...chosen, ...changed }),
    update({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [s] = moments as [number];
      const mean = centered ? moments[1]! : 0;
      const v = moving ? moments.at(-1)! : 0;
      return instruction("rmsprop", { p, g, s, mean, v, n, hyperparameters });
    },
  });
}
