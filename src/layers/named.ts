import { check, text } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { type Layer, checkLayers } from "./layer.ts";

/**
 * Returns a layer under a name of its own, by which parameterGroups, files of weights and summaries know
 * it: its parameters are `head.weight` and `head.bias` instead of `dense2.weight` and `dense2.bias`. Names
 * stay when layers before it come or go.
 * @param name text without a dot, which no other layer of the network has
 * @throws TypeError for a name that is no text, or for no layer
 * @throws RangeError for an empty name, or one with a dot or a colon
 * @example
 * const net = sequential([named("body", dense(64)), relu(), named("head", dense(10))]);
 * const options = { inputShape: [64], loss: crossEntropy(), optimizer: adam() };
 * engine.compile(net, options).parameters.at(2)?.name; // head.weight
 */
export function named(name: string, layer: Layer): Layer {
  const allows = (value: unknown): boolean => /^[^.:]+$/.test(value as string);
  check("named", "name", name, { ...text(), expected: "a text without dots and colons", allows });
  checkLayers("named", [layer]);
  return immutable<Layer>({ ...layer, name }, call("named", name, layer));
}
