// Who is compared, and how each is started.
import { fileURLToPath } from "node:url";

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));

/** Debian's packages are in Debian's Python, whichever is first on the PATH. */
const PYTHON = process.env.PYTHON ?? "/usr/bin/python3";

const inNode = (file, fixed) => (options) => ({
  command: process.execPath,
  args: [pathOf("worker.mjs"), file, JSON.stringify({ ...fixed, ...options })],
});

const inPython = (name, threads) => () => ({
  command: PYTHON,
  args: [pathOf("native.py"), name, String(threads)],
  env: { OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads) },
});

/**
 * All peers, in the order of the table's columns. Each runs its numbers as "wasm", as "js" or as
 * "native" code, and on one thread unless `threads` says otherwise. `slow` are the kinds of work of
 * which a call takes seconds or minutes.
 */
export const peers = [
  { name: "gradlane", runs: "wasm", start: inNode("gradlane.mjs") },
  { name: "tfjs-wasm", runs: "wasm", start: inNode("tfjs.mjs") },
  { name: "onnxruntime-web", runs: "wasm", start: inNode("onnxruntime.mjs") },
  {
    name: "tfjs-cpu",
    runs: "js",
    slow: ["convnet"],
    start: inNode("tfjs.mjs", { backend: "cpu" }),
  },
  { name: "jax-js", runs: "wasm", slow: ["convnet"], start: inNode("jax.mjs") },
  { name: "brain.js", runs: "js", start: inNode("brain.mjs") },
  { name: "numpy", runs: "native", start: inPython("numpy", 1) },
  { name: "pytorch", runs: "native", start: inPython("pytorch", 1) },
  { name: "pytorch-2", runs: "native", threads: 2, start: inPython("pytorch", 2) },
];
