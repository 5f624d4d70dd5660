import { pow } from "../float64.ts";
import { checkWhole, given } from "../runtime/arguments.ts";
import { type Schedule, checkNumber, named } from "./schedule.ts";

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
 * @throws RangeError if a number is out of range
 */
export function stepDecay({ learningRate, stepSize, gamma = 0.1 }: StepDecayOptions): Schedule {
  checkNumber("stepDecay", "learningRate", learningRate);
  checkWhole("stepDecay", "stepSize", stepSize, 1);
  checkNumber("stepDecay", "gamma", gamma);
  const options = { learningRate, stepSize, gamma };
  return named("stepDecay", options, (step) => {
    return learningRate * pow(gamma, Math.floor(step / stepSize));
  });
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
 * @throws RangeError if a number is out of range or milestones do not rise, TypeError if they are
 * no array
 */
export function multiStepDecay(options: MultiStepDecayOptions): Schedule {
  const { learningRate, milestones, gamma = 0.1 } = options;
  checkNumber("multiStepDecay", "learningRate", learningRate);
  checkNumber("multiStepDecay", "gamma", gamma);
  if (!Array.isArray(milestones)) {
    throw new TypeError(
      `multiStepDecay: expected milestones to be an array of steps, got ${given(milestones)}`,
    );
  }
  const steps: readonly number[] = [...(milestones as readonly number[])];
  steps.forEach((milestone, i) => {
    if (Number.isInteger(milestone) && milestone > (steps[i - 1] ?? 0)) return;
    throw new RangeError(
      `multiStepDecay: expected milestones to rise, whole numbers from 1 on, got ${given(steps)}`,
    );
  });
  return named(
    "multiStepDecay",
    options,
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

/** lr · gamma^step, PyTorch's ExponentialLR. @throws RangeError if a number is out of range */
export function exponentialDecay({ learningRate, gamma }: ExponentialDecayOptions): Schedule {
  checkNumber("exponentialDecay", "learningRate", learningRate);
  checkNumber("exponentialDecay", "gamma", gamma);
  const options = { learningRate, gamma };
  return named("exponentialDecay", options, (step) => learningRate * pow(gamma, step));
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
 * @throws RangeError if a number is out of range
 */
export function polynomialDecay(options: PolynomialDecayOptions): Schedule {
  const { learningRate, steps, power = 1, minimum = 0 } = options;
  checkNumber("polynomialDecay", "learningRate", learningRate);
  checkWhole("polynomialDecay", "steps", steps, 1);
  checkNumber("polynomialDecay", "power", power, Number.MIN_VALUE);
  checkNumber("polynomialDecay", "minimum", minimum);
  return named("polynomialDecay", options, (step) => {
    const left = Math.max(0, steps - step) / steps;
    return minimum + (learningRate - minimum) * pow(left, power);
  });
}
