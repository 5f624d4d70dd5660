import { expect, it } from "vitest";
import {
  adamW,
  createEngine,
  crossEntropy,
  embedding,
  layerNorm,
  positionEmbedding,
  sequential,
  transformerBlock,
  unembedding,
} from "../../src/index.ts";

it("a GPT of ten million parameters trains in the memory that is planned before it starts", async () => {
  const [layers, heads, width, context, vocabulary] = [6, 6, 384, 64, 65];
  const table = embedding(vocabulary, width);
  const options = { causal: true, normFirst: true, activation: "gelu" } as const;
  const blocks = Array.from({ length: layers }, () => transformerBlock(heads, 4 * width, options));
  const net = sequential([
    ...[table, positionEmbedding(context), ...blocks, layerNorm(), unembedding(table)],
  ]);
  const engine = await createEngine();
  const optimizer = adamW({ learningRate: 1e-3, clipNorm: 1 });
  const settings = { loss: crossEntropy(), optimizer, batchSize: 2, seed: 1 };
  const model = engine.compile(net, { inputShape: [context], ...settings });
  const planned = model.memoryPlan;
  const { buffer } = engine.memory;
  const parameters = model.parameters.reduce((sum, { data }) => sum + data.length, 0);
  expect(parameters).toBeGreaterThan(10e6);
  // Weights, gradients and two moments, and less than half of that for two short sequences.
  expect(planned.parameters + planned.gradients + planned.state).toBeGreaterThan(16 * parameters);
  expect(planned.total).toBeLessThan(24 * parameters);
  const ids = Int32Array.from({ length: 2 * context + 1 }, (_, i) => (i * 7) % vocabulary);
  const step = (): number => model.trainStep(ids.subarray(0, -1), ids.subarray(1));
  const first = step();
  step();
  expect(step()).toBeLessThan(first);
  expect(model.memoryPlan).toEqual(planned);
  expect(engine.memory.buffer).toBe(buffer);
  engine.dispose();
});
