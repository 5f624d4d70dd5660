import { type Computation, type Node, OUTPUT, type Recorder } from "../node.ts";
import { float, instruction, size } from "../node.ts";

/** Number of values of a Philox word. An element whose word is below rate · WORDS is dropped. */
const WORDS = 2 ** 32;

/** Returns the threshold of words, and the factor of what is kept, as kernels take them. */
export function dropoutOf(rate: number) {
  return { threshold: Math.floor(rate * WORDS), scale: float(1 / (1 - rate)) };
}

/**
 * Sets each element to 0 with probability `rate`, and multiplies the others by 1 / (1 - rate),
 * which preserves the expected value. It does so in every mode, unlike the layer dropout(). The
 * mask depends on the graph's seed and step: it is the same in every engine, and another one in the
 * next step. The gradient draws the same mask again, so that none is stored.
 * @throws RangeError if the rate is not in [0, 1)
 * @example
 * g.dropout(g.constant(Float32Array.of(1, 2, 3, 4)), 0.5); // [0, 0, 6, 8]
 */
export function dropout(g: Recorder, x: Node, rate: number): Node {
  if (rate === 0) return x;
  const { state, stream } = g.random();
  const { threshold, scale } = dropoutOf(rate);
  const masked = (g: Recorder, from: Node, op: string): Node => {
    const computation: Computation = {
      op,
      ints: [state],
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
