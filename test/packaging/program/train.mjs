// What programs that have installed the package do: train a network on the digits, wide enough
// for two lanes to share its records, and hashes the weights. Every row of the tests runs it.
import { adam, createEngine, crossEntropy, dense, sequential } from "gradlane";
import { loadDigits } from "gradlane/digits";

async function sha256(arrays) {
  const bytes = await new Blob(arrays.map((array) => array.slice())).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Trains on an engine with these options; what it ran on, and the hash of the weights. */
export async function train(options) {
  const engine = await createEngine(options);
  const relu = { activation: "relu" };
  const net = sequential([dense(128, relu), dense(64, relu), dense(10)]);
  const model = engine.compile(net, {
    inputShape: [64],
    loss: crossEntropy(),
    optimizer: adam(),
    seed: 5,
  });
  const digits = await loadDigits();
  await model.fit(digits.train, { epochs: 3, batchSize: 64 });
  const weightsSha256 = await sha256(model.parameters.map(({ data }) => data));
  const { build, threads, notes } = engine.info;
  engine.dispose();
  return { build, threads, notes, weightsSha256 };
}
