// Compiles every build of the kernels, side by side: the targets of asconfig.json.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const { targets } = JSON.parse(readFileSync(new URL("asconfig.json", root), "utf8"));
const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");

const exits = Object.keys(targets).map(async (target) => {
  const options = ["--config", "asconfig.json", "--target", target];
  const compiler = spawn(process.execPath, [asc, ...options], {
    cwd: fileURLToPath(root),
    stdio: "inherit",
  });
  const [code] = await once(compiler, "exit");
  return code;
});
process.exitCode = (await Promise.all(exits)).some((code) => code !== 0) ? 1 : 0;
