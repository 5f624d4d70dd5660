// Trains two networks with the built package and prints the SHA-256 of each one's parameters. A
// script of its own, because it is run by other versions of Node.
import { createHash } from "node:crypto";
import { adam, createEngine, crossEntropy, dense, sequential, sgd } from "../../dist/index.js";
import { loadDigits } from "../../dist/digits.js";

const engine = await createEngine();
const { train } = await loadDigits();

const networks = {
  relu: [[dense(64, { activation: "relu" }), dense(10)], adam({ learningRate: 1e-3 })],
  smooth: [
    [dense(24, { activation: "tanh" }), dense(17, { activation: "sigmoid" }), dense(10)],
    sgd({ learningRate: 0.1, momentum: 0.9 }),
  ],
};

const hashes = {};
for (const [name, [layers, optimizer]] of Object.entries(networks)) {
  const model = engine.compile(sequential(layers), {
    inputShape: [64],
    loss: crossEntropy(),
    optimizer,
    seed: 5,
  });
  await model.fit(train, { epochs: 3, batchSize: 32 });
  const hash = createHash("sha256");
  for (const { data } of model.parameters) hash.update(data);
  hashes[name] = hash.digest("hex");
}
console.log(JSON.stringify(hashes));
