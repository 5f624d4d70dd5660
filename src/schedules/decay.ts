import { pow } from "../base/portable-math.ts";
import { checkOptions, describeValue, list, needed } from "../base/arguments.ts";
import { numberFrom, positive, whole } from "../base/arguments.ts";
import { type Schedule, named } from "./schedule.ts";

/** What stepDecay takes; rates are numbers from 0 on. */
export interface StepDecayOptions {
  /** Of the first step. */
  readonly learningRate: number;
  /** Steps from one change to the next. */
  readonly stepSize: number;
  /** What the rate is multiplied by; 0.1 by default, as in PyTorch. */
  readonly gamma?: number;
}

/**
 * lr · gamma^⌊step / stepSize⌋, PyTorch's StepLR.
 * @throws RangeError if an option is out of range or unknown, TypeError if it is of another type
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

/** What multiStepDecay takes; rates are numbers from 0 on. */
export interface MultiStepDecayOptions {
  /** Of the first step. */
  readonly learningRate: number;
  /** Steps at which the rate changes, each larger than the one before. */
  readonly milestones: readonly number[];
  /** What the rate is multiplied by; 0.1 by default, as in PyTorch. */
  readonly gamma?: number;
}

/**
 * lr · gamma^(milestones reached), PyTorch's MultiStepLR.
 * @throws RangeError if an option is out of range or unknown, or milestones do not rise; TypeError if
 * one is of another type
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

/** What exponentialDecay takes; rates are numbers from 0 on. */
export interface ExponentialDecayOptions {
  /** Of the first step. */
  readonly learningRate: number;
  /** What the rate is multiplied by after each step. */
  readonly gamma: number;
}

/**
 * lr · gamma^step, PyTorch's ExponentialLR.
 * @throws RangeError if an option is out of range or unknown, TypeError if it is of another type
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

/** What polynomialDecay takes; rates are numbers from 0 on. */
export interface PolynomialDecayOptions {
  /** Of the first step. */
  readonly learningRate: number;
  /** Steps until the rate is 0, or the minimum. */
  readonly steps: number;
  /** 1 by default, a line; any number above 0. */
  readonly power?: number;
  /** 0 by default, as in PyTorch, which knows no other (Keras: endLearningRate, 0.0001). */
  readonly minimum?: number;
}

/**
 * minimum + (lr - minimum) · (1 - step / steps)^power, and the minimum from then on: PyTorch's
 * PolynomialLR.
 * @throws RangeError if an option is out of range or unknown, TypeError if it is of another type
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
