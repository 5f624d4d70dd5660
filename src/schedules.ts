export { cosineDecay, cosineWarmRestarts } from "./schedules/cosine.ts";
export type { CosineDecayOptions, CosineWarmRestartsOptions } from "./schedules/cosine.ts";
export { exponentialDecay, multiStepDecay, polynomialDecay, stepDecay } from "./schedules/decay.ts";
export type {
  ExponentialDecayOptions,
  MultiStepDecayOptions,
  PolynomialDecayOptions,
  StepDecayOptions,
} from "./schedules/decay.ts";
export { type Schedule, scheduledRate } from "./schedules/schedule.ts";
export { linearWarmUp, oneCycle } from "./schedules/warm-up.ts";
export type { LinearWarmUpOptions, OneCycleOptions } from "./schedules/warm-up.ts";
