import { adam, crossEntropy, dense, sequential } from "../../src/index.ts";
import type { CompileOptions, Engine, Model, Network } from "../../src/index.ts";
import { classLabels, floats } from "../engine/fixtures.ts";

export const FEATURES = 5;
export const CLASSES = 3;
export const COUNT = 50;

/** Fifty examples of five features in three classes. */
export const data = {
  x: floats(COUNT * FEATURES, 1),
  y: classLabels(COUNT, CLASSES, 2),
};

/** The rows of class indices as one-hot rows. */
export function oneHot(labels: ArrayLike<number>, classes: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(labels.length * classes);
  Array.from(labels, (label, i) => (rows[i * classes + label] = 1));
  return rows;
}

const hidden = sequential([dense(8, { activation: "tanh" }), dense(CLASSES)]);

/** A 5-8-3 classifier, planned for batches of 16. */
export function classifier(
  engine: Engine,
  { network = hidden, ...options }: Partial<CompileOptions> & { network?: Network } = {},
): Model {
  return engine.compile(network, {
    inputShape: [FEATURES],
    loss: crossEntropy(),
    optimizer: adam({ learningRate: 0.01 }),
    metrics: ["accuracy"],
    seed: 7,
    batchSize: 16,
    ...options,
  });
}
