import { type ActivationChoice, type ActivationName } from "../graph/ops/activations.ts";
import { activationNames, activationTable } from "../graph/ops/activations.ts";
import { activate, chooseActivation } from "../graph/ops/activations.ts";
import { checkArguments, checkOptions, describeValue, oneOf } from "../base/arguments.ts";
import { type Layer, isLayer } from "./layer.ts";
import { call, made } from "../base/printable.ts";

/** An activation: a layer of its own in sequential(), or what dense() applies to its outputs. */
export interface Activation extends Layer {
  /** What acts element by element; functions of whole rows have none. @internal */
  readonly elementwise?: ActivationChoice;
}

/**
 * An activation that acts element by element.
 * @param parameter the label shows it if it is given
 * @param text how it is made
 */
function elementwise(
  name: ActivationName,
  parameter?: number,
  text: string = call(name),
): Activation {
  const choice = chooseActivation(name, parameter);
  return made<Activation>(
    {
      kind: name,
      label: parameter === undefined ? name : `${name}(${parameter})`,
      elementwise: choice,
      record: (g, x) => activate(g, x, choice),
    },
    text,
  );
}

/** An activation that takes its parameter as an option. */
function parametric(
  name: "relu" | "leakyRelu" | "elu" | "softplus",
  options: Readonly<Record<string, number | undefined>>,
): Activation {
  const [option, range] = activationTable[name].takes;
  const chosen = checkOptions(name, options, { [option]: range });
  return elementwise(name, chosen[option], call(name, chosen));
}

/** An activation without options. */
function plain(name: ActivationName, none: readonly unknown[]): Activation {
  checkArguments(name, none);
  return elementwise(name);
}

/** An activation of whole rows. */
function rowwise(name: "softmax" | "logSoftmax", none: readonly unknown[]): Activation {
  checkArguments(name, none);
  return made<Activation>(
    {
      kind: name,
      label: name,
      record: (g, x) => g[name](x),
    },
    call(name),
  );
}

/**
 * max(0, x).
 * @param options.slopeAtZero the slope at exactly 0: 0 by default, as in PyTorch and Keras, or 1
 * @throws RangeError for another slope or an unknown option, TypeError for one of another type
 * @example
 * const layer = dense(64, { activation: relu({ slopeAtZero: 1 }) });
 */
export function relu(options: { readonly slopeAtZero?: 0 | 1 } = {}): Activation {
  return parametric("relu", options);
}

/**
 * x, and below 0 a small multiple of it.
 * @param options.negativeSlope 0.01 by default, as in PyTorch (Keras: 0.3)
 * @throws RangeError for another slope or an unknown option, TypeError for one of another type
 * @example
 * const layer = dense(64, { activation: leakyRelu({ negativeSlope: 0.2 }) });
 */
export function leakyRelu(options: { readonly negativeSlope?: number } = {}): Activation {
  return parametric("leakyRelu", options);
}

/**
 * x, and below 0 alpha · (e^x - 1); the gradient there is alpha · e^x.
 * @param options.alpha 1 by default, as in PyTorch and Keras; 0 or more
 * @throws RangeError for another alpha or an unknown option, TypeError for one of another type
 * @example
 * const layer = dense(64, { activation: elu({ alpha: 0.5 }) });
 */
export function elu(options: { readonly alpha?: number } = {}): Activation {
  return parametric("elu", options);
}

/**
 * 1.0507 · elu(x) with alpha 1.67326, which keep mean 0 and variance 1 from layer to layer.
 * Source: Klambauer and others, "Self-normalizing neural networks", 2017.
 * @example
 * const layer = dense(64, { activation: selu(), weightInitializer: lecunNormal() });
 */
export function selu(): Activation;
export function selu(...none: unknown[]): Activation {
  return plain("selu", none);
}

/**
 * x · Φ(x), Φ the standard normal distribution.
 * Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
 * @param options.approximate "none" by default, as in PyTorch and Keras; "tanh" for
 * x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), whose name is geluTanh
 * @throws RangeError for another approximation or an unknown option, TypeError for one of another type
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
 * x · sigmoid(x), also called swish.
 * @example
 * const layer = dense(64, { activation: silu() });
 */
export function silu(): Activation;
export function silu(...none: unknown[]): Activation {
  return plain("silu", none);
}

/**
 * x · tanh(softplus(x)). Source: Misra, "Mish: a self regularized activation function", 2019.
 * @example
 * const layer = dense(64, { activation: mish() });
 */
export function mish(): Activation;
export function mish(...none: unknown[]): Activation {
  return plain("mish", none);
}

/**
 * log(1 + e^(beta · x)) / beta, exact for all x; PyTorch's `threshold`, from where on it takes x
 * itself, makes no difference to float32 at its default.
 * @param options.beta 1 by default, as in PyTorch; above 0
 * @throws RangeError for another beta or an unknown option, TypeError for one of another type
 * @example
 * const layer = dense(64, { activation: softplus({ beta: 2 }) });
 */
export function softplus(options: { readonly beta?: number } = {}): Activation {
  return parametric("softplus", options);
}

/**
 * max(0, min(6, x + 3)) / 6, as in PyTorch and Keras 3. Keras 2 and TensorFlow had another one,
 * max(0, min(1, 0.2 x + 0.5)).
 * @example
 * const layer = dense(1, { activation: hardSigmoid() });
 */
export function hardSigmoid(): Activation;
export function hardSigmoid(...none: unknown[]): Activation {
  return plain("hardSigmoid", none);
}

/**
 * x · hardSigmoid(x). Source: Howard and others, "Searching for MobileNetV3", 2019.
 * @example
 * const layer = dense(64, { activation: hardSwish() });
 */
export function hardSwish(): Activation;
export function hardSwish(...none: unknown[]): Activation {
  return plain("hardSwish", none);
}

/**
 * 1 / (1 + e^-x); not before bceWithLogits(), which takes logits.
 * @example
 * const net = sequential([dense(1), sigmoid()]);
 * engine.compile(net, { inputShape: [64], loss: bce(), optimizer: adam() });
 */
export function sigmoid(): Activation;
export function sigmoid(...none: unknown[]): Activation {
  return plain("sigmoid", none);
}

/**
 * Hyperbolic tangent.
 * @example
 * const layer = dense(64, { activation: tanh() });
 */
export function tanh(): Activation;
export function tanh(...none: unknown[]): Activation {
  return plain("tanh", none);
}

/**
 * Softmax over the last axis; not before crossEntropy(), which takes logits.
 * @example
 * const net = sequential([dense(10), softmax()]);
 * engine.compile(net, { inputShape: [64], loss: mse(), optimizer: adam() });
 */
export function softmax(): Activation;
export function softmax(...none: unknown[]): Activation {
  return rowwise("softmax", none);
}

/**
 * The logarithm of softmax over the last axis; not before crossEntropy(), which takes logits.
 * @example
 * const net = sequential([dense(10), logSoftmax()]);
 * engine.compile(net, { inputShape: [64], loss: nll(), optimizer: adam() });
 */
export function logSoftmax(): Activation;
export function logSoftmax(...none: unknown[]): Activation {
  return rowwise("logSoftmax", none);
}

/** Activations that see whole rows, by name. */
const rowActivations = { softmax, logSoftmax };

/** Every name that a layer's `activation` may have; "linear" is none, as in Keras. */
export type ActivationOption = ActivationName | keyof typeof rowActivations | "linear";

/**
 * An activation by its name, with its parameter's default.
 * @param parameter leakyRelu's slope below 0, relu's at 0, elu's alpha or softplus's beta; the
 * functions of the same names take it by its own name
 * @throws RangeError for an unknown name, or a parameter that the activation does not take
 * @example
 * const layer = dense(64, { activation: activation("leakyRelu", 0.2) });
 */
export function activation(name: ActivationName, parameter?: number): Activation {
  return elementwise(name, parameter, call("activation", name, parameter));
}

/**
 * What a layer's `activation` option says: a name, or an activation itself.
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
