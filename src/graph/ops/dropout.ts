import { type Computation, type Node, OUTPUT, type Recorder } from "../node.ts";
import { float, instruction, size } from "../node.ts";

/** Words of Philox: what rate · WORDS of them are below is dropped. */
const WORDS = 2 ** 32;

/**
 * Each element 0 with probability `rate`, or else times 1 / (1 - rate), so that the mean stays; always,
 * as in a training step. The mask is drawn from the graph's seed and step: the same in every engine,
 * another in the next step. The gradient draws it anew, so nothing is kept for it.
 * @throws RangeError if the rate is not in [0, 1)
 * @example
 * g.dropout(g.constant(Float32Array.of(1, 2, 3, 4)), 0.5); // [0, 0, 6, 8]
 */
export function dropout(g: Recorder, x: Node, rate: number): Node {
  if (rate === 0) return x;
  const { state, stream } = g.random();
  const threshold = Math.floor(rate * WORDS);
  const scale = float(1 / (1 - rate));
  const masked = (g: Recorder, from: Node, op: string): Node => {
    const computation: Computation = {
      op,
      inPlace: from,
      gradient: (g, _node, dy) => [() => masked(g, dy, "dropoutGrad"), null],
      instruction: instruction("dropout", {
        x: from,
        y: OUTPUT,
        threshold,
        scale,
        stream,
        n: size(from.shape),
        state,
      }),
    };
    return g.append(computation, from.shape);
  };
  return masked(g, x, "dropout");
}
