import { checkOptions, flag, numberBelow, oneOf } from "../base/arguments.ts";
import { instruction } from "../wasm/instruction.ts";
import type { Schedule } from "../schedules/index.ts";
import { type DecayOptions, type Method, type Optimizer, type UpdateRule } from "./optimizer.ts";
import { decayRules, hyperparameters, optimizer } from "./optimizer.ts";

/** Form of momentum: the rule by which the velocity v follows the gradient g; see SgdOptions. */
export type MomentumForm = "classical" | "average" | "correctedAverage";

/** Options of sgd. */
export interface SgdOptions extends DecayOptions {
  /** Number ≥ 0 or a schedule; 0.01 by default, as in Keras. */
  readonly learningRate?: number | Schedule;
  /** Decay of the velocity, in [0, 1); 0 by default, for no velocity. */
  readonly momentum?: number;
  /**
   * Form of momentum; "classical" by default.
   * - "classical", as in PyTorch: v = momentum · v + g and p -= lr · v. Keras's v contains lr,
   *   which makes a difference only when the learning rate changes.
   * - "average": v = momentum · v + (1 - momentum) · g and p -= lr · v; steps are smaller by the
   *   factor 1 - momentum.
   * - "correctedAverage": the same v without its bias towards 0, p -= lr · v / (1 - momentum^t) at
   *   step t, counted from 1. The first step is that of plain descent.
   */
  readonly momentumForm?: MomentumForm;
  /**
   * True to look ahead: p -= lr · (g + momentum · v). Classical momentum only; false by default.
   */
  readonly nesterov?: boolean;
  /**
   * Dampening of the gradient, in [0, 1), as in PyTorch: v = momentum · v + (1 - dampening) · g
   * from the second step on, while the first is v = g. Classical momentum only; 0 by default.
   */
  readonly dampening?: number;
}

const forms: readonly MomentumForm[] = ["classical", "average", "correctedAverage"];

/** @throws RangeError that names options which exclude each other */
function checkTogether(options: SgdOptions): void {
  const { momentum = 0, momentumForm = "classical", nesterov, dampening = 0 } = options;
  if (nesterov && (momentum === 0 || dampening !== 0 || momentumForm !== "classical")) {
    const came = `momentum ${momentum}, dampening ${dampening}, "${momentumForm}"`;
    throw new RangeError(
      `sgd: expected nesterov to come with classical momentum and no dampening, got ${came}`,
    );
  }
  if (dampening !== 0 && momentumForm !== "classical") {
    throw new RangeError(
      `sgd: expected dampening to come with classical momentum, got "${momentumForm}"`,
    );
  }
}

/** Makes the method with a velocity. */
function withMomentum(
  momentum: number,
  form: MomentumForm,
  nesterov: boolean,
  dampening: number,
  weightDecay: number,
): UpdateRule {
  const classical = form === "classical";
  const gain = classical ? 1 - dampening : 1 - momentum;
  const first = classical ? 1 : gain;
  const shrink = form === "correctedAverage" ? momentum : 0;
  const counts = first !== gain || shrink > 0;
  return {
    moments: 1,
    hyperparameters: hyperparameters("momentum", {
      weightDecay,
      mu: momentum,
      gain: first,
      correction: 1,
      nextGain: first,
      lastGain: gain,
      bias: 1,
      shrink,
    }),
    ...(counts && {
      advance: (hyperparameters) => instruction("advanceMomentum", { hyperparameters }),
    }),
    update({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [v] = moments as [number];
      return instruction("momentum", { p, g, v, n, nesterov, hyperparameters });
    },
  };
}

/**
 * Stochastic gradient descent, p -= lr · g, with or without momentum. The formulas are PyTorch's.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown, or options exclude each other
 * @example
 * const optimizer = sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true });
 * engine.compile(net, { inputShape: [64], loss: crossEntropy(), optimizer });
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const chosen = checkOptions("sgd", options, {
    ...decayRules(),
    momentum: numberBelow(1),
    momentumForm: oneOf(...forms),
    nesterov: flag(),
    dampening: numberBelow(1),
  });
  checkTogether(chosen);
  const { learningRate = 0.01, momentum = 0, momentumForm = "classical" } = chosen;
  const { nesterov = false, dampening = 0, weightDecay = 0 } = chosen;
  const plain: UpdateRule = {
    moments: 0,
    hyperparameters: hyperparameters("plain", { weightDecay }),
    update: ({ parameters: p, gradients: g, hyperparameters, count: n }) =>
      instruction("sgd", { p, g, n, hyperparameters }),
  };
  const method =
    momentum > 0 ? withMomentum(momentum, momentumForm, nesterov, dampening, weightDecay) : plain;
  const remade: Method["remade"] = (changed) => sgd({ ...chosen, ...changed });
  return optimizer("sgd", learningRate, chosen, { ...method, remade });
}
