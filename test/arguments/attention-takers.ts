import * as layers from "../../src/index.ts";
import type { Taker } from "./taker.ts";

/** Layers of attention and of positions. */
export function attentionTakers(): Record<string, Taker> {
  const shared: Taker["options"] = { causal: "flag", dropout: "number", rotary: "flag" };
  return {
    multiHeadAttention: {
      call: (options) => layers.multiHeadAttention(2, options),
      options: { ...shared, keyDim: "whole", useBias: "flag", weightInitializer: "object" },
    },
    transformerBlock: {
      call: (options) => layers.transformerBlock(2, 8, options),
      options: { ...shared, normFirst: "flag", activation: "name" },
    },
    positionEmbedding: {
      call: (options) => layers.positionEmbedding(4, options),
      options: { weightInitializer: "object" },
    },
    rotaryPositions: {
      call: layers.rotaryPositions,
      options: { heads: "whole", base: "number" },
    },
  };
}
