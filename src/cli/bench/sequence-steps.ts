import { adamW, dense, embedding, gru, layerNorm, lstm, positionEmbedding } from "../../index.ts";
import { sequential, transformerBlock, unembedding } from "../../index.ts";
import { type Classifier, training } from "./training.ts";
import type { Work } from "./work.ts";

/** Kinds of recurrent layers, with the number of their gates. */
const RECURRENT = { lstm: [lstm, 4], gru: [gru, 3] } as const;

/** Returns a recurrent layer over a number of steps, and a dense layer behind its last state. */
function recurrent(
  kind: "lstm" | "gru",
  steps: number,
  features: number,
  units: number,
): Classifier {
  const [layer] = RECURRENT[kind];
  const network = sequential([layer(units), dense(10)]);
  return { network, inputShape: [steps, features], classes: 10 };
}

/** Returns the work of a step of 32 sequences of 50 steps, each of 32 numbers. */
function recurrentStep(kind: "lstm" | "gru"): Work {
  const [batch, steps, features, units] = [32, 50, 32, 128];
  const [, gates] = RECURRENT[kind];
  // x needs no gradient: two products with its weight, three with the others.
  const multiplyAdds = steps * (2 * features + 3 * units) * gates * units + 3 * units * 10;
  return training({
    name: `step ${kind} (${batch})`,
    flops: 2 * batch * multiplyAdds,
    batch,
    classifier: () => recurrent(kind, steps, features, units),
    small: () => recurrent(kind, 2, 4, 8),
  });
}

/** Sizes of a GPT. */
interface Gpt {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly time: number;
  readonly vocabulary: number;
}

/** nanoGPT's recipe for a CPU, without dropout as there; 65 characters are those of its text. */
const NANO: Gpt = { layers: 4, heads: 4, width: 128, time: 64, vocabulary: 65 };

function gpt({ layers, heads, width, time, vocabulary }: Gpt): Classifier {
  const options = { causal: true, normFirst: true, activation: "gelu" } as const;
  const table = embedding(vocabulary, width);
  const network = sequential([
    table,
    positionEmbedding(time),
    ...Array.from({ length: layers }, () => transformerBlock(heads, 4 * width, options)),
    layerNorm(),
    unembedding(table),
  ]);
  const optimizer = adamW({ weightDecay: 0.1, clipNorm: 1 });
  return { network, inputShape: [time], classes: vocabulary, isText: true, optimizer };
}

/**
 * Returns the multiply-adds of a step for one sequence: three products with each weight, of which a block
 * has 12 · width² numbers, and seven of attention over the pairs that are seen.
 */
function multiplyAddsOf({ layers, width, time, vocabulary }: Gpt): number {
  const pairs = (time * (time + 1)) / 2;
  return 3 * time * width * (12 * layers * width + vocabulary) + 7 * layers * pairs * width;
}

const GPT_BATCH = 12;

const gptStep: Work = training({
  name: `step gpt (${GPT_BATCH})`,
  flops: 2 * GPT_BATCH * multiplyAddsOf(NANO),
  batch: GPT_BATCH,
  classifier: () => gpt(NANO),
  small: () => gpt({ layers: 1, heads: 2, width: 8, time: 4, vocabulary: 5 }),
});

/** Works of whole steps of recurrent networks and of a transformer. */
export const sequenceSteps: readonly Work[] = [
  recurrentStep("lstm"),
  recurrentStep("gru"),
  gptStep,
];
