import type { Loss } from "../losses.ts";
import { type Node, describe } from "../graph/node.ts";
import { mul } from "../graph/ops/binary.ts";
import { reshape } from "../graph/ops/shape.ts";
import { sum } from "../graph/ops/reduce.ts";
import type { Tape } from "../graph/tape.ts";
import type { LayerGraph } from "../layers/layer.ts";

/**
 * Records the loss of a batch whose examples have weights: the sum of each loss times its example's
 * weight, divided as without weights. So a weight of 2 counts an example twice, and weights of 1 change
 * nothing, as in Keras 2.
 * @param weights [examples]
 * @param labels factor of a mean over labels, which depends on them
 * @throws RangeError for a loss that gives no losses of examples
 */
export function weightedLoss(
  tape: Tape,
  g: LayerGraph,
  loss: Loss,
  [prediction, target]: readonly [Node, Node],
  weights: Node,
  labels: Node,
): Node {
  if (!loss.recordEach) {
    throw new RangeError(
      `${loss.name}: expected a loss with recordEach for sampleWeights, got none`,
    );
  }
  const losses = loss.recordEach(g, prediction, target);
  const [rows] = weights.shape;
  if (losses.shape[0] !== rows) {
    const came = describe(losses.shape);
    throw new RangeError(`${loss.name}: expected recordEach to give [${rows}, ...], got ${came}`);
  }
  const overLabels = loss.labelWeight !== undefined && target.type === "int";
  const divisor = loss.divisor?.(losses.shape) ?? 1;
  const factor = overLabels ? labels : tape.scalar(1 / divisor);
  const column = reshape(tape, mul(tape, weights, factor), [
    rows!,
    ...losses.shape.slice(1).fill(1),
  ]);
  return sum(tape, mul(tape, losses, column));
}
