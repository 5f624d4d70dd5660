// Whether one build of the kernels is faster than another, by benchmark.js's rank test:
// node bench/compare.mjs OLD.wasm NEW.wasm [m n k]
import { readFile } from "node:fs/promises";
import Benchmark from "benchmark";

const [oldFile, newFile, m = 192, n = 192, k = 192] = process.argv.slice(2);
if (!newFile) {
  console.error("usage: node bench/compare.mjs OLD.wasm NEW.wasm [m n k]");
  process.exit(2);
}

const MIB = 1024 * 1024;

/** A matrix product of the sizes asked for, over a memory of its own. */
async function product(file) {
  const memory = new WebAssembly.Memory({ initial: 1024 });
  const { instance } = await WebAssembly.instantiate(await readFile(file), { env: { memory } });
  const { sgemm } = instance.exports;
  return () => sgemm(0, 0, +m, +n, +k, 1, MIB, +k, 16 * MIB, +n, 0, 32 * MIB, +n, 48 * MIB);
}

const files = [oldFile, newFile];
const rounds = 4;
const wins = { [oldFile]: 0, [newFile]: 0, neither: 0 };
for (let round = 0; round < rounds; round++) {
  // Who goes first changes, as the first to run has called equal functions different.
  const order = round % 2 ? files.toReversed() : files;
  const suite = new Benchmark.Suite();
  for (const file of order) suite.add(file, await product(file));
  suite.on("cycle", ({ target }) => console.log(String(target)));
  suite.run();
  const fastest = suite.filter("fastest").map("name");
  wins[fastest.length === 1 ? fastest[0] : "neither"]++;
}
console.log(`fastest in ${rounds} rounds:`, wins);
