// The network, and how its weights are trained.
import {
  adamW,
  cosineDecay,
  crossEntropy,
  dense,
  embedding,
  layerNorm,
  linearWarmUp,
  multiHeadAttention,
  normal,
  positionEmbedding,
  residual,
  sequential,
  unembedding,
} from "gradlane";

/** Sizes of nanoGPT's recipe for processors (Andrej Karpathy, github.com/karpathy/nanoGPT). */
export const RECIPE = {
  layers: 4,
  heads: 4,
  width: 128, // numbers that stand for a character within the network
  context: 64, // characters that it looks back over
  batch: 12, // windows of a step
  steps: 2000,
  seed: 1,
};

/** Standard deviation of first weights in GPT-2, and its width. */
const GPT2 = { deviation: 0.02, width: 768 };

/** Standard deviation of weights for inputs of a width: sums of fewer numbers are as large if these are larger. */
const deviationOf = (width) => GPT2.deviation * Math.sqrt(GPT2.width / width);

/** Divisor of weights whose outputs are added up: the sum of two for each layer stays as large. */
const manyAdded = (layers) => Math.sqrt(2 * layers);

/**
 * GPT-2's network (Radford et al., "Language models are unsupervised multitask learners", 2019), from
 * ids [time] to the scores [time, characters] of what comes next at each of them.
 */
function network({ layers, heads, width, context }, characters) {
  const start = normal(0, GPT2.deviation);
  const weightInitializer = normal(0, deviationOf(width));
  const small = normal(0, deviationOf(width) / manyAdded(layers));
  const table = embedding(characters, width, { weightInitializer: start });

  /** A layer looks back with its attention, then thinks about what it saw. */
  const layer = () => [
    residual([layerNorm(), multiHeadAttention(heads, { causal: true, weightInitializer })]),
    residual([
      layerNorm(),
      dense(4 * width, { activation: "gelu", weightInitializer }),
      dense(width, { weightInitializer: small }),
    ]),
  ];
  return sequential([
    table,
    positionEmbedding(context, { weightInitializer: start }),
    ...Array.from({ length: layers }, layer).flat(),
    layerNorm(),
    unembedding(table), // the weight of the first layer, once more
  ]);
}

/** Rises for 100 steps, as first gradients are wild, then falls along a cosine to a tenth. */
function learningRate(steps) {
  const warmUp = Math.min(100, Math.ceil((steps + 1) / 10));
  const [highest, minimum] = [1e-3, 1e-4];
  return linearWarmUp({
    learningRate: highest,
    steps: warmUp,
    from: 1 / (warmUp + 1),
    then: cosineDecay({ learningRate: highest, minimum, steps: Math.max(1, steps - warmUp) }),
  });
}

/**
 * Makes the model that learns a text.
 * @param settings those of RECIPE
 * @param characters how many different ones the text has
 */
export function compile(engine, settings, characters) {
  const { layers, context, batch, steps, seed } = settings;
  const optimizer = adamW({
    learningRate: learningRate(steps),
    beta2: 0.99,
    weightDecay: 0.1,
    clipNorm: 1,
  });
  const model = engine.compile(network(settings, characters), {
    inputShape: [context],
    loss: crossEntropy(),
    optimizer,
    batchSize: batch, // for which memory is reserved
    seed,
  });
  // Attention has one initializer for both of its weights, and adds the output of the second.
  for (const { name, data } of model.parameters) {
    if (!name.endsWith("outProjection.weight")) continue;
    data.forEach((weight, i) => (data[i] = weight / manyAdded(layers)));
  }
  return model;
}
