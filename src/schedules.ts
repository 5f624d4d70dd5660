import { cosPi, pow } from "./float64.ts";
import { given } from "./runtime/shape.ts";

/**
 * The learning rate of each step, counted from 0: a pure function, so that a run that goes on from
 * a checkpoint, or is repeated on another machine, has the same rates. The schedules here compute
 * with functions that give the same bits everywhere.
 */
export type Schedule = (step: number) => number;

/**
 * The rate that a schedule gives.
 * @throws RangeError naming schedule and step if it is not a finite number from 0 on
 */
export function scheduledRate(schedule: Schedule, step: number): number {
  const rate: unknown = schedule(step);
  if (typeof rate === "number" && rate >= 0 && rate < Infinity) return rate;
  const name = schedule.name || "schedule";
  throw new RangeError(
    `${name}: expected a learning rate from 0 on at step ${step}, got ${given(rate)}`,
  );
}

/** Names a schedule for errors; a minifier would change the name of a function. */
function named(name: string, schedule: Schedule): Schedule {
  return Object.defineProperty(schedule, "name", { value: name });
}

function checkNumber(name: string, what: string, value: unknown, least = 0, most = Infinity): void {
  if (typeof value === "number" && value >= least && value <= most && value < Infinity) return;
  const range = most === Infinity ? `from ${least} on` : `from ${least} to ${most}`;
  throw new RangeError(`${name}: expected ${what} to be a number ${range}, got ${given(value)}`);
}

function checkSteps(name: string, what: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) >= 1) return;
  throw new RangeError(
    `${name}: expected ${what} to be a whole number from 1 on, got ${given(value)}`,
  );
}

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
  checkSteps("stepDecay", "stepSize", stepSize);
  checkNumber("stepDecay", "gamma", gamma);
  return named("stepDecay", (step) => learningRate * pow(gamma, Math.floor(step / stepSize)));
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
  return named("exponentialDecay", (step) => learningRate * pow(gamma, step));
}

/** From `start` at 0 to `end` at 1 along half a cosine: (1 + cos πx) / 2 is cos² (πx / 2). */
function alongCosine(start: number, end: number, x: number): number {
  const root = cosPi(x / 2);
  return end + (start - end) * root * root;
}

function alongLine(start: number, end: number, x: number): number {
  return start * (1 - x) + end * x;
}

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
 * @throws RangeError if a number is out of range
 */
export function cosineDecay({ learningRate, steps, minimum = 0 }: CosineDecayOptions): Schedule {
  checkNumber("cosineDecay", "learningRate", learningRate);
  checkSteps("cosineDecay", "steps", steps);
  checkNumber("cosineDecay", "minimum", minimum);
  return named("cosineDecay", (step) => alongCosine(learningRate, minimum, step / steps));
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
 * @throws RangeError if a number is out of range
 */
export function cosineWarmRestarts(options: CosineWarmRestartsOptions): Schedule {
  const { learningRate, steps, factor = 1, minimum = 0 } = options;
  checkNumber("cosineWarmRestarts", "learningRate", learningRate);
  checkSteps("cosineWarmRestarts", "steps", steps);
  checkSteps("cosineWarmRestarts", "factor", factor);
  checkNumber("cosineWarmRestarts", "minimum", minimum);
  return named("cosineWarmRestarts", (step) => {
    let period = steps;
    let since = factor === 1 ? step % period : step;
    while (since >= period) {
      since -= period;
      period *= factor;
    }
    return alongCosine(learningRate, minimum, since / period);
  });
}

/** What oneCycle takes; rates are numbers from 0 on. */
export interface OneCycleOptions {
  /** The highest rate. */
  readonly maximum: number;
  /** Steps of the whole cycle. */
  readonly steps: number;
  /** The part of the steps that the rate rises in, from 0 to 1; 0.3 by default. */
  readonly warmUp?: number;
  /** The first rate is maximum / divisor; 25 by default. */
  readonly divisor?: number;
  /** The last rate is the first / finalDivisor; 10,000 by default. */
  readonly finalDivisor?: number;
  /** "cosine" by default. */
  readonly anneal?: "cosine" | "linear";
  /** Whether the way down first mirrors the way up, and then goes on to the last rate; false. */
  readonly threePhases?: boolean;
}

/** Where each phase of a cycle ends, and the rate there; PyTorch's phases may end between steps. */
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
 * Up to a high rate and down to almost nothing (Smith and Topin 2018): PyTorch's OneCycleLR with
 * its defaults, for the learning rate alone (PyTorch also moves the momentum). After the last step the
 * rate stays as it is, where PyTorch throws.
 * @throws RangeError if an option is out of range
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { maximum, steps, warmUp = 0.3, divisor = 25, finalDivisor = 1e4 } = options;
  const { anneal = "cosine" } = options;
  checkNumber("oneCycle", "maximum", maximum);
  checkSteps("oneCycle", "steps", steps);
  checkNumber("oneCycle", "warmUp", warmUp, 0, options.threePhases ? 0.5 : 1);
  checkNumber("oneCycle", "divisor", divisor, Number.MIN_VALUE);
  checkNumber("oneCycle", "finalDivisor", finalDivisor, Number.MIN_VALUE);
  if (anneal !== "cosine" && anneal !== "linear") {
    throw new RangeError(
      `oneCycle: expected anneal to be "cosine" or "linear", got ${given(anneal)}`,
    );
  }
  const along = anneal === "cosine" ? alongCosine : alongLine;
  const phases = phasesOf(options);
  return named("oneCycle", (step) => {
    const found = phases.findIndex(({ end }, i) => i > 0 && step <= end);
    const last = phases[found < 0 ? phases.length - 1 : found]!;
    const before = phases[(found < 0 ? phases.length : found) - (found < 0 ? 2 : 1)]!;
    const length = last.end - before.end;
    const part = length > 0 ? Math.min(1, (step - before.end) / length) : 1;
    return along(before.rate, last.rate, part);
  });
}

/** What linearWarmUp takes; rates are numbers from 0 on. */
export interface LinearWarmUpOptions {
  /** Of the steps after the warm-up, if `then` does not give it. */
  readonly learningRate: number;
  /** Steps until the rate is there. */
  readonly steps: number;
  /** Part of the rate that the first step has; 1/3 by default, as in PyTorch. */
  readonly from?: number;
  /** What comes after, counted from its own step 0: the first step after the warm-up. */
  readonly then?: Schedule;
}

/**
 * Up to the learning rate along a line, PyTorch's LinearLR, which is the rate itself from then on,
 * or another schedule (PyTorch's SequentialLR).
 * @throws RangeError if a number is out of range, TypeError if `then` is no schedule
 */
export function linearWarmUp(options: LinearWarmUpOptions): Schedule {
  const { learningRate, steps, from = 1 / 3, then } = options;
  checkNumber("linearWarmUp", "learningRate", learningRate);
  checkSteps("linearWarmUp", "steps", steps);
  checkNumber("linearWarmUp", "from", from);
  if (then !== undefined && typeof then !== "function") {
    throw new TypeError(`linearWarmUp: expected then to be a schedule, got ${given(then)}`);
  }
  return named("linearWarmUp", (step) => {
    if (step < steps) return learningRate * alongLine(from, 1, step / steps);
    return then ? scheduledRate(then, step - steps) : learningRate;
  });
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
  checkSteps("polynomialDecay", "steps", steps);
  checkNumber("polynomialDecay", "power", power, Number.MIN_VALUE);
  checkNumber("polynomialDecay", "minimum", minimum);
  return named("polynomialDecay", (step) => {
    const left = Math.max(0, steps - step) / steps;
    return minimum + (learningRate - minimum) * pow(left, power);
  });
}
