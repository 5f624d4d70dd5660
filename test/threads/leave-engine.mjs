// Takes a few steps on four threads, and then disposes the engine ("dispose") or leaves it as it is:
// the process has to end by itself either way.
import { adam, createEngine, crossEntropy, dense, sequential } from "../../dist/index.js";

const engine = await createEngine({ threads: 4 });
const model = engine.compile(sequential([dense(256), dense(10)]), {
  inputShape: [64],
  loss: crossEntropy(),
  optimizer: adam(),
});
for (let i = 0; i < 20; i++) model.trainStep(new Float32Array(64 * 64), new Int32Array(64));
console.log(`${engine.info.threads} threads`);
if (process.argv[2] === "dispose") engine.dispose();
