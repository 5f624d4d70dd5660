import { type ActivationName, activate, chooseActivation } from "../graph/ops/activations.ts";
import { softmax as softmaxOp } from "../graph/ops/softmax.ts";
import { reshape } from "../graph/ops/shape.ts";
import { size } from "../graph/node.ts";
import type { Layer } from "./layer.ts";

/** Makes each example one row of features: [a, b, ...] becomes [a·b·...]. Nothing is moved. */
export function flatten(): Layer {
  return {
    kind: "flatten",
    label: "flatten",
    record: (g, x) => reshape(g, x, [x.shape[0]!, size(x.shape.slice(1))]),
  };
}

/**
 * An activation as a layer of its own; `dense(n, { activation })` does it faster.
 * @param parameter leakyRelu's slope below 0, or relu's at 0; the op's default without it
 */
export function activation(name: ActivationName, parameter?: number): Layer {
  const choice = chooseActivation(name, parameter);
  return {
    kind: name,
    label: name,
    record: (g, x) => activate(g, x, choice),
  };
}

/** Softmax over the last axis; not before crossEntropy(), which takes logits. */
export function softmax(): Layer {
  return {
    kind: "softmax",
    label: "softmax",
    record: (g, x) => softmaxOp(g, x),
  };
}
