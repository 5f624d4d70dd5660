import { callable, checkOptions, flag, needed, numberFrom } from "../base/arguments.ts";
import { check, oneOf, positive, whole } from "../base/arguments.ts";
import { alongCosine, alongLine } from "./curves.ts";
import { type Schedule, named, scheduledRate } from "./schedule.ts";

/** Options of oneCycle. Rates are finite numbers ≥ 0. */
export interface OneCycleOptions {
  /** The highest rate. */
  readonly maximum: number;
  /** Number of steps of the whole cycle. */
  readonly steps: number;
  /** Fraction of the steps in which the rate rises, 0 to 1; 0.3 by default. */
  readonly warmUp?: number;
  /** Divisor of the first rate, which is maximum / divisor; 25 by default. */
  readonly divisor?: number;
  /** Divisor of the last rate, which is the first rate / finalDivisor; 10,000 by default. */
  readonly finalDivisor?: number;
  /** Curve of each phase; "cosine" by default. */
  readonly anneal?: "cosine" | "linear";
  /**
   * True for a way down that mirrors the way up, and a third phase to the last rate; false by
   * default.
   */
  readonly threePhases?: boolean;
}

/**
 * Returns the step at which each phase of a cycle ends, and the rate there. As in PyTorch, a phase may
 * end between two steps.
 */
function phasesOf(options: OneCycleOptions): { end: number; rate: number }[] {
  const { maximum, steps, warmUp = 0.3, divisor = 25, finalDivisor = 1e4 } = options;
  const first = maximum / divisor;
  const phases = [
    { end: 0, rate: first },
    { end: warmUp * steps - 1, rate: maximum },
  ];
  if (options.threePhases) phases.push({ end: 2 * warmUp * steps - 2, rate: first });
  return [...phases, { end: steps - 1, rate: first / finalDivisor }];
}

/**
 * Rises to a high rate and decays to almost nothing (Smith and Topin 2018), as PyTorch's OneCycleLR
 * with its defaults. It sets the learning rate alone, while PyTorch also changes the momentum.
 * After the last step the rate stays as it is, where PyTorch throws.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const rate = oneCycle({ maximum: 0.1, steps: 1000 });
 * rate(0); // 0.004
 * rate(299); // 0.1
 * rate(999); // 4e-7
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const chosen = checkOptions("oneCycle", options, {
    maximum: needed(numberFrom(0)),
    steps: needed(whole(1)),
    warmUp: numberFrom(0, 1),
    divisor: positive(),
    finalDivisor: positive(),
    anneal: oneOf("cosine", "linear"),
    threePhases: flag(),
  });
  const { warmUp = 0, anneal, threePhases } = chosen;
  if (threePhases) check("oneCycle", "warmUp", warmUp, numberFrom(0, 0.5));
  const along = anneal === "linear" ? alongLine : alongCosine;
  const phases = phasesOf(chosen);
  return named("oneCycle", chosen, (step) => {
    const found = phases.findIndex(({ end }, i) => i > 0 && step <= end);
    const last = phases[found < 0 ? phases.length - 1 : found]!;
    const before = phases[(found < 0 ? phases.length : found) - (found < 0 ? 2 : 1)]!;
    const length = last.end - before.end;
    const part = length > 0 ? Math.min(1, (step - before.end) / length) : 1;
    return along(before.rate, last.rate, part);
  });
}

/** Options of linearWarmUp. Rates are finite numbers ≥ 0. */
export interface LinearWarmUpOptions {
  /** Learning rate at the end of the warm-up, and after it unless `then` is given. */
  readonly learningRate: number;
  /** Number of steps of the warm-up. */
  readonly steps: number;
  /** Fraction of the learning rate that the first step has; 1/3 by default, as in PyTorch. */
  readonly from?: number;
  /** Schedule after the warm-up; its step 0 is the first step after the warm-up. */
  readonly then?: Schedule;
}

/**
 * Rises to the learning rate along a line, as PyTorch's LinearLR. After that the rate is constant,
 * or follows another schedule (PyTorch's SequentialLR).
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const then = cosineDecay({ learningRate: 0.1, steps: 900 });
 * const rate = linearWarmUp({ learningRate: 0.1, steps: 100, then });
 * rate(0); // 0.03333
 * rate(100); // 0.1
 */
export function linearWarmUp(options: LinearWarmUpOptions): Schedule {
  const chosen = checkOptions("linearWarmUp", options, {
    learningRate: needed(numberFrom(0)),
    steps: needed(whole(1)),
    from: numberFrom(0),
    then: callable("a schedule"),
  });
  const { learningRate, steps, from = 1 / 3, then } = chosen;
  return named("linearWarmUp", chosen, (step) => {
    if (step < steps) return learningRate * alongLine(from, 1, step / steps);
    return then ? scheduledRate(then, step - steps) : learningRate;
  });
}
