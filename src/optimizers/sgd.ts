import { checkOptions, flag, numberBelow, oneOf } from "../base/arguments.ts";
import { instruction } from "../wasm/instruction.ts";
import type { Schedule } from "../schedules/index.ts";
import { type DecayOptions, type Method, type Optimizer } from "./optimizer.ts";
import { decayRules, hyperparameters, optimizer } from "./optimizer.ts";

/** How the velocity v follows the gradient g; see SgdOptions. */
export type MomentumForm = "classical" | "average" | "correctedAverage";

/** What sgd takes. */
export interface SgdOptions extends DecayOptions {
  /** 0.01 by default, as in Keras. */
  readonly learningRate?: number | Schedule;
  /** Decay of the velocity, in [0, 1); 0, the default, keeps none. */
  readonly momentum?: number;
  /**
   * "classical" (default), as in PyTorch: v = momentum · v + g, p -= lr · v. Keras's differs only
   * where the learning rate changes: it has lr in the velocity.
   * "average": v = momentum · v + (1 - momentum) · g, p -= lr · v, smaller by 1 - momentum.
   * "correctedAverage": the same v without its bias towards 0, p -= lr · v / (1 - momentum^t) at
   * step t, counted from 1: the first step is that of plain descent.
   */
  readonly momentumForm?: MomentumForm;
  /** Looks ahead, p -= lr · (g + momentum · v); classical momentum only; false by default. */
  readonly nesterov?: boolean;
  /**
   * Classical momentum only, as in PyTorch: v = momentum · v + (1 - dampening) · g from the second
   * step on, while the first is v = g; 0 by default, in [0, 1).
   */
  readonly dampening?: number;
}

const forms: readonly MomentumForm[] = ["classical", "average", "correctedAverage"];

/** @throws RangeError naming the option that is wrong with another */
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

/** With a velocity. */
function withMomentum(
  momentum: number,
  form: MomentumForm,
  nesterov: boolean,
  dampening: number,
  weightDecay: number,
): Method {
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
    instructions({ parameters: p, gradients: g, moments, hyperparameters, count: n }) {
      const [v] = moments as [number];
      const step = instruction("momentum", { p, g, v, n, nesterov, hyperparameters });
      return counts ? [instruction("advanceMomentum", { hyperparameters }), step] : [step];
    },
  };
}

/**
 * Stochastic gradient descent, p -= lr · g, with or without momentum. PyTorch's formulas, whose
 * learning rate has no default.
 * @throws RangeError if an option is out of range or unknown, or options do not go together; TypeError
 * if one is of another type
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
  const plain: Method = {
    moments: 0,
    hyperparameters: hyperparameters("plain", { weightDecay }),
    instructions: ({ parameters: p, gradients: g, hyperparameters, count: n }) => [
      instruction("sgd", { p, g, n, hyperparameters }),
    ],
  };
  const method =
    momentum > 0 ? withMomentum(momentum, momentumForm, nesterov, dampening, weightDecay) : plain;
  return optimizer("sgd", learningRate, chosen, method);
}
