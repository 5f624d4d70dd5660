// Trains with the built package until a thread has used up all memory, and prints the error: a script
// of its own, because it is given little memory.
import { adam, createEngine, crossEntropy, dense, sequential } from "../../dist/index.js";

const { href } = new URL("failing-worker.mjs", import.meta.url);
const failure = `globalThis.failure = { how: "hoard", thread: 1, call: 3 }; await import("${href}");`;
const workerUrl = new URL(`data:text/javascript,${encodeURIComponent(failure)}`);
const engine = await createEngine({ threads: 2, workerUrl });
const model = engine.compile(sequential([dense(256), dense(10)]), {
  inputShape: [64],
  loss: crossEntropy(),
  optimizer: adam(),
});
const [x, y] = [new Float32Array(64 * 64).fill(0.5), new Int32Array(64)];
try {
  for (;;) model.trainStep(x, y);
} catch ({ name, message }) {
  console.log(JSON.stringify({ name, message, threads: engine.info.threads }));
}
