import { type GradientRule, type GradientRules, type Node, describe } from "./node.ts";
import { add } from "./ops/binary.ts";
import type { Tape } from "./tape.ts";

/**
 * Reverse-mode differentiation: records, after the nodes that are there, those that compute
 * d loss / d target for every target. A node used twice gets the sum of what its uses ask for.
 * @returns the gradient of each target that the loss depends on
 * @throws RangeError if the loss is not a scalar of floats
 */
export function reverseSweep(tape: Tape, loss: Node, targets: readonly Node[]): Map<Node, Node> {
  if (loss.shape.length > 0 || loss.type === "int") {
    const came = loss.type === "int" ? "one of int32" : `shape ${describe(loss.shape)}`;
    throw new RangeError(`${loss.name}: expected a scalar to differentiate, got ${came}`);
  }
  const wanted = dependents(tape.nodes, targets);
  const gradients = new Map<Node, Node>([[loss, tape.scalar(1)]]);
  /** Nodes whose gradient so far is in an array that nothing else reads. */
  const summed = new Set<Node>();
  /**
   * Adds what one use of a node asks for, in the storage of the sum where the rule can. So T uses of an
   * array, as of its slices by an unrolled recurrence, take T times what they read, not T times the
   * whole array.
   */
  const addUse = (node: Node, rule: GradientRule): Node => {
    const sum = gradients.get(node);
    if (sum && rule.addTo && summed.has(node)) return rule.addTo(sum);
    if (sum || rule.addTo) summed.add(node);
    return sum ? add(tape, sum, rule()) : rule();
  };
  for (let id = loss.id; id >= 0; id--) {
    const node = tape.nodes[id]!;
    if (!wanted.has(node)) continue;
    const rules = rulesOf(tape, node, gradients);
    node.inputs.forEach((input, i) => {
      const rule = rules[i];
      if (rule && wanted.has(input)) gradients.set(input, addUse(input, rule));
    });
  }
  const found = targets.filter((target) => gradients.has(target));
  return new Map(found.map((target) => [target, gradients.get(target)!]));
}

/** The rules of a node, if the loss depends on it or on one of its outputs. */
function rulesOf(tape: Tape, node: Node, gradients: ReadonlyMap<Node, Node>): GradientRules {
  const { gradient, gradientOfOutputs, outputs = [] } = node.computation ?? {};
  const ofOutputs = outputs.map((output) => gradients.get(output));
  if (ofOutputs.some((dy) => dy)) return gradientOfOutputs?.(tape, outputs, ofOutputs) ?? [];
  const dy = gradients.get(node);
  return (dy && gradient?.(tape, node, dy)) ?? [];
}

/** The nodes that are targets or depend on one. */
function dependents(nodes: readonly Node[], targets: readonly Node[]): Set<Node> {
  const set = new Set(targets);
  for (const node of nodes) if (node.inputs.some((input) => set.has(input))) set.add(node);
  return set;
}
