import { embedding as embeddingOp } from "../graph/ops/embedding.ts";
import { type Initializer, uniform } from "../initializers.ts";
import type { Layer } from "./layer.ts";

export interface EmbeddingOptions {
  /** Of the table [vocabulary, width]; U(±0.05) by default, as in Keras (PyTorch has N(0, 1)). */
  readonly weightInitializer?: Initializer;
}

/**
 * A trained vector for each id: x [batch, ...] of whole numbers in [0, vocabulary) becomes
 * [batch, ..., width]. Another number gives NaN.
 * @throws RangeError if vocabulary or width is not a whole number from 1 on
 */
export function embedding(
  vocabulary: number,
  width: number,
  options: EmbeddingOptions = {},
): Layer {
  const label = `embedding(${vocabulary}, ${width})`;
  const { weightInitializer = uniform(-0.05, 0.05) } = options;
  const whole = (length: number): boolean => Number.isInteger(length) && length >= 1;
  if (!whole(vocabulary) || !whole(width)) {
    throw new RangeError(`${label}: expected whole numbers from 1 on`);
  }
  return {
    kind: "embedding",
    label,
    record: (g, x) =>
      embeddingOp(g, x, g.parameter("weight", [vocabulary, width], weightInitializer)),
  };
}
