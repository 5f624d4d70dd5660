import { pow } from "../base/portable-math.ts";
import { checkOptions, describeValue, list, needed } from "../base/arguments.ts";
import { numberFrom, positive, whole } from "../base/arguments.ts";
import { type Schedule, named } from "./schedule.ts";

/** Options of stepDecay. Rates are finite numbers ≥ 0. */
export interface StepDecayOptions {
  /** Learning rate of the first step. */
  readonly learningRate: number;
  /** Number of steps from one change to the next. */
  readonly stepSize: number;
  /** Factor of each change; 0.1 by default, as in PyTorch. */
  readonly gamma?: number;
}

/**
 * Multiplies the rate by gamma every stepSize steps: learningRate · gamma^⌊step / stepSize⌋, as
 * PyTorch's StepLR.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const rate = stepDecay({ learningRate: 0.1, stepSize: 30 });
 * rate(29); // 0.1
 * rate(30); // 0.01
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  const chosen = checkOptions("stepDecay", options, {
    learningRate: needed(numberFrom(0)),
    stepSize: needed(whole(1)),
    gamma: numberFrom(0),
  });
  const { learningRate, stepSize, gamma = 0.1 } = chosen;
  return named(
    "stepDecay",
    chosen,
    (step) => learningRate * pow(gamma, Math.floor(step / stepSize)),
  );
}

/** Options of multiStepDecay. Rates are finite numbers ≥ 0. */
export interface MultiStepDecayOptions {
  /** Learning rate of the first step. */
  readonly learningRate: number;
  /** Steps at which the rate changes, in rising order. */
  readonly milestones: readonly number[];
  /** Factor of each change; 0.1 by default, as in PyTorch. */
  readonly gamma?: number;
}

/**
 * Multiplies the rate by gamma at each milestone: learningRate · gamma^(milestones reached), as
 * PyTorch's MultiStepLR.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown, or if the milestones do not rise
 * @example
 * const rate = multiStepDecay({ learningRate: 0.1, milestones: [30, 80] });
 * rate(30); // 0.01
 * rate(80); // 0.001
 */
export function multiStepDecay(options: MultiStepDecayOptions): Schedule {
  const chosen = checkOptions("multiStepDecay", options, {
    learningRate: needed(numberFrom(0)),
    milestones: needed(list("an array of steps")),
    gamma: numberFrom(0),
  });
  const { learningRate, milestones, gamma = 0.1 } = chosen;
  const steps = Array.from(milestones);
  steps.forEach((milestone, i) => {
    if (Number.isInteger(milestone) && milestone > (steps[i - 1] ?? 0)) return;
    throw new RangeError(
      `multiStepDecay: expected milestones to rise, whole numbers from 1 on, got ${describeValue(steps)}`,
    );
  });
  return named(
    "multiStepDecay",
    chosen,
    (step) => learningRate * pow(gamma, steps.filter((milestone) => milestone <= step).length),
  );
}

/** Options of exponentialDecay. Rates are finite numbers ≥ 0. */
export interface ExponentialDecayOptions {
  /** Learning rate of the first step. */
  readonly learningRate: number;
  /** Factor of each step. */
  readonly gamma: number;
}

/**
 * Multiplies the rate by gamma after each step: learningRate · gamma^step, as PyTorch's
 * ExponentialLR.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const rate = exponentialDecay({ learningRate: 0.1, gamma: 0.99 });
 * rate(100); // 0.0366
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const rate = needed(numberFrom(0));
  const rules = { learningRate: rate, gamma: rate };
  const chosen = checkOptions("exponentialDecay", options, rules);
  const { learningRate, gamma } = chosen;
  return named("exponentialDecay", chosen, (step) => learningRate * pow(gamma, step));
}

/** Options of polynomialDecay. Rates are finite numbers ≥ 0. */
export interface PolynomialDecayOptions {
  /** Learning rate of the first step. */
  readonly learningRate: number;
  /** Number of steps until the rate is the minimum. */
  readonly steps: number;
  /** Exponent above 0; 1 by default, which makes a line. */
  readonly power?: number;
  /** Last rate; 0 by default, as always in PyTorch (Keras: endLearningRate, 0.0001). */
  readonly minimum?: number;
}

/**
 * Decays along a power of the remaining steps: minimum + (learningRate - minimum) ·
 * (1 - step / steps)^power, and the minimum after that, as PyTorch's PolynomialLR.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const rate = polynomialDecay({ learningRate: 0.1, steps: 100, power: 2 });
 * rate(50); // 0.025
 */
export function polynomialDecay(options: PolynomialDecayOptions): Schedule {
  const chosen = checkOptions("polynomialDecay", options, {
    learningRate: needed(numberFrom(0)),
    steps: needed(whole(1)),
    power: positive(),
    minimum: numberFrom(0),
  });
  const { learningRate, steps, power = 1, minimum = 0 } = chosen;
  return named("polynomialDecay", chosen, (step) => {
    const left = Math.max(0, steps - step) / steps;
    return minimum + (learningRate - minimum) * pow(left, power);
  });
}
