// Compiles every build of the kernels and of the benchmark's ceiling, side by side: the targets of
// both configurations.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const builds = ["asconfig.json", "asconfig.ceiling.json"].flatMap((config) => {
  const { targets } = JSON.parse(readFileSync(new URL(config, root), "utf8"));
  return Object.keys(targets).map((target) => ["--config", config, "--target", target]);
});
const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");

const exits = builds.map(async (options) => {
  const compiler = spawn(process.execPath, [asc, ...options], {
    cwd: fileURLToPath(root),
    stdio: "inherit",
  });
  const [code] = await once(compiler, "exit");
  return code;
});
process.exitCode = (await Promise.all(exits)).some((code) => code !== 0) ? 1 : 0;
