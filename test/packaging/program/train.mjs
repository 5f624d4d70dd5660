// What programs that have installed the package do: train a network on the digits, wide enough for
// two threads to share its instructions, and hash the weights. Every row of the tests runs it.
import { adam, createEngine, crossEntropy, dense, sequential } from "gradlane";
import { loadDigits } from "gradlane/digits";

const relu = { activation: "relu" };

/** Returns the network and the data, as serveTraining takes them. */
export async function createPlan() {
  const { train: data } = await loadDigits();
  const network = sequential([dense(128, relu), dense(64, relu), dense(10)]);
  const compile = { inputShape: [64], loss: crossEntropy(), optimizer: adam(), seed: 5 };
  return { network, compile, data };
}

/** Options of the training. */
export const fit = { epochs: 3, batchSize: 64 };

/**
 * Reports on a training: the build and threads that it ran on, and the hash of all weights in
 * order.
 */
export async function report({ build, threads, notes }, weights) {
  const bytes = await new Blob(weights.map((array) => array.slice())).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const digits = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"));
  return { build, threads, notes, weightsSha256: digits.join("") };
}

/** Trains on an engine with these options. */
export async function train(options) {
  const engine = await createEngine(options);
  const { network, compile, data } = await createPlan();
  const model = engine.compile(network, compile);
  await model.fit(data, fit);
  const weights = model.parameters.map(({ data }) => data);
  const { info } = engine;
  engine.dispose();
  return report(info, weights);
}
