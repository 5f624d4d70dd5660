import { type Node, type Recorder, describe, size } from "../node.ts";
import { zip } from "./binary.ts";
import { toFloat } from "./compare.ts";
import { reshape } from "./shape.ts";

/** Lengths of the sequences in a batch, as layers take them. */

/**
 * Returns the length of each sequence, [batch].
 * @throws RangeError unless there is one for each, [batch], or [batch, 1] as an input of a network is
 */
export function lengthsOf(g: Recorder, op: string, lengths: Node, batch: number): Node {
  const { shape } = lengths;
  if (size(shape) !== batch || shape[0] !== batch || shape.length > 2) {
    throw g.fail(op, `expected lengths of [${batch}] or [${batch}, 1], got ${describe(shape)}`);
  }
  return shape.length === 1 ? lengths : reshape(g, lengths, [batch]);
}

/** 1 for the steps of each sequence and 0 past its length, [batch, 1, 1, steps]. */
export function shownSteps(g: Recorder, lengths: Node, steps: number): Node {
  const batch = lengths.shape[0]!;
  const shape = [batch, 1, 1, steps];
  const each = reshape(g, toFloat(g, lengths), [batch, 1, 1, 1]);
  const places = g.constant(
    Float32Array.from({ length: steps }, (_, step) => step),
    [1, 1, 1, steps],
  );
  const wholes = { node: lengths, what: "lengths", most: steps } as const;
  return g.append({ op: "less", wholes, instruction: zip("greater", each, places, shape) }, shape);
}
