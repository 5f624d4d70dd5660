import { alongCosine } from "./curves.ts";
import { checkOptions, needed, numberFrom, whole } from "../base/arguments.ts";
import { type Schedule, named } from "./schedule.ts";

/** What cosineDecay takes; rates are numbers from 0 on. */
export interface CosineDecayOptions {
  /** Of the first step. */
  readonly learningRate: number;
  /** Steps until the minimum. */
  readonly steps: number;
  /** 0 by default. */
  readonly minimum?: number;
}

/**
 * Down to the minimum along half a cosine, PyTorch's CosineAnnealingLR (Loshchilov and Hutter
 * 2017). As there, the rate rises again the same way after that (Keras's stays at the minimum).
 * @throws RangeError if an option is out of range or unknown, TypeError if it is of another type
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

/** What cosineWarmRestarts takes; rates are numbers from 0 on. */
export interface CosineWarmRestartsOptions {
  /** Of the first step, and of the first one after each restart. */
  readonly learningRate: number;
  /** Steps until the first restart. */
  readonly steps: number;
  /** How many times longer each next run is; a whole number, 1 by default. */
  readonly factor?: number;
  /** 0 by default. */
  readonly minimum?: number;
}

/**
 * Half cosines one after another (SGDR: Loshchilov and Hutter 2017), PyTorch's
 * CosineAnnealingWarmRestarts.
 * @throws RangeError if an option is out of range or unknown, TypeError if it is of another type
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
