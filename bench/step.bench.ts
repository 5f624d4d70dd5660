import { bench, describe } from "vitest";
import { adam, createEngine, crossEntropy, dense, sequential } from "../src/index.ts";

/** Times a training step with Adam: `npm run bench`. */
const engine = await createEngine();

function stepOf(layers: readonly number[], batch: number): () => void {
  const [features, ...units] = layers as [number, ...number[]];
  const last = units.length - 1;
  const net = sequential(
    units.map((n, i) => dense(n, { activation: i < last ? "relu" : "linear" })),
  );
  const options = { inputShape: [features], loss: crossEntropy(), optimizer: adam() };
  const model = engine.compile(net, { ...options, batchSize: batch });
  const x = Float32Array.from({ length: batch * features }, (_, i) => ((i * 7919) % 1000) / 1000);
  const y = Int32Array.from({ length: batch }, (_, i) => i % units[last]!);
  return () => {
    model.trainStep(x, y);
  };
}

describe("training step", () => {
  bench("2-4-2, batch 4", stepOf([2, 4, 2], 4));
  bench("64-64-10, batch 32", stepOf([64, 64, 10], 32));
  bench("784-128-10, batch 64", stepOf([784, 128, 10], 64));
  bench("784-512-512-10, batch 128", stepOf([784, 512, 512, 10], 128));
});
