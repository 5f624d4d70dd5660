// Takes steps with the built package on one thread and on several, and prints the hashes of both: a
// script of its own, because it is run by other versions of Node. Arguments: threads, steps, and the
// engine's other options as JSON.
import { adam, createEngine, crossEntropy, dense, sequential } from "../../dist/index.js";
import { loadDigits } from "../../dist/digits.js";
import { hashOf } from "../model/golden.mjs";

const [threads, steps, options = "{}"] = process.argv.slice(2);
const { train } = await loadDigits();

/** Trains for `steps` steps; returns the hash of the weights. */
async function trainOn(threads) {
  const engine = await createEngine({ threads, ...JSON.parse(options) });
  const model = engine.compile(sequential([dense(192, { activation: "relu" }), dense(10)]), {
    inputShape: [64],
    loss: crossEntropy(),
    optimizer: adam({ clipNorm: 1 }),
    seed: 3,
  });
  let left = Number(steps);
  const onBatchEnd = (_batch, { stop }) => {
    if (--left === 0) stop();
  };
  await model.fit(train, { epochs: left, batchSize: 48, callbacks: [{ onBatchEnd }] });
  const ended = { hash: await hashOf(model), info: engine.info };
  engine.dispose();
  return ended;
}

const [one, several] = [await trainOn(1), await trainOn(Number(threads))];
console.log(JSON.stringify({ one, several }));
