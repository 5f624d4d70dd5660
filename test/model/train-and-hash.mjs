// Trains three networks with the built package and prints what it ran on and the SHA-256 of each one's
// parameters and buffers. A script of its own, because it is run by other versions of Node; the engine's
// options are its argument, as JSON.
import { createHash } from "node:crypto";
import {
  adam,
  adamW,
  batchNorm,
  cosineDecay,
  createEngine,
  crossEntropy,
  dense,
  dropout,
  glorotNormal,
  heNormal,
  heUniform,
  l2,
  layerNorm,
  lecunNormal,
  lecunUniform,
  normal,
  orthogonal,
  sequential,
  sgd,
  truncatedNormal,
  uniform,
} from "../../dist/index.js";
import { loadDigits } from "../../dist/digits.js";

const engine = await createEngine(JSON.parse(process.argv[2] ?? "{}"));
const { train } = await loadDigits();

// Every initialiser that draws, and every function of its own that an activation has.
const drawn = [
  [heNormal(), "gelu"],
  [heUniform(), "silu"],
  [glorotNormal(), "mish"],
  [lecunNormal(), "softplus"],
  [lecunUniform(), "elu"],
  [orthogonal(), "selu"],
  [truncatedNormal(0, 0.2), "geluTanh"],
  [normal(0, 0.2), "tanh"],
  [uniform(-0.3, 0.3), "sigmoid"],
].map(([weightInitializer, activation]) => dense(13, { weightInitializer, activation }));

const networks = {
  toolbox: [
    [
      ...drawn.slice(0, 5),
      dropout(0.2),
      batchNorm(),
      ...drawn.slice(5),
      layerNorm(),
      dense(10, { weightPenalty: l2(1e-4) }),
    ],
    adamW({ learningRate: cosineDecay({ learningRate: 0.01, steps: 135 }), clipNorm: 1 }),
  ],
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
  for (const { data } of [...model.parameters, ...model.buffers]) hash.update(data);
  hashes[name] = hash.digest("hex");
}
console.log(JSON.stringify({ info: engine.info, hashes }));
