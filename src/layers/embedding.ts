import { MOST_IDS } from "../graph/ops/embedding.ts";
import { type Initializer, initializer, uniform } from "../initializers.ts";
import type { Layer } from "./layer.ts";
import { checkOptions, checkWhole } from "../base/arguments.ts";
import { call, made } from "../base/printable.ts";

/** How an embedding's table starts. */
export interface EmbeddingOptions {
  /** Of the table [vocabulary, width]; U(±0.05) by default, as in Keras (PyTorch has N(0, 1)). */
  readonly weightInitializer?: Initializer;
}

/**
 * A trained vector for each id: x [batch, ...] of whole numbers in [0, vocabulary) becomes
 * [batch, ..., width]. A model refuses inputs with another number before it computes anything; ids
 * that the network itself computes, or cuts out of an input, give NaN for it.
 * @param vocabulary at most 2^24, as ids are float32 in the network
 * @throws RangeError if vocabulary is not a whole number from 1 to 2^24, or width not one from 1 on,
 * TypeError if an argument is of another type
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
  return made<Layer>(
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
