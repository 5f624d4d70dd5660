import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { WorkGroup } from "./work.ts";

/** Program of the new process: it imports, trains one step and prints the milliseconds. */
const script = (library: string): string => `
  const start = performance.now();
  const { adam, createEngine, crossEntropy, dense, sequential } = await import("${library}");
  const engine = await createEngine();
  const net = sequential([dense(128, { activation: "relu" }), dense(10)]);
  const model = engine.compile(net, {
    inputShape: [784], loss: crossEntropy(), optimizer: adam(), batchSize: 64 });
  model.trainStep(new Float32Array(64 * 784), new Int32Array(64));
  console.log(performance.now() - start);`;

/** Returns the milliseconds from the import to the end of the first step in a new process. */
function start(library: string): number {
  const args = ["--input-type=module", "--eval", script(library)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`start-up: the new process failed: ${stderr.trim()}`);
  return Number(stdout);
}

export const startupWorks: WorkGroup = {
  name: "start-up",
  summary: "import to the end of the first step of 784-128-10 (64), in a fresh process",
  works: [
    {
      name: "startup",
      prepare() {
        // The built package that this file belongs to.
        const library = pathToFileURL(createRequire(import.meta.url).resolve("gradlane")).href;
        return { yardstick: { kind: "none" }, timesItself: true, run: () => start(library) };
      },
    },
  ],
};
