import {
  type Rule,
  accepts,
  check,
  finite,
  describeValue,
  numberFrom,
  oneOf,
} from "../../base/arguments.ts";
import { positive } from "../../base/arguments.ts";
import { type Epilogue, type Node, type Recorder, float } from "../node.ts";
import { type MapRow, fromX, fromY, map, mapGrad } from "./map.ts";

/** A row of the table of activations. */
interface Activation extends MapRow {
  /** Name and range of the parameter; undefined if the activation has none. */
  readonly takes?: readonly [name: string, range: Rule];
}

/** Activations that act element by element; softmax and logSoftmax act on whole rows. */
export const activationTable = {
  /**
   * max(0, x). The parameter is the slope at exactly 0, which is 0 or 1; 0 by default, as in
   * PyTorch and Keras.
   * @throws RangeError for another slope
   * @example
   * g.relu(g.constant(Float32Array.of(-1, 0, 2))); // [0, 0, 2]
   */
  relu: {
    gradientFrom: (slopeAtZero) => (slopeAtZero === 0 ? "y" : "x"),
    takes: ["slopeAtZero", oneOf(0, 1)],
  },
  /**
   * x where x ≥ 0, else the parameter times x. The parameter is 0.01 by default, as in PyTorch
   * (Keras has 0.3).
   * @throws RangeError unless the parameter is a finite number
   * @example
   * g.leakyRelu(g.constant(Float32Array.of(-1, 0, 2)), 0.1); // [-0.1, 0, 2]
   */
  leakyRelu: {
    gradientFrom: (slope) => (slope >= 0 ? "y" : "x"),
    parameter: 0.01,
    takes: ["negativeSlope", finite()],
  },
  /**
   * x where x ≥ 0, else α · (e^x - 1). The parameter α is 1 by default, as in PyTorch and Keras.
   * @throws RangeError unless α is a finite number, at least 0
   * @example
   * g.elu(g.constant(Float32Array.of(-1, 0, 2))); // [-0.6321, 0, 2]
   */
  elu: {
    gradientFrom: fromX,
    parameter: 1,
    takes: ["alpha", numberFrom(0)],
  },
  /**
   * λ · elu(x) with λ = 1.0507... and α = 1.6732..., which preserve mean 0 and variance 1 from
   * layer to layer (Klambauer and others 2017).
   * @example
   * g.selu(g.constant(Float32Array.of(-1, 0, 2))); // [-1.111, 0, 2.101]
   */
  selu: { gradientFrom: fromX },
  /**
   * x · Φ(x), where Φ is the distribution function of the standard normal distribution, computed
   * with erf (Hendrycks and Gimpel 2016).
   * @example
   * g.gelu(g.constant(Float32Array.of(-1, 0, 2))); // [-0.1587, 0, 1.954]
   */
  gelu: { gradientFrom: fromX },
  /**
   * x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), which approximates gelu.
   * @example
   * g.geluTanh(g.constant(Float32Array.of(-1, 0, 2))); // [-0.1588, 0, 1.955]
   */
  geluTanh: { gradientFrom: fromX },
  /**
   * x · sigmoid(x), also called swish.
   * @example
   * g.silu(g.constant(Float32Array.of(-1, 0, 2))); // [-0.2689, 0, 1.762]
   */
  silu: { gradientFrom: fromX },
  /**
   * x · tanh(softplus(x)) (Misra 2019).
   * @example
   * g.mish(g.constant(Float32Array.of(-1, 0, 2))); // [-0.3034, 0, 1.944]
   */
  mish: { gradientFrom: fromX },
  /**
   * log(1 + e^(β · x)) / β. The parameter β is 1 by default, as in PyTorch.
   * @throws RangeError unless β is a finite number above 0
   * @example
   * g.softplus(g.constant(Float32Array.of(-1, 0, 2))); // [0.3133, 0.6931, 2.127]
   */
  softplus: {
    gradientFrom: fromY,
    parameter: 1,
    takes: ["beta", positive()],
  },
  /**
   * x / (1 + |x|), which approaches ±1 more slowly than tanh.
   * @example
   * g.softsign(g.constant(Float32Array.of(-1, 0, 3))); // [-0.5, 0, 0.75]
   */
  softsign: { gradientFrom: fromX },
  /**
   * max(0, min(6, x + 3)) / 6, as in PyTorch and Keras 3; Keras 2 had max(0, min(1, x/5 + 1/2)).
   * @example
   * g.hardSigmoid(g.constant(Float32Array.of(-4, 0, 1.5))); // [0, 0.5, 0.75]
   */
  hardSigmoid: { gradientFrom: fromY },
  /**
   * x · hardSigmoid(x), which Keras calls hard_silu. Its slope is 0 at -3 and 1 at 3.
   * @example
   * g.hardSwish(g.constant(Float32Array.of(-4, -1, 2))); // [0, -0.3333, 1.667]
   */
  hardSwish: { gradientFrom: fromX },
  /**
   * 1 / (1 + e^-x). Do not apply it before bceWithLogits(), which takes logits. The slope y (1 - y)
   * is computed from the rounded y, as in PyTorch: it loses digits above x = 8 and is 0 from 17 on.
   * @example
   * g.sigmoid(g.constant(Float32Array.of(-1, 0, 2))); // [0.2689, 0.5, 0.8808]
   */
  sigmoid: { gradientFrom: fromY },
  /**
   * (e^x - e^-x) / (e^x + e^-x). The slope 1 - y² is computed from the rounded y, as in PyTorch:
   * it loses digits from |x| = 4 on and is 0 from 9 on.
   * @example
   * g.tanh(g.constant(Float32Array.of(-1, 0, 2))); // [-0.7616, 0, 0.964]
   */
  tanh: { gradientFrom: fromY },
} as const satisfies Record<string, Activation>;

/** Name of an activation that acts element by element: one of activationNames. */
export type ActivationName = keyof typeof activationTable;

/** Names of the activations that act element by element. */
export const activationNames: readonly ActivationName[] = Object.freeze(
  Object.keys(activationTable) as ActivationName[],
);

/** An activation and its parameter. */
export interface ActivationChoice {
  /** Name of the activation. */
  readonly name: ActivationName;
  /** Slope, α or β of activations that have one; others ignore it. */
  readonly parameter: number;
}

/**
 * Returns an activation by name, with the given parameter or the default one.
 * @throws RangeError if the name is unknown, or the activation takes no such parameter
 */
export function chooseActivation(name: ActivationName, parameter?: number): ActivationChoice {
  check("activation", "name", name, oneOf(...activationNames));
  const { takes, parameter: initial = 0 }: Activation = activationTable[name];
  if (parameter === undefined) return Object.freeze({ name, parameter: initial });
  if (!takes)
    throw new RangeError(`${name}: expected no parameter, got ${describeValue(parameter)}`);
  check(name, takes[0], parameter, takes[1]);
  return Object.freeze({ name, parameter });
}

/** Returns true for an activation of the table whose parameter, if it takes one, is in its range. */
export function isActivation(value: unknown): value is ActivationChoice {
  const { name, parameter } = value as ActivationChoice;
  if (!activationNames.includes(name)) return false;
  const [, rule] = (activationTable[name] as Activation).takes ?? [];
  return !rule || accepts(rule, parameter);
}

/**
 * Returns true if the gradient can be computed from y alone, so that an op may apply the activation
 * as it stores its result.
 */
export function canFuse({ name, parameter }: ActivationChoice): boolean {
  return activationTable[name].gradientFrom(parameter) === "y";
}

/** Returns an activation as the words of an instruction name it. */
export function epilogueOf(choice: ActivationChoice | undefined): Epilogue | undefined {
  return choice && { activation: choice.name, parameter: float(choice.parameter) };
}

/** Appends dx, given dy, for y = f(x) of an activation that can fuse. */
export function activationGrad(g: Recorder, choice: ActivationChoice, y: Node, dy: Node): Node {
  const { name, parameter } = choice;
  return mapGrad(g, name, activationTable[name], parameter, { x: y, y, dy });
}

/** Appends y = f(x), element by element. */
export function activate(g: Recorder, x: Node, { name, parameter }: ActivationChoice): Node {
  return map(g, name, activationTable[name], parameter, x);
}

/** Type of the ops, mapped from the table's own keys, which keeps the docstrings of the rows. */
type ActivationOps = {
  readonly [K in keyof typeof activationTable]: (g: Recorder, x: Node, parameter?: number) => Node;
};

/** Ops of this table, under the names of their methods. */
export const activationOps = Object.fromEntries(
  activationNames.map((name) => [
    name,
    (g: Recorder, x: Node, parameter?: number) => activate(g, x, chooseActivation(name, parameter)),
  ]),
) as ActivationOps;
