import { MOST_IDS } from "../graph/ops/embedding.ts";
import { type Initializer, initializer, uniform } from "../initializers.ts";
import type { Layer } from "./layer.ts";
import { checkOptions, checkWhole } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";

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
  return immutable<Layer>(
    {
      kind: "embedding",
      label,
      record(g, x) {
        g.readsIds(x);
        const table = g.parameter("weight", [vocabulary, width], weightInitializer);
        return g.embedding(x, table);
      },
    },
    call("embedding", vocabulary, width, chosen),
  );
}
