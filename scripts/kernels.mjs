// Compiles every build of the kernels and of the benchmark's ceiling, side by side: the targets of
// both configurations. That takes a minute, so it is left out where nothing has changed since.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const require = createRequire(import.meta.url);
const CONFIGS = ["asconfig.json", "asconfig.ceiling.json"];
const builds = CONFIGS.flatMap((config) => {
  const { targets } = JSON.parse(readFileSync(new URL(config, root), "utf8"));
  return Object.entries(targets).map(([target, { outFile }]) => ({
    options: ["--config", config, "--target", target],
    outFile: new URL(outFile, root),
  }));
});

/** A hash over all that decides what comes out. */
function digest() {
  const assembly = readdirSync(new URL("assembly/", root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`)
    .sort();
  const scripts = ["kernels", "pool", "order"].map((name) => `scripts/${name}.mjs`);
  const others = [...CONFIGS, ...scripts].map((path) => fileURLToPath(new URL(path, root)));
  const hash = createHash("sha256").update(require("assemblyscript/package.json").version);
  for (const path of [...assembly, ...others])
    hash.update(`\n${path}\n`).update(readFileSync(path));
  return hash.digest("hex");
}

async function compile({ options }) {
  const asc = require.resolve("assemblyscript/bin/asc.js");
  const compiler = spawn(process.execPath, [asc, ...options], {
    cwd: fileURLToPath(root),
    stdio: "inherit",
  });
  const [code] = await once(compiler, "exit");
  return code;
}

const stamp = new URL("build/asc/inputs.sha256", root);
const inputs = digest();
const isMade = existsSync(stamp) && readFileSync(stamp, "utf8") === inputs;
if (isMade && builds.every(({ outFile }) => existsSync(outFile))) {
  console.log("kernels: nothing has changed");
} else {
  rmSync(stamp, { force: true });
  if ((await Promise.all(builds.map(compile))).some((code) => code !== 0)) process.exit(1);
  await import("./pool.mjs");
  writeFileSync(stamp, inputs);
}
