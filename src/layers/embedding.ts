import { MOST_IDS } from "../graph/ops/embedding.ts";
import { type Initializer, initializer, uniform } from "../initializers.ts";
import type { Layer } from "./layer.ts";
import { check, checkOptions, checkWhole } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { describe } from "../base/shape.ts";

/** Name of the input of an embedding that it multiplies by its table instead of looking up ids. */
const OUTPUTS = "outputs";

/** Width of the vectors of each embedding. */
const widths = new WeakMap<Layer, number>();

/** Options of embedding. */
export interface EmbeddingOptions {
  /**
   * First values of the table [vocabulary, width]; U(±0.05) by default, as in Keras (PyTorch: N(0,
   * 1)).
   */
  readonly weightInitializer?: Initializer;
}

/**
 * Table with a trained vector for each id: x [batch, ...] of whole numbers in [0, vocabulary)
 * becomes [batch, ..., width]. A model refuses inputs with other numbers before it computes
 * anything. Wrong ids that the network itself computes, or cuts out of an input, give NaN.
 * @param vocabulary number of ids, at most 2^24, as ids are float32 in the network
 * @param width length of each vector
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if vocabulary is not a whole number from 1 to 2^24, or width is not one ≥ 1
 * @example
 * const net = sequential([embedding(10_000, 16), flatten(), dense(2)]);
 * engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
 */
export function embedding(
  vocabulary: number,
  width: number,
  options: EmbeddingOptions = {},
): Layer {
  checkWhole("embedding", "vocabulary", vocabulary, 1);
  checkWhole("embedding", "width", width, 1);
  const label = `embedding(${vocabulary}, ${width})`;
  if (vocabulary > MOST_IDS) {
    const expected = `a vocabulary of at most ${MOST_IDS}, as ids are float32`;
    throw new RangeError(`${label}: expected ${expected}, got ${vocabulary}`);
  }
  const rules = { weightInitializer: initializer() };
  const chosen = checkOptions(label, options, rules);
  const { weightInitializer = uniform(-0.05, 0.05) } = chosen;
  const layer = immutable<Layer>(
    {
      kind: "embedding",
      label,
      takes: [OUTPUTS],
      record(g, x, { [OUTPUTS]: outputs } = {}) {
        const table = g.parameter("weight", [vocabulary, width], weightInitializer);
        if (outputs) return g.matmul(outputs, table, false, true);
        g.readsIds(x);
        return g.embedding(x, table);
      },
    },
    call("embedding", vocabulary, width, chosen),
  );
  widths.set(layer, width);
  return layer;
}

/**
 * Scores of all ids by the vectors of an embedding: x·weightᵀ, [batch, ..., vocabulary] for x [batch, ...,
 * width]. Both layers have one weight, which is trained by its use as a table and as a product (Press and
 * Wolf, "Using the output embedding to improve language models", 2017).
 * @param table what embedding() returned, a layer of the same network
 * @throws TypeError if it is something else; RangeError when a model is compiled, if x has another width
 * @example
 * const table = embedding(17, 16);
 * const net = sequential([table, multiHeadAttention(2, { causal: true }), unembedding(table)]);
 */
export function unembedding(table: Layer): Layer {
  const expected = "a layer of embedding()";
  check("unembedding", "table", table, { expected, is: (layer) => widths.has(layer as Layer) });
  const width = widths.get(table);
  const label = call("unembedding", table);
  return immutable<Layer>(
    {
      kind: "unembedding",
      label,
      record(g, x) {
        if (x.shape.at(-1) === width) return g.use(table, x, { [OUTPUTS]: x });
        const received = describe(x.shape);
        throw g.fail("unembedding", `expected x of [batch, ..., ${width}], got ${received}`);
      },
    },
    label,
  );
}
