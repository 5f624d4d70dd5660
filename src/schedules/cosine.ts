import { alongCosine } from "./curves.ts";
import { checkOptions, needed, numberFrom, whole } from "../base/arguments.ts";
import { type Schedule, named } from "./schedule.ts";

/** Options of cosineDecay. Rates are finite numbers ≥ 0. */
export interface CosineDecayOptions {
  /** Learning rate of the first step. */
  readonly learningRate: number;
  /** Steps until the minimum. */
  readonly steps: number;
  /** Lowest rate; 0 by default. */
  readonly minimum?: number;
}

/**
 * Decays to the minimum along half a cosine, as PyTorch's CosineAnnealingLR (Loshchilov and Hutter
 * 2017). As there, the rate rises again the same way after that (Keras's stays at the minimum).
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const rate = cosineDecay({ learningRate: 0.1, steps: 1000 });
 * rate(0); // 0.1
 * rate(500); // 0.05
 * const optimizer = sgd({ learningRate: rate });
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  const chosen = checkOptions("cosineDecay", options, {
    learningRate: needed(numberFrom(0)),
    steps: needed(whole(1)),
    minimum: numberFrom(0),
  });
  const { learningRate, steps, minimum = 0 } = chosen;
  return named("cosineDecay", chosen, (step) => alongCosine(learningRate, minimum, step / steps));
}

/** Options of cosineWarmRestarts. Rates are finite numbers ≥ 0. */
export interface CosineWarmRestartsOptions {
  /** Learning rate of the first step, and of the first one after each restart. */
  readonly learningRate: number;
  /** Steps until the first restart. */
  readonly steps: number;
  /** Factor by which each run is longer than the one before; a whole number, 1 by default. */
  readonly factor?: number;
  /** Lowest rate; 0 by default. */
  readonly minimum?: number;
}

/**
 * Decays along half a cosine again and again (SGDR: Loshchilov and Hutter 2017), as PyTorch's
 * CosineAnnealingWarmRestarts.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const rate = cosineWarmRestarts({ learningRate: 0.1, steps: 100, factor: 2 });
 * rate(50); // 0.05
 * rate(100); // 0.1
 */
export function cosineWarmRestarts(options: CosineWarmRestartsOptions): Schedule {
  const chosen = checkOptions("cosineWarmRestarts", options, {
    learningRate: needed(numberFrom(0)),
    steps: needed(whole(1)),
    factor: whole(1),
    minimum: numberFrom(0),
  });
  const { learningRate, steps, factor = 1, minimum = 0 } = chosen;
  return named("cosineWarmRestarts", chosen, (step) => {
    let period = steps;
    let since = factor === 1 ? step % period : step;
    while (since >= period) {
      since -= period;
      period *= factor;
    }
    return alongCosine(learningRate, minimum, since / period);
  });
}
