import type { KernelName } from "../../runtime/build.ts";
import { type Computation, type Node, type Recorder, float, size } from "../node.ts";

/** A row of the table. */
interface Activation {
  /** Kernels (x, y, n, parameter) and (x, y, dy, dx, n, parameter). */
  readonly forward: KernelName;
  readonly backward: KernelName;
  /** The parameter's default. */
  readonly parameter: number;
}

/**
 * The activations. Each gradient here can be had from y alone, so that a layer may apply one in
 * place and keep no x.
 */
export const activationTable = {
  /** max(0, x). The parameter is the slope at exactly 0: 0, or 1. */
  relu: { forward: "relu", backward: "reluGrad", parameter: 0 },
  /** x, below 0 the parameter times x; 0.01 is PyTorch's default (Keras has 0.3). */
  leakyRelu: { forward: "leakyRelu", backward: "leakyReluGrad", parameter: 0.01 },
  /** 1 / (1 + e^-x). */
  sigmoid: { forward: "sigmoid", backward: "sigmoidGrad", parameter: 0 },
  /** (e^x - e^-x) / (e^x + e^-x). */
  tanh: { forward: "tanh", backward: "tanhGrad", parameter: 0 },
} as const satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activationTable;

/** Every name that a layer's `activation` may have, besides "linear". */
export const activationNames = Object.keys(activationTable) as ActivationName[];

/** An activation with its parameter chosen. */
export interface ActivationChoice {
  readonly name: ActivationName;
  readonly parameter: number;
}

/** An activation by name, with the parameter given or its default. */
export function chooseActivation(name: ActivationName, parameter?: number): ActivationChoice {
  return { name, parameter: parameter ?? activationTable[name].parameter };
}

/** The forward kernel of an activation, for ops that apply it as they store their result. */
export function activationKernel(choice: ActivationChoice): KernelName {
  return activationTable[choice.name].forward;
}

/** dx from dy, for y = f(x). */
export function activationGrad(g: Recorder, choice: ActivationChoice, y: Node, dy: Node): Node {
  const kernel = activationTable[choice.name].backward;
  const computation: Computation = {
    op: kernel,
    gradient: null,
    inPlace: 1,
    record(node, { at, kernel: index }) {
      const args = [at(y), at(y), at(dy), at(node), size(y.shape), float(choice.parameter)];
      return ["mapGradRecord", index(kernel), ...args];
    },
  };
  return g.record(computation, [y, dy], y.shape);
}

/** y = f(x), element by element. */
export function activate(g: Recorder, x: Node, choice: ActivationChoice): Node {
  const kernel = activationKernel(choice);
  const computation: Computation = {
    op: choice.name,
    inPlace: 0,
    gradient: (g, node, dy) => [() => activationGrad(g, choice, node, dy)],
    record(node, { at, kernel: index }) {
      const args = [at(x), at(node), size(x.shape), float(choice.parameter)];
      return ["mapRecord", index(kernel), ...args];
    },
  };
  return g.record(computation, [x], x.shape);
}

type ActivationOps = Record<ActivationName, (g: Recorder, x: Node, parameter?: number) => Node>;

/** A recording function for every row of the table. */
export const activationOps = Object.fromEntries(
  activationNames.map((name) => [
    name,
    (g: Recorder, x: Node, parameter?: number) => activate(g, x, chooseActivation(name, parameter)),
  ]),
) as ActivationOps;
