/** A parameter and its moments, in float64. */
export interface State {
  p: number;
  m: number;
  v: number;
}

export interface Rates {
  readonly lr: number;
  readonly momentum: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

type Step = (state: State, gradient: number, rates: Rates, t: number) => void;

export type OptimizerName = "sgd" | "momentum" | "adam";

/** Step t, counted from 1, of each optimizer; momentum's velocity is m. */
export const optimizers: Record<OptimizerName, Step> = {
  sgd(state, g, { lr }) {
    state.p -= lr * g;
  },
  momentum(state, g, { lr, momentum }) {
    state.m = momentum * state.m + g;
    state.p -= lr * state.m;
  },
  adam(state, g, { lr, beta1, beta2, epsilon }, t) {
    state.m = beta1 * state.m + (1 - beta1) * g;
    state.v = beta2 * state.v + (1 - beta2) * g * g;
    const mean = state.m / (1 - beta1 ** t);
    const variance = state.v / (1 - beta2 ** t);
    state.p -= (lr * mean) / (Math.sqrt(variance) + epsilon);
  },
};
