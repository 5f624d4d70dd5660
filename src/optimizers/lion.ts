import { checkOptions, numberBelow } from "../base/arguments.ts";
import { instruction } from "../wasm/instruction.ts";
import type { Schedule } from "../schedules/index.ts";
import { type Optimizer, type OptimizerOptions } from "./optimizer.ts";
import { decayRules, hyperparameters, optimizer } from "./optimizer.ts";

/** Options of lion. */
export interface LionOptions extends OptimizerOptions {
  /** Number ≥ 0 or a schedule; 0.0001 by default, a tenth of Adam's, as every step is that large. */
  readonly learningRate?: number | Schedule;
  /** Weight of the moving average in the step, in [0, 1); 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the moving average of gradients, in [0, 1); 0.99 by default. */
  readonly beta2?: number;
  /** Factor ≥ 0 of decay: each step subtracts lr · weightDecay · p; 0 by default. */
  readonly weightDecay?: number;
}

/**
 * Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms"): p -= lr · sign(c) with
 * c = beta1 · m + (1 - beta1) · g, where m is a moving average of g that decays by beta2. Keeps one
 * number for each parameter, Adam two. Weight decay is separate from the gradient, as in adamW.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const optimizer = lion({ learningRate: 0.0003, weightDecay: 0.1 });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function lion(options: LionOptions = {}): Optimizer {
  const rules = { ...decayRules(), beta1: numberBelow(1), beta2: numberBelow(1) };
  const chosen = checkOptions("lion", options, rules);
  const { learningRate = 1e-4, weightDecay = 0, beta1 = 0.9, beta2 = 0.99 } = chosen;
  return optimizer("lion", learningRate, chosen, {
    moments: 1,
    hyperparameters: hyperparameters("lion", { weightDecay, beta1, beta2 }),
    remade: (changed) => lion({ ...chosen, ...changed }),
    update({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [m] = moments as [number];
      return instruction("lion", { p, g, m, n, hyperparameters });
    },
  });
}
