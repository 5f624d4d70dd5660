export { cosineDecay, cosineWarmRestarts } from "./cosine.ts";
export type { CosineDecayOptions, CosineWarmRestartsOptions } from "./cosine.ts";
export { exponentialDecay, multiStepDecay, polynomialDecay, stepDecay } from "./decay.ts";
export type {
  ExponentialDecayOptions,
  MultiStepDecayOptions,
  PolynomialDecayOptions,
  StepDecayOptions,
} from "./decay.ts";
export { type Schedule, scheduledRate } from "./schedule.ts";
export { linearWarmUp, oneCycle } from "./warm-up.ts";
export type { LinearWarmUpOptions, OneCycleOptions } from "./warm-up.ts";
