import { instruction } from "../wasm/instruction.ts";
import type { Schedule } from "../schedules/index.ts";
import { checkOptions, flag, numberBelow, numberFrom } from "../base/arguments.ts";
import { type DecayOptions, type Optimizer } from "./optimizer.ts";
import { decayRules, hyperparameters, optimizer } from "./optimizer.ts";

/** Options of Adam and its variants. */
export interface MomentOptions extends DecayOptions {
  /** Decay of the moving average of gradients, in [0, 1); 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the moving average of their squares, in [0, 1); 0.999 by default. */
  readonly beta2?: number;
  /** Term ≥ 0 that keeps the divisor from 0; 1e-8 by default, as in PyTorch (Keras: 1e-7). */
  readonly epsilon?: number;
}

/** Options of adam. */
export interface AdamOptions extends MomentOptions {
  /** Number ≥ 0 or a schedule; 0.001 by default. */
  readonly learningRate?: number | Schedule;
  /** True to divide by the largest average of squares so far (AMSGrad); false by default. */
  readonly amsgrad?: boolean;
  /**
   * True for the divisor √(v̂ + epsilon) instead of √v̂ + epsilon; false by default, as in the
   * paper's algorithm 1, PyTorch and Keras. Square epsilon to damp small gradients equally.
   */
  readonly epsilonInside?: boolean;
}

/** Options of adamW. */
export interface AdamWOptions extends Omit<AdamOptions, "weightDecay"> {
  /**
   * Factor ≥ 0 of decay: each step subtracts lr · weightDecay · p; 0.01 by default, as in PyTorch (Keras:
   * 0.004).
   */
  readonly weightDecay?: number;
}

/** Rules for MomentOptions. */
export const momentRules = () => ({
  ...decayRules(),
  beta1: numberBelow(1),
  beta2: numberBelow(1),
  epsilon: numberFrom(0),
});

/** Rules for the options of adam, without amsgrad. */
const adamRules = () => ({ ...momentRules(), epsilonInside: flag() });

/** Returns the numbers of the moments, with their defaults. */
export function moments(options: MomentOptions) {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  return { beta1, beta2, epsilon, weightDecay };
}

/** Returns the hyperparameters of Adam's variants before the first step. */
export function adamNumbers(options: MomentOptions): readonly number[] {
  const { beta1, beta2, epsilon, weightDecay } = moments(options);
  return hyperparameters("adam", {
    weightDecay,
    beta1,
    beta2,
    epsilon,
    correction1: 1,
    correction2: 1,
    power1: 1,
    power2: 1,
  });
}

/** Makes Adam or a variant. @param options checked, with the default of weightDecay if it is not 0 */
function adamForm(name: string, options: AdamOptions, decoupled = false): Optimizer {
  const { learningRate = 0.001, epsilonInside = false, amsgrad = false } = options;
  const { weightDecay = 0 } = options;
  const plain = weightDecay === 0 && !amsgrad && !epsilonInside;
  return optimizer(name, learningRate, options, {
    moments: amsgrad ? 3 : 2,
    hyperparameters: adamNumbers(options),
    remade: (changed) => adamForm(name, { ...options, ...changed }, decoupled),
    advance: (hyperparameters) => instruction("advanceAdam", { hyperparameters }),
    update({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [m, v, maximum = 0] = moments as [number, number, number?];
      if (plain) return instruction("adam", { p, g, m, v, n, hyperparameters });
      return instruction("adamVariant", {
        p,
        g,
        m,
        v,
        maximum,
        n,
        decoupled,
        epsilonInside,
        hyperparameters,
      });
    },
  });
}

/**
 * Adam (Kingma and Ba 2015): p -= lr · m̂ / (√v̂ + epsilon), where m̂ and v̂ are moving averages of
 * g and g² without their bias towards 0.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = adam({ learningRate: 0.002, clipNorm: 1 });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return adamForm("adam", checkOptions("adam", options, { ...adamRules(), amsgrad: flag() }));
}

/**
 * AMSGrad (Reddi, Kale and Kumar 2018): Adam with a divisor that never shrinks. As in PyTorch, the
 * maximum of v is taken before its bias is corrected.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = amsgrad({ learningRate: 0.002 });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function amsgrad(options: Omit<AdamOptions, "amsgrad"> = {}): Optimizer {
  const chosen = checkOptions("amsgrad", options, adamRules());
  return adamForm("amsgrad", { ...chosen, amsgrad: true });
}

/**
 * AdamW (Loshchilov and Hutter 2019): Adam with weight decay that is separate from the gradient,
 * p = (1 - lr · weightDecay) · p before the step. All parameters decay, as in PyTorch.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = adamW({ weightDecay: 0.05 });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
  const chosen = checkOptions("adamW", options, { ...adamRules(), amsgrad: flag() });
  return adamForm("adamW", { weightDecay: 0.01, ...chosen }, true);
}
