import { adam, mse, network, sgd, zeros } from "../../../src/index.ts";
import type { AdamOptions, ArrayValue, Layer, Model, Optimizer } from "../../../src/index.ts";
import type { Check } from "../check.ts";
import { type CaseTests, engine } from "../registry.ts";

/**
 * Weights whose gradient is the batch, whatever they are: J = Σ w ∘ x, so that dJ/dw = x. It is added
 * to the loss; the prediction is x itself and agrees with its target, x.
 */
const linear: Layer = {
  kind: "linear",
  label: "linear",
  record(g, x) {
    const w = g.parameter("w", x.shape, zeros());
    g.addLoss(g.sum(g.mul(w, x)));
    return x;
  },
};

/** The case's weights, one row, under an optimizer. */
function weightsUnder(check: Check, optimizer: Optimizer): Model {
  const { data } = check.parameter("w");
  const model = engine.compile(
    network((g, { x }) => g.use(linear, x)),
    { inputShape: [data.length], loss: mse(), optimizer, batchSize: 1 },
  );
  model.parameters[0]!.data.set(data);
  return model;
}

/**
 * The case's gradients, one step each, and the weights after each step.
 * @param from what the weights are set to before each step; without it they go on
 */
function descend(check: Check, optimizer: Optimizer, from?: number): ArrayValue {
  const model = weightsUnder(check, optimizer);
  const [weight] = model.parameters;
  const { data, shape } = check.input("gradients");
  const width = shape[1]!;
  const after = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += width) {
    const gradient = data.subarray(start, start + width);
    if (from !== undefined) weight!.data.fill(from);
    model.trainStep(gradient, gradient);
    after.set(weight!.data, start);
  }
  model.dispose();
  return { data: after, shape };
}

/** Multiplies row t (from 1 on) by factor(t). */
function scaleRows({ data, shape }: ArrayValue, factor: (t: number) => number): ArrayValue {
  const scaled = data.map((x, i) => x * factor(Math.floor(i / shape[1]!) + 1));
  return { data: scaled, shape };
}

/** Step sizes that make weights which start from 0 the averages themselves. */
const HUGE = 2 ** 40;

/** Adam as in the note, or with epsilon outside of the root. */
function adamOf(check: Check, epsilonInside: boolean, options: AdamOptions = {}): Optimizer {
  return adam({
    learningRate: check.hyper("alpha"),
    beta1: check.hyper("beta1"),
    beta2: check.hyper("beta2"),
    epsilon: check.hyper("eps"),
    epsilonInside,
    ...options,
  });
}

/**
 * Both of Adam's averages, from the steps that it takes: with an epsilon beside which √ŝ vanishes, and
 * a rate as large, a step is m̂; with the case's own epsilon and rate 1 it is u = m̂ / √(ŝ + ε), so
 * that ŝ = (m̂ / u)² - ε.
 */
function agreeAverages(check: Check): void {
  const dominated = { learningRate: HUGE, epsilon: HUGE ** 2 };
  const corrected = descend(check, adamOf(check, true, dominated), 0);
  const unit = descend(check, adamOf(check, true, { learningRate: 1 }), 0);
  const bias1 = (t: number): number => 1 - check.hyper("beta1") ** t;
  const bias2 = (t: number): number => 1 - check.hyper("beta2") ** t;
  check.agree("m_after_each_step", scaleRows(corrected, bias1));
  const squares = corrected.data.map((m, i) => (m / unit.data[i]!) ** 2 - check.hyper("eps"));
  check.agree("s_after_each_step", scaleRows({ ...unit, data: squares }, bias2));
}

/** Gradient descent, momentum and Adam on gradients that are given (seed 002). */
export const optimizers: CaseTests = {
  s2_gd_fixed_gradients(check) {
    const after = descend(check, sgd({ learningRate: check.hyper("alpha") }));
    check.agree("w_after_each_step", after);
  },

  s2_gd_alpha_schedule(check) {
    const rates = check.hypers("alpha_t");
    const after = descend(check, sgd({ learningRate: (step) => rates[step]! }));
    check.agree("w_after_each_step", after);
  },

  s2_momentum_no_bias_correction(check) {
    const average = { momentum: check.hyper("beta"), momentumForm: "average" } as const;
    // From w = 0 with a rate of 1, the weights after a step are m itself.
    check.agree("m_after_each_step", descend(check, sgd({ ...average, learningRate: 1 }), 0));
    const after = descend(check, sgd({ ...average, learningRate: check.hyper("alpha") }));
    check.agree("w_after_each_step", after);
  },

  s2_momentum_bias_correction(check) {
    const beta = check.hyper("beta");
    const corrected = { momentum: beta, momentumForm: "correctedAverage" } as const;
    const hat = descend(check, sgd({ ...corrected, learningRate: 1 }), 0);
    check.agree("mhat_after_each_step", hat);
    check.agree(
      "m_after_each_step",
      scaleRows(hat, (t) => 1 - beta ** t),
    );
    const after = descend(check, sgd({ ...corrected, learningRate: check.hyper("alpha") }));
    check.agree("w_after_each_step", after);
    check.differ("w_after_each_step without correction", after);
  },

  s2_adam_eps_inside_sqrt(check) {
    agreeAverages(check);
    check.agree("w_after_each_step", descend(check, adamOf(check, true)));
    const outside = "eps_outside_sqrt (Kingma-Ba Algorithm 1 / PyTorch form)";
    check.agree(`w_after_each_step_${outside}`, descend(check, adamOf(check, false)));
  },

  s2_adam_tiny_gradients_distinguish_eps(check) {
    check.agree("inside", descend(check, adamOf(check, true)));
    check.agree("outside", descend(check, adamOf(check, false)));
  },
};
