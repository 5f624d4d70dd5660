import { GRU, LSTM, SIMPLE } from "../../../build/constants.ts";
import { type Rules, checkOptions, flag } from "../../base/arguments.ts";
import type { Node, Recorder } from "../node.ts";
import { type ActivationChoice, canFuse } from "./activations.ts";
import { record } from "./recurrence.ts";
import { activationRule, anyNode, optionalNode } from "./rules.ts";

/** Options of every recurrent op. */
export interface RecurrentOptions {
  /** h before the first step, [batch, units]; zeros by default. */
  readonly h0?: Node;
  /**
   * Length of each sequence, a node [batch] of ints, or of whole numbers in float32, from 0 to the number
   * of steps; all steps by default. Steps past a sequence's length give outputs 0 and leave its state. A
   * number outside of the range counts as the nearest end, and a fraction is cut off.
   */
  readonly lengths?: Node;
  /**
   * True to read each sequence from its last step to its first; false by default. Outputs stay where
   * their steps are, as in PyTorch (Keras reverses them, too).
   */
  readonly reverse?: boolean;
}

/** Options of lstm. */
export interface LstmOptions extends RecurrentOptions {
  /** c before the first step, [batch, units]; zeros by default. */
  readonly c0?: Node;
}

/** Results of a recurrent op. */
export interface RecurrentOutputs {
  /** h of every step, [batch, steps, units]. */
  readonly outputs: Node;
  /** h after the last step of each sequence, [batch, units]. */
  readonly h: Node;
}

/** Results of lstm. */
export interface LstmOutputs extends RecurrentOutputs {
  /** c after the last step of each sequence, [batch, units]. */
  readonly c: Node;
}

/** The default activation of simpleRnn. */
const TANH: ActivationChoice = { name: "tanh", parameter: 0 };

const rules = (): Rules<RecurrentOptions> => ({
  h0: optionalNode,
  lengths: anyNode,
  reverse: flag(),
});

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; with forget gates, Gers and others 2000) over
 * sequences x [batch, steps, features], with a weight [features, 4 · units], a recurrentWeight [units,
 * 4 · units] and a bias [4 · units], whose columns belong to the gates i, f, g, o, as in Keras. With σ for
 * sigmoid: i, f, o = σ(x·weight + h·recurrentWeight + bias), g = tanh of the same, c = f · c + i · g,
 * h = o · tanh(c). PyTorch has the transposes of these weights, gates in the same order, and two biases,
 * which it adds.
 * @returns outputs [batch, steps, units], and h and c after the last step, [batch, units] each
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if a shape does not fit, or an option is unknown
 * @example
 * const x = g.constant(Float32Array.of(1, -1), [1, 2, 1]);
 * const weight = g.constant(Float32Array.of(1, 1, 1, 1), [1, 4]);
 * const recurrentWeight = g.constant(Float32Array.of(1, 1, 1, 1), [1, 4]);
 * g.lstm(x, weight, recurrentWeight).outputs; // [[[0.3696], [-0.0001875]]]
 */
export function lstm(
  g: Recorder,
  x: Node,
  weight: Node,
  recurrentWeight: Node,
  bias?: Node,
  options: LstmOptions = {},
): LstmOutputs {
  const cell = { op: "lstm", kind: LSTM, gates: 4, kept: 4 } as const;
  const chosen = checkOptions<LstmOptions>("lstm", options, { ...rules(), c0: optionalNode });
  const nodes = record(g, cell, x, weight, recurrentWeight, bias, chosen);
  return { outputs: nodes[0]!, h: nodes[2]!, c: nodes[4]! };
}

/**
 * Gated recurrent unit (Cho and others 2014) over sequences x [batch, steps, features], with a weight
 * [features, 3 · units], a recurrentWeight [units, 3 · units] and a bias [2, 3 · units], whose columns
 * belong to the gates z, r, h̃, as in Keras; bias[0] goes with x, bias[1] with h. The reset gate acts on the
 * product (Keras's reset_after, cuDNN): z, r = σ(x·weight + bias[0] + h·recurrentWeight + bias[1]),
 * h̃ = tanh(x·weight + bias[0] + r · (h·recurrentWeight + bias[1])), h = z · h + (1 - z) · h̃. PyTorch has
 * the transposes of these weights, in the order r, z, h̃.
 * @returns outputs [batch, steps, units], and h after the last step, [batch, units]
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if a shape does not fit, or an option is unknown
 * @example
 * const x = g.constant(Float32Array.of(1, -1), [1, 2, 1]);
 * const weight = g.constant(Float32Array.of(1, 1, 1), [1, 3]);
 * const recurrentWeight = g.constant(Float32Array.of(1, 1, 1), [1, 3]);
 * g.gru(x, weight, recurrentWeight).outputs; // [[[0.2048], [-0.4416]]]
 */
export function gru(
  g: Recorder,
  x: Node,
  weight: Node,
  recurrentWeight: Node,
  bias?: Node,
  options: RecurrentOptions = {},
): RecurrentOutputs {
  const cell = { op: "gru", kind: GRU, gates: 3, kept: 4 } as const;
  const chosen = checkOptions("gru", options, rules());
  const nodes = record(g, cell, x, weight, recurrentWeight, bias, chosen);
  return { outputs: nodes[0]!, h: nodes[2]! };
}

/** Options of simpleRnn. */
export interface SimpleRnnOptions extends RecurrentOptions {
  /** Activation, tanh by default: one whose gradient needs its result alone, such as relu. */
  readonly activation?: ActivationChoice;
}

/**
 * A simple recurrent network (Elman 1990) over sequences x [batch, steps, features], with a weight
 * [features, units], a recurrentWeight [units, units] and a bias [units]: h = f(x·weight +
 * h·recurrentWeight + bias).
 * @returns outputs [batch, steps, units], and h after the last step, [batch, units]
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if a shape does not fit, an option is unknown, or the activation's gradient needs
 * its input
 * @example
 * const x = g.constant(Float32Array.of(1, -1), [1, 2, 1]);
 * const weight = g.constant(Float32Array.of(1), [1, 1]);
 * g.simpleRnn(x, weight, g.constant(Float32Array.of(0.5), [1, 1])).outputs; // [[[0.7616], [-0.5506]]]
 */
export function simpleRnn(
  g: Recorder,
  x: Node,
  weight: Node,
  recurrentWeight: Node,
  bias?: Node,
  options: SimpleRnnOptions = {},
): RecurrentOutputs {
  const op = "simpleRnn";
  const { activation = TANH, ...chosen } = checkOptions<SimpleRnnOptions>(op, options, {
    ...rules(),
    activation: activationRule,
  });
  if (!canFuse(activation)) {
    const expected = "an activation whose gradient needs its result alone, such as tanh or relu";
    throw g.fail(op, `expected ${expected}, got ${activation.name}`);
  }
  const cell = { op, kind: SIMPLE, gates: 1, kept: 1, activation } as const;
  const nodes = record(g, cell, x, weight, recurrentWeight, bias, chosen);
  return { outputs: nodes[0]!, h: nodes[2]! };
}

/** Ops of this file, under the names of their methods. */
export const recurrentOps = { lstm, gru, simpleRnn };
