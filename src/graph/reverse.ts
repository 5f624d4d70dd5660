import { type GradientRule, type GradientRules, type Node, describe } from "./node.ts";
import { add } from "./ops/binary.ts";
import type { Tape } from "./tape.ts";

/**
 * Reverse-mode differentiation: appends the nodes that compute d loss / d target for every target.
 * The gradient of a node that several nodes use is the sum of what each use contributes.
 * @returns the gradient of each target that the loss depends on
 * @throws RangeError if the loss is not a scalar of floats
 */
export function reverseSweep(tape: Tape, loss: Node, targets: readonly Node[]): Map<Node, Node> {
  if (loss.shape.length > 0 || loss.type === "int") {
    const received = loss.type === "int" ? "one of int32" : `shape ${describe(loss.shape)}`;
    throw new RangeError(`${loss.name}: expected a scalar to differentiate, got ${received}`);
  }
  const wanted = dependents(tape.nodes, targets);
  const gradients = new Map<Node, Node>([[loss, tape.scalar(1)]]);
  /** Nodes whose gradient so far is in an array that no other node reads. */
  const summed = new Set<Node>();
  /**
   * Adds what one use of a node contributes to its gradient, in the storage of the sum if the rule
   * can do that. T uses of parts of an array, such as its slices in an unrolled recurrence, then
   * take time in proportion to these parts, not T times that of the whole array.
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

/** Returns the rules of a node; none unless the loss depends on it or on one of its outputs. */
function rulesOf(tape: Tape, node: Node, gradients: ReadonlyMap<Node, Node>): GradientRules {
  const { gradient, gradientOfOutputs, outputs = [] } = node.computation ?? {};
  const ofOutputs = outputs.map((output) => gradients.get(output));
  if (ofOutputs.some((dy) => dy)) return gradientOfOutputs?.(tape, outputs, ofOutputs) ?? [];
  const dy = gradients.get(node);
  return (dy && gradient?.(tape, node, dy)) ?? [];
}

/** Returns the targets and all nodes that depend on one. */
function dependents(nodes: readonly Node[], targets: readonly Node[]): Set<Node> {
  const set = new Set(targets);
  for (const node of nodes) if (node.inputs.some((input) => set.has(input))) set.add(node);
  return set;
}
