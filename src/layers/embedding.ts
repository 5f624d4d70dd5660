import { MOST_IDS, embedding as embeddingOp } from "../graph/ops/embedding.ts";
import { type Initializer, uniform } from "../initializers.ts";
import type { Layer } from "./layer.ts";
import { checkWhole } from "../runtime/arguments.ts";
import { call, printable } from "../runtime/printable.ts";

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
 * @throws RangeError if vocabulary is not a whole number from 1 to 2^24, or width not one from 1 on
 */
export function embedding(
  vocabulary: number,
  width: number,
  options: EmbeddingOptions = {},
): Layer {
  const label = `embedding(${vocabulary}, ${width})`;
  const { weightInitializer = uniform(-0.05, 0.05) } = options;
  checkWhole(label, "vocabulary", vocabulary, 1);
  checkWhole(label, "width", width, 1);
  if (vocabulary > MOST_IDS) {
    const expected = `a vocabulary of at most ${MOST_IDS}, as ids are float32`;
    throw new RangeError(`${label}: expected ${expected}, got ${vocabulary}`);
  }
  const layer: Layer = {
    kind: "embedding",
    label,
    record(g, x) {
      g.readsIds(x);
      const table = g.parameter("weight", [vocabulary, width], weightInitializer);
      return embeddingOp(g, x, table);
    },
  };
  return printable(layer, call("embedding", vocabulary, width, options));
}
