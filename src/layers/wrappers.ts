import { type Rule, check, checkOptions, describeValue, oneOf } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { type Node, describe } from "../graph/node.ts";
import { add, mul } from "../graph/ops/binary.ts";
import { concat, reshape } from "../graph/ops/shape.ts";
import { type Layer, type LayerGraph, isLayer } from "./layer.ts";
import type { RecurrentLayer } from "./recurrent.ts";

/** Options of bidirectional. */
export interface BidirectionalOptions {
  /** Operation on the results of both directions; "concat", on the last axis, by default, as in Keras. */
  readonly merge?: "concat" | "sum" | "mul" | "average";
}

type Merge = NonNullable<BidirectionalOptions["merge"]>;

const merges: Readonly<Record<Merge, (g: LayerGraph, a: Node, b: Node) => Node>> = {
  concat: (g, a, b) => concat(g, [a, b], -1),
  sum: add,
  mul,
  average: (g, a, b) => mul(g, g.scalar(0.5), add(g, a, b)),
};

const recurrentLayer: Rule = {
  expected: "a recurrent layer, such as lstm(64)",
  is: (value) => isLayer(value) && typeof (value as RecurrentLayer).reversed === "function",
  describe: (value) => (isLayer(value) ? value.label : describeValue(value)),
};

/**
 * Recurrent layer that reads sequences in both directions, with weights for each (Schuster and Paliwal
 * 1997). The results of both are for the same steps: with returnSequences the result of a step has seen
 * all steps. It takes `lengths` as lstm does, for both directions: each begins at an end of the sequence itself.
 * @throws TypeError if it is given no recurrent layer
 * @throws RangeError for an unknown option or merge
 * @example
 * const net = sequential([bidirectional(lstm(32)), dense(2)]);
 * engine.compile(net, { inputShape: [50, 8], loss: crossEntropy(), optimizer: adam() });
 */
export function bidirectional(layer: RecurrentLayer, options: BidirectionalOptions = {}): Layer {
  check("bidirectional", "layer", layer, recurrentLayer);
  const label = `bidirectional(${layer.label})`;
  const rules = { merge: oneOf(...Object.keys(merges)) };
  const chosen = checkOptions(label, options, rules);
  const { merge = "concat" } = chosen;
  const other = layer.reversed();
  return immutable<Layer>(
    {
      kind: "bidirectional",
      label,
      takes: layer.takes ?? [],
      record: (g, x, inputs) => merges[merge](g, g.use(layer, x, inputs), g.use(other, x, inputs)),
    },
    call("bidirectional", layer, chosen),
  );
}

/**
 * Applies a layer to every step of sequences [batch, steps, ...] with the same weights, as if the steps were
 * further examples. dense, embedding and activations do so without it.
 * @throws TypeError if it is given no layer
 * @throws RangeError when a model is compiled, if x has no steps
 * @example
 * const net = sequential([timeDistributed(conv2d(8, 3)), timeDistributed(flatten()), lstm(16)]);
 * engine.compile(net, { inputShape: [10, 8, 8, 1], loss: mse(), optimizer: adam() });
 */
export function timeDistributed(layer: Layer): Layer {
  check("timeDistributed", "layer", layer, { expected: "a layer", is: isLayer });
  return immutable<Layer>(
    {
      kind: "timeDistributed",
      label: `timeDistributed(${layer.label})`,
      steps: "separate",
      record(g, x) {
        const [batch, steps, ...rest] = x.shape;
        if (batch === undefined || steps === undefined) {
          throw g.fail(
            "timeDistributed",
            `expected steps [batch, steps, ...], got ${describe(x.shape)}`,
          );
        }
        const y = g.use(layer, reshape(g, x, [batch * steps, ...rest]));
        return reshape(g, y, [batch, steps, ...y.shape.slice(1)]);
      },
    },
    call("timeDistributed", layer),
  );
}
