// The kernels from a host that is not gradlane's code: a WebAssembly module, a memory, addresses. A
// network of 2, 8 and 1 neurons learns exclusive or; host.cpp does the same in C++, to the same bits.
// Run: node examples/embed/raw.mjs [file.wasm]   (after npm run build)
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const file = process.argv[2] ?? fileURLToPath(import.meta.resolve("gradlane/kernels.wasm"));
const memory = new WebAssembly.Memory({ initial: 2 });
const { instance } = await WebAssembly.instantiate(await readFile(file), { env: { memory } });
const k = instance.exports;

const [BATCH, INPUTS, HIDDEN] = [4, 2, 8];
const WEIGHTS = INPUTS * HIDDEN + HIDDEN + HIDDEN + 1;

/** End of the places in memory, which follow each other from byte 64 on. */
let end = 64;
function place(floats) {
  const at = end;
  end += 4 * floats;
  return at;
}
const [x, t, share, loss] = [BATCH * INPUTS, BATCH, BATCH, 1].map(place);
const [W1, b1, W2, b2] = [INPUTS * HIDDEN, HIDDEN, HIDDEN, 1].map(place);
const [dW1, db1, dW2, db2] = [INPUTS * HIDDEN, HIDDEN, HIDDEN, 1].map(place);
const [m, v] = [WEIGHTS, WEIGHTS].map(place);
const [h, dh, z, dz, losses] = [BATCH * HIDDEN, BATCH * HIDDEN, BATCH, BATCH, BATCH].map(place);
const scratch = end;

const floats = (at, count) => new Float32Array(memory.buffer, at, count);
floats(x, 8).set([0, 0, 0, 1, 1, 0, 1, 1]);
floats(t, 4).set([0, 1, 1, 0]);
floats(share, BATCH).fill(1 / BATCH);
k.randomUniform(W1, INPUTS * HIDDEN, -1, 1, 7, 0, 0);
k.randomUniform(W2, HIDDEN, -1, 1, 7, 0, 1);

let [power1, power2] = [1, 1];
for (let step = 1; step <= 300; step++) {
  // h = tanh(x·W1 + b1), z = h·W2 + b2
  k.sgemm(0, 0, BATCH, HIDDEN, INPUTS, 1, x, INPUTS, W1, HIDDEN, 0, h, HIDDEN, scratch);
  for (let row = h; row < h + 4 * BATCH * HIDDEN; row += 4 * HIDDEN) {
    k.add(row, 1, b1, 1, row, HIDDEN);
  }
  k.tanh(h, h, BATCH * HIDDEN, 0);
  k.sgemm(0, 0, BATCH, 1, HIDDEN, 1, h, HIDDEN, W2, 1, 0, z, 1, scratch);
  k.add(z, 1, b2, 0, z, BATCH);
  k.binaryCrossEntropyLogits(z, t, losses, BATCH);
  k.sum(losses, loss, 1, BATCH, 1, 1 / BATCH);

  k.binaryCrossEntropyLogitsGrad(z, t, share, dz, BATCH);
  k.sgemm(1, 0, HIDDEN, 1, BATCH, 1, h, HIDDEN, dz, 1, 0, dW2, 1, scratch);
  k.sum(dz, db2, 1, BATCH, 1, 1);
  k.sgemm(0, 1, BATCH, HIDDEN, 1, 1, dz, 1, W2, 1, 0, dh, HIDDEN, scratch);
  k.tanhGrad(h, dh, dh, BATCH * HIDDEN, 0);
  k.sgemm(1, 0, INPUTS, HIDDEN, BATCH, 1, x, INPUTS, dh, HIDDEN, 0, dW1, HIDDEN, scratch);
  k.sum(dh, db1, 1, BATCH, HIDDEN, 1);

  power1 *= 0.9;
  power2 *= 0.999;
  k.adam(W1, dW1, m, v, WEIGHTS, 0.05, 0.9, 0.999, 1e-8, 1 - power1, 1 - power2);
  if (step % 100 === 0) console.log(`step ${step}: loss ${floats(loss, 1)[0].toFixed(6)}`);
}

k.sigmoid(z, z, BATCH, 0);
console.log(`0^0 0^1 1^0 1^1: ${[...floats(z, 4)].map((p) => p.toFixed(4)).join(" ")}`);

// FNV-1a over the weights' bytes.
let hash = 0x811c9dc5;
for (const byte of new Uint8Array(memory.buffer, W1, 4 * WEIGHTS)) {
  hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
}
console.log(`weights ${hash.toString(16).padStart(8, "0")}`);
