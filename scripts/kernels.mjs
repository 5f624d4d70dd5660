// Compiles every build of the kernels and of the benchmark's ceiling, side by side: the targets of
// both configurations. Each becomes a module, too (scripts/embed.mjs).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { repool } from "./pool.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const asc = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");

/** Runs a script in a process of its own, and ends this one if it fails. */
async function run(...args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) process.exit(1);
}

async function make(config, target, { outFile, textFile }) {
  await run(asc, "--config", config, "--target", target);
  if (textFile) repool(`${root}${textFile}`, `${root}${outFile}`);
  await run("scripts/embed.mjs", "deflated", outFile);
}

const builds = ["asconfig.json", "asconfig.ceiling.json"].flatMap((config) => {
  const { targets } = JSON.parse(readFileSync(`${root}${config}`, "utf8"));
  return Object.entries(targets).map(([target, files]) => make(config, target, files));
});
await Promise.all(builds);
