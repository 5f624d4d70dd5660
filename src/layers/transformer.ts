import { anything, checkOptions, checkWhole, flag, numberBelow } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { type Node, describe } from "../graph/node.ts";
import { dense } from "../graph/ops/matmul.ts";
import { EPSILON, layerNorm } from "../graph/ops/norm.ts";
import { glorotUniform, ones, zeros } from "../initializers.ts";
import { type Activation, type ActivationOption, parseActivation } from "./activations.ts";
import { ATTENTION_INPUTS, recordAttention } from "./attention.ts";
import type { Layer, LayerGraph } from "./layer.ts";

/** Options of transformerBlock. */
export interface TransformerBlockOptions {
  /** True if a step sees only itself and the steps before it; false by default. */
  readonly causal?: boolean;
  /**
   * True to normalise the inputs of attention and of the dense layers, as in GPT-2; false, which normalises the
   * sums behind them, by default, as in PyTorch and KerasHub.
   */
  readonly normFirst?: boolean;
  /** Activation of the hidden layer; "relu" by default, as in PyTorch and KerasHub. */
  readonly activation?: ActivationOption | Activation;
  /**
   * Probability to drop weights of values, hidden units, and outputs of attention and of the dense layers in
   * training, as in PyTorch; 0 by default (PyTorch: 0.1).
   */
  readonly dropout?: number;
  /** True to rotate queries and keys by their positions; false by default. */
  readonly rotary?: boolean;
}

/** Records layerNorm under a name. */
function norm(g: LayerGraph, name: string, x: Node): Node {
  const channels = [x.shape.at(-1) ?? 0];
  const weight = g.parameter(`${name}.weight`, channels, ones());
  return layerNorm(g, x, weight, g.parameter(`${name}.bias`, channels, zeros()), EPSILON);
}

/**
 * Block of a transformer (Vaswani et al., "Attention is all you need", 2017) on x [batch, time, width]:
 * multi-head attention, then two dense layers with `hidden` units between them, each added to its input, with
 * layer normalisation of epsilon 1e-5. Its parameters are those of multiHeadAttention under the name
 * `attention`, and norm1, norm2, dense1 and dense2. It takes `lengths`, `mask` and `memory` as
 * multiHeadAttention does.
 * @param heads number of heads, which has to divide the width
 * @param hidden number of hidden units
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if one is out of range, or an option is unknown
 * @example
 * const block = transformerBlock(4, 64, { causal: true, normFirst: true, activation: "gelu" });
 * const net = sequential([embedding(17, 16), block, flatten(), dense(2)]);
 * engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
 */
export function transformerBlock(
  heads: number,
  hidden: number,
  options: TransformerBlockOptions = {},
): Layer {
  checkWhole("transformerBlock", "heads", heads, 1);
  checkWhole("transformerBlock", "hidden", hidden, 1);
  const label = `transformerBlock(${heads}, ${hidden})`;
  const chosen = checkOptions(label, options, {
    causal: flag(),
    normFirst: flag(),
    activation: anything,
    dropout: numberBelow(1),
    rotary: flag(),
  });
  const { normFirst = false, dropout = 0, causal = false, rotary = false } = chosen;
  const { activation: choice = "relu" } = chosen;
  const activation = parseActivation(label, choice);
  const drop = (g: LayerGraph, x: Node): Node => (g.training ? g.dropout(x, dropout) : x);

  function layer(g: LayerGraph, name: string, x: Node, units: number, isHidden: boolean): Node {
    const weight = g.parameter(`${name}.weight`, [x.shape.at(-1)!, units], glorotUniform());
    const bias = g.parameter(`${name}.bias`, [units], zeros());
    if (!isHidden) return dense(g, x, weight, bias);
    const y = dense(g, x, weight, bias, activation?.elementwise);
    return activation && !activation.elementwise ? activation.record(g, y) : y;
  }

  function forward(g: LayerGraph, x: Node): Node {
    const h = drop(g, layer(g, "dense1", x, hidden, true));
    return drop(g, layer(g, "dense2", h, x.shape.at(-1)!, false));
  }

  return immutable<Layer>(
    {
      kind: "transformerBlock",
      label,
      takes: ATTENTION_INPUTS,
      record(g, x, inputs = {}) {
        if (x.shape.length !== 3) {
          const expected = "expected x of [batch, time, width]";
          throw g.fail("transformerBlock", `${expected}, got ${describe(x.shape)}`);
        }
        const settings = { causal, dropout, rotary };
        const attend = (x: Node): Node =>
          drop(g, recordAttention(g, x, inputs, heads, settings, "attention."));
        if (normFirst) {
          const y = g.add(x, attend(norm(g, "norm1", x)));
          return g.add(y, forward(g, norm(g, "norm2", y)));
        }
        const y = norm(g, "norm1", g.add(x, attend(x)));
        return norm(g, "norm2", g.add(y, forward(g, y)));
      },
    },
    call("transformerBlock", heads, hidden, chosen),
  );
}
