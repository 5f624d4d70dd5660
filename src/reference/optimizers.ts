import type * as all from "../optimizers/index.ts";
import { adadelta, adagrad, adam as adamFactory, adamW, adamax } from "../optimizers/index.ts";
import { amsgrad, lion, nadam, radam, rmsprop, sgd } from "../optimizers/index.ts";

/** A parameter and its state in float64, which a formula keeps from step to step. */
export interface State {
  p: number;
  m: number;
  v: number;
  /** Third number of state: the maximum of amsgrad, the velocity of rmsprop. */
  w: number;
  /** Product of nadam's mu over all steps. */
  product: number;
}

export function stateOf(p: number): State {
  return { p, m: 0, v: 0, w: 0, product: 1 };
}

/** Options of all optimizers, under the names that they have in the package. */
export interface Settings {
  readonly learningRate: number;
  readonly weightDecay?: number;
  readonly momentum?: number;
  readonly momentumForm?: "classical" | "average" | "correctedAverage";
  readonly nesterov?: boolean;
  readonly dampening?: number;
  readonly learningRateDecay?: number;
  readonly initialAccumulator?: number;
  readonly rho?: number;
  readonly alpha?: number;
  readonly centered?: boolean;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly amsgrad?: boolean;
  readonly epsilonInside?: boolean;
  readonly momentumDecay?: number;
  readonly exactProduct?: boolean;
}

/** Takes step t, counted from 1. */
type Step = (state: State, gradient: number, settings: Settings, t: number) => void;

export type OptimizerName = keyof typeof all;

/**
 * Factories of optimizers by name; listed, because bundles have no namespace object of a module.
 */
export const factories: { readonly [K in OptimizerName]: (typeof all)[K] } = {
  adadelta,
  adagrad,
  adam: adamFactory,
  adamW,
  adamax,
  amsgrad,
  lion,
  nadam,
  radam,
  rmsprop,
  sgd,
};

function withDecay({ p }: State, g: number, { weightDecay = 0 }: Settings): number {
  return g + weightDecay * p;
}

/** Updates Adam's two moments and returns them without their bias towards 0. */
function follow(state: State, g: number, settings: Settings, t: number): [m: number, v: number] {
  const { beta1 = 0.9, beta2 = 0.999 } = settings;
  state.m = beta1 * state.m + (1 - beta1) * g;
  state.v = beta2 * state.v + (1 - beta2) * g * g;
  return [state.m / (1 - beta1 ** t), state.v / (1 - beta2 ** t)];
}

const adam: Step = (state, gradient, settings, t) => {
  const { learningRate, beta2 = 0.999, epsilon = 1e-8, amsgrad, epsilonInside } = settings;
  const g = withDecay(state, gradient, settings);
  const [mean, variance] = follow(state, g, settings, t);
  state.w = Math.max(state.w, state.v);
  const square = amsgrad ? state.w / (1 - beta2 ** t) : variance;
  const divisor = epsilonInside ? Math.sqrt(square + epsilon) : Math.sqrt(square) + epsilon;
  state.p -= (learningRate * mean) / divisor;
};

/** PyTorch 1.13's optimizers, the notes' forms of momentum and Adam, and Lion. */
export const optimizers: Record<OptimizerName, Step> = {
  sgd(state, gradient, settings, t) {
    const { learningRate, momentum = 0, momentumForm = "classical", dampening = 0 } = settings;
    const g = withDecay(state, gradient, settings);
    if (momentum === 0) {
      state.p -= learningRate * g;
      return;
    }
    if (momentumForm === "classical") {
      state.m = t === 1 ? g : momentum * state.m + (1 - dampening) * g;
      state.p -= learningRate * (settings.nesterov ? g + momentum * state.m : state.m);
      return;
    }
    state.m = momentum * state.m + (1 - momentum) * g;
    const bias = momentumForm === "correctedAverage" ? 1 - momentum ** t : 1;
    state.p -= (learningRate * state.m) / bias;
  },
  adagrad(state, gradient, settings, t) {
    const { learningRate, learningRateDecay = 0, initialAccumulator = 0 } = settings;
    const { epsilon = 1e-10 } = settings;
    const g = withDecay(state, gradient, settings);
    state.m += g * g;
    const rate = learningRate / (1 + (t - 1) * learningRateDecay);
    state.p -= (rate * g) / (Math.sqrt(state.m + initialAccumulator) + epsilon);
  },
  adadelta(state, gradient, settings) {
    const { learningRate, rho = 0.9, epsilon = 1e-6 } = settings;
    const g = withDecay(state, gradient, settings);
    state.m = rho * state.m + (1 - rho) * g * g;
    const step = (Math.sqrt(state.v + epsilon) / Math.sqrt(state.m + epsilon)) * g;
    state.v = rho * state.v + (1 - rho) * step * step;
    state.p -= learningRate * step;
  },
  rmsprop(state, gradient, settings) {
    const { learningRate, alpha = 0.99, epsilon = 1e-8, centered, momentum = 0 } = settings;
    const g = withDecay(state, gradient, settings);
    state.m = alpha * state.m + (1 - alpha) * g * g;
    state.v = alpha * state.v + (1 - alpha) * g;
    const square = centered ? state.m - state.v * state.v : state.m;
    state.w = momentum * state.w + g / (Math.sqrt(square) + epsilon);
    state.p -= learningRate * state.w;
  },
  adam,
  amsgrad(state, g, settings, t) {
    adam(state, g, { ...settings, amsgrad: true }, t);
  },
  adamW(state, g, settings, t) {
    const { learningRate, weightDecay = 0.01 } = settings;
    state.p -= learningRate * weightDecay * state.p;
    adam(state, g, { ...settings, weightDecay: 0 }, t);
  },
  adamax(state, gradient, settings, t) {
    const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = settings;
    const g = withDecay(state, gradient, settings);
    state.m = beta1 * state.m + (1 - beta1) * g;
    state.v = Math.max(beta2 * state.v, Math.abs(g) + epsilon);
    state.p -= (learningRate * state.m) / (1 - beta1 ** t) / state.v;
  },
  nadam(state, gradient, settings, t) {
    const { learningRate, beta1 = 0.9, epsilon = 1e-8, momentumDecay = 0.004 } = settings;
    const g = withDecay(state, gradient, settings);
    const [, variance] = follow(state, g, settings, t);
    const mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentumDecay));
    state.product *= mu;
    const product = state.product * (settings.exactProduct ? 1 : mu) * next;
    const ahead = ((1 - mu) * g) / (1 - state.product) + (next * state.m) / (1 - product);
    state.p -= (learningRate * ahead) / (Math.sqrt(variance) + epsilon);
  },
  radam(state, gradient, settings, t) {
    const { learningRate, beta2 = 0.999, epsilon = 1e-8 } = settings;
    const g = withDecay(state, gradient, settings);
    const [mean] = follow(state, g, settings, t);
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - (2 * t * beta2 ** t) / (1 - beta2 ** t);
    let step = learningRate * mean;
    if (length > 5) {
      const over = (length - 4) * (length - 2) * longest;
      const rectification = Math.sqrt(over / ((longest - 4) * (longest - 2) * length));
      step *= (rectification * Math.sqrt(1 - beta2 ** t)) / (Math.sqrt(state.v) + epsilon);
    }
    state.p -= step;
  },
  lion(state, g, settings) {
    const { learningRate, beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = settings;
    const step = Math.sign(beta1 * state.m + (1 - beta1) * g);
    state.p -= learningRate * (step + weightDecay * state.p);
    state.m = beta2 * state.m + (1 - beta2) * g;
  },
};

/** Settings that tests try: every option, and every path through the optimizers' kernels. */
export const setups: Record<OptimizerName, readonly Partial<Settings>[]> = {
  sgd: [
    {},
    { weightDecay: 0.1 },
    { momentum: 0.9 },
    { momentum: 0.9, nesterov: true, weightDecay: 0.1 },
    { momentum: 0.9, dampening: 0.5, weightDecay: 0.1 },
    { momentum: 0.9, momentumForm: "average", weightDecay: 0.1 },
    { momentum: 0.9, momentumForm: "correctedAverage" },
  ],
  adagrad: [
    {},
    { initialAccumulator: 0.5, weightDecay: 0.1 },
    { learningRateDecay: 0.5 },
    { learningRateDecay: 0.3, initialAccumulator: 0.5, weightDecay: 0.1, epsilon: 0.1 },
  ],
  // A rate of 0.01 would hardly move a parameter.
  adadelta: [
    { learningRate: 1 },
    { learningRate: 1, weightDecay: 0.1 },
    { learningRate: 0.5, rho: 0.7, epsilon: 1e-3, weightDecay: 0.1 },
  ],
  rmsprop: [
    {},
    { momentum: 0.9, alpha: 0.8, weightDecay: 0.1 },
    { centered: true },
    { centered: true, weightDecay: 0.1, epsilon: 1e-3 },
    { centered: true, momentum: 0.9 },
    { centered: true, momentum: 0.5, alpha: 0.9 },
  ],
  adam: [
    {},
    { weightDecay: 0.1 },
    { epsilonInside: true, epsilon: 1e-4 },
    { amsgrad: true, beta1: 0.7, beta2: 0.8, weightDecay: 0.1, epsilonInside: true, epsilon: 0.1 },
  ],
  amsgrad: [
    { beta2: 0.5 },
    { beta1: 0.7, beta2: 0.6, weightDecay: 0.1, epsilonInside: true, epsilon: 0.1 },
  ],
  adamW: [
    {},
    { weightDecay: 0.5 },
    { weightDecay: 0.3, amsgrad: true, beta2: 0.6 },
    { beta1: 0.7, beta2: 0.8, weightDecay: 0, epsilonInside: true, epsilon: 0.1 },
  ],
  adamax: [{}, { weightDecay: 0.1 }, { beta1: 0.5, beta2: 0.7, epsilon: 0.1, weightDecay: 0.1 }],
  nadam: [
    {},
    { weightDecay: 0.1 },
    { momentumDecay: 0.5, exactProduct: true, beta1: 0.7, weightDecay: 0.1 },
    { beta2: 0.8, epsilon: 0.1 },
  ],
  radam: [
    {},
    { weightDecay: 0.1 },
    { beta2: 0.9, weightDecay: 0.1, epsilon: 1e-3 },
    { beta1: 0.7, beta2: 0.5 },
  ],
  lion: [{}, { weightDecay: 0.1 }, { beta1: 0.7, beta2: 0.8, weightDecay: 0.1 }],
};
