import { type ActivationChoice, type ActivationName } from "../graph/ops/activations.ts";
import { activationNames, activationTable } from "../graph/ops/activations.ts";
import { activate, chooseActivation } from "../graph/ops/activations.ts";
import { checkArguments, checkOptions, describeValue, oneOf } from "../base/arguments.ts";
import { type Layer, isLayer } from "./layer.ts";
import { call, immutable } from "../base/printable.ts";

/**
 * Activation: a layer of its own in sequential(), or an option of dense(), which applies it to its
 * outputs.
 */
export interface Activation extends Layer {
  /** Function that acts element by element; undefined for functions of whole rows. @internal */
  readonly elementwise?: ActivationChoice;
}

/**
 * Makes an activation that acts element by element.
 * @param parameter shown by the label if it is given
 * @param text call that makes it
 */
function elementwise(
  name: ActivationName,
  parameter?: number,
  text: string = call(name),
): Activation {
  const choice = chooseActivation(name, parameter);
  return immutable<Activation>(
    {
      kind: name,
      label: parameter === undefined ? name : `${name}(${parameter})`,
      elementwise: choice,
      record: (g, x) => activate(g, x, choice),
    },
    text,
  );
}

/** Makes an activation whose parameter is an option. */
function parametric(
  name: "relu" | "leakyRelu" | "elu" | "softplus",
  options: Readonly<Record<string, number | undefined>>,
): Activation {
  const [option, range] = activationTable[name].takes;
  const chosen = checkOptions(name, options, { [option]: range });
  return elementwise(name, chosen[option], call(name, chosen));
}

/** Makes an activation without options; build/activation-layers.ts has one for each such row. */
export function plain(name: ActivationName, none: readonly unknown[]): Activation {
  checkArguments(name, none);
  return elementwise(name);
}

/** Makes an activation of whole rows. */
function rowwise(name: "softmax" | "logSoftmax", none: readonly unknown[]): Activation {
  checkArguments(name, none);
  return immutable<Activation>(
    {
      kind: name,
      label: name,
      record: (g, x) => g[name](x),
    },
    call(name),
  );
}

/**
 * Rectifier: max(0, x).
 * @param options.slopeAtZero slope at exactly 0, which is 0 or 1; 0 by default, as in PyTorch and
 * Keras
 * @throws TypeError if the option has the wrong type
 * @throws RangeError if it is out of range, or for an unknown option
 * @example
 * const layer = dense(64, { activation: relu({ slopeAtZero: 1 }) });
 */
export function relu(options: { readonly slopeAtZero?: 0 | 1 } = {}): Activation {
  return parametric("relu", options);
}

/**
 * Leaky rectifier: x, and negativeSlope · x below 0.
 * @param options.negativeSlope any finite number; 0.01 by default, as in PyTorch (Keras: 0.3)
 * @throws TypeError if the option has the wrong type
 * @throws RangeError if it is out of range, or for an unknown option
 * @example
 * const layer = dense(64, { activation: leakyRelu({ negativeSlope: 0.2 }) });
 */
export function leakyRelu(options: { readonly negativeSlope?: number } = {}): Activation {
  return parametric("leakyRelu", options);
}

/**
 * Exponential linear unit: x, and alpha · (e^x - 1) below 0, where the gradient is alpha · e^x.
 * @param options.alpha finite number ≥ 0; 1 by default, as in PyTorch and Keras
 * @throws TypeError if the option has the wrong type
 * @throws RangeError if it is out of range, or for an unknown option
 * @example
 * const layer = dense(64, { activation: elu({ alpha: 0.5 }) });
 */
export function elu(options: { readonly alpha?: number } = {}): Activation {
  return parametric("elu", options);
}

/**
 * Gaussian error linear unit: x · Φ(x), where Φ is the standard normal distribution.
 * Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
 * @param options.approximate "none" by default, as in PyTorch and Keras; "tanh" for
 * x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), which is called geluTanh by its name
 * @throws TypeError if the option has the wrong type
 * @throws RangeError if it is out of range, or for an unknown option
 * @example
 * const layer = dense(64, { activation: gelu({ approximate: "tanh" }) });
 */
export function gelu(options: { readonly approximate?: "none" | "tanh" } = {}): Activation {
  const rules = { approximate: oneOf("none", "tanh") };
  const chosen = checkOptions("gelu", options, rules);
  const name = chosen.approximate === "tanh" ? "geluTanh" : "gelu";
  return elementwise(name, undefined, call("gelu", chosen));
}

/**
 * Smooth rectifier: log(1 + e^(beta · x)) / beta, exact for all x. PyTorch returns x itself above
 * its `threshold`, which makes no difference in float32 at its default.
 * @param options.beta finite number above 0; 1 by default, as in PyTorch
 * @throws TypeError if the option has the wrong type
 * @throws RangeError if it is out of range, or for an unknown option
 * @example
 * const layer = dense(64, { activation: softplus({ beta: 2 }) });
 */
export function softplus(options: { readonly beta?: number } = {}): Activation {
  return parametric("softplus", options);
}

/**
 * Softmax over the last axis. Leave it out before crossEntropy(), which takes logits.
 * @example
 * const net = sequential([dense(10), softmax()]);
 * engine.compile(net, { inputShape: [64], loss: mse(), optimizer: adam() });
 */
export function softmax(): Activation;
export function softmax(...none: unknown[]): Activation {
  return rowwise("softmax", none);
}

/**
 * Logarithm of softmax over the last axis. Leave it out before crossEntropy(), which takes logits.
 * @example
 * const net = sequential([dense(10), logSoftmax()]);
 * engine.compile(net, { inputShape: [64], loss: nll(), optimizer: adam() });
 */
export function logSoftmax(): Activation;
export function logSoftmax(...none: unknown[]): Activation {
  return rowwise("logSoftmax", none);
}

/** Activations of whole rows, by name. */
const rowActivations = { softmax, logSoftmax };

/** Names that a layer's `activation` may have. "linear" applies nothing, as in Keras. */
export type ActivationOption = ActivationName | keyof typeof rowActivations | "linear";

/**
 * Activation by its name.
 * @param parameter slope below 0 of leakyRelu, slope at 0 of relu, alpha of elu or beta of
 * softplus. The defaults are those of the functions with these names.
 * @throws RangeError for an unknown name, or a parameter that the activation does not take
 * @example
 * const layer = dense(64, { activation: activation("leakyRelu", 0.2) });
 */
export function activation(name: ActivationName, parameter?: number): Activation {
  return elementwise(name, parameter, call("activation", name, parameter));
}

/**
 * Returns the activation that a layer's `activation` option names, or is.
 * @returns undefined for "linear"
 * @throws RangeError or TypeError for anything else
 */
export function parseActivation(
  label: string,
  option: ActivationOption | Activation = "linear",
): Activation | undefined {
  if (option === "linear") return undefined;
  if (isLayer(option)) return option;
  if (typeof option === "string" && Object.hasOwn(rowActivations, option)) {
    return rowActivations[option as keyof typeof rowActivations]();
  }
  if ((activationNames as string[]).includes(option)) {
    return elementwise(option as ActivationName);
  }
  const known = ["linear", ...activationNames, ...Object.keys(rowActivations)].join(", ");
  const text = `${label}: expected an activation of ${known}, got ${describeValue(option)}`;
  throw typeof option === "string" ? new RangeError(text) : new TypeError(text);
}
