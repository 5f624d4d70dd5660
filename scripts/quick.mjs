// The loop of seconds: `npm run test:quick -- [FILE...]` brings the strict build up to date, and what
// scripts/op-methods.mjs makes of the ops. It runs the tests in Node, without those that
// vitest.config.ts lists as slow; files and patterns by name run whatever they are. `npm run dev`
// stays and does so again after each edit (--watch).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { fileURLToPath } from "node:url";
import { steps } from "./steps.mjs";
import { bringUpToDate, isUpToDate, withNeeded } from "./up-to-date.mjs";

const given = process.argv.slice(2);
const isWatching = given[0] === "--watch";
/** Files, and any options of Vitest after them. */
const tests = given.slice(isWatching ? 1 : 0);
const root = fileURLToPath(new URL("../", import.meta.url));
const needed = withNeeded(steps, ["kernels-strict", "digits", "methods"]);
const module = steps.find(({ name }) => name === "module-strict");

/** Writes the same module with a compression that takes no time. */
const quickModule = {
  ...module,
  name: "module-strict-quick",
  commands: [["scripts/embed.mjs", "quickly", ...module.inputs]],
};

const say = (text) => process.stderr.write(`${text}\n`);

/** Runs a command of Node to its end, and returns its exit code. */
async function run(args, env = {}) {
  const options = { cwd: root, stdio: "inherit", env: { ...process.env, ...env } };
  const [code, signal] = await once(spawn(process.execPath, args, options), "exit");
  return signal ? 1 : code;
}

/** Builds what the tests need, and says how long it took. Returns false if it could not. */
async function build() {
  const start = Date.now();
  try {
    const built = await bringUpToDate(root, needed, {
      say: ({ about }) => say(`building ${about}`),
    });
    // The package's module, if it is there, serves as well.
    if (!isUpToDate(root, module)) built.push(...(await bringUpToDate(root, [quickModule])));
    if (built.length > 0) say(`built in ${((Date.now() - start) / 1000).toFixed(1)} s`);
    return true;
  } catch ({ message }) {
    say(`build: ${message}`);
    return false;
  }
}

/** Builds after each change of what the build reads, and once more after changes on the way. */
function rebuildOnChange() {
  let changed = false;
  let building = false;
  const onChange = async () => {
    changed = true;
    if (building) return;
    building = true;
    while (changed) {
      changed = false;
      await build();
    }
    building = false;
  };
  const generated = new Set(needed.flatMap(({ outputs }) => outputs));
  const inputs = new Set(
    needed.flatMap(({ inputs }) => inputs).filter((path) => !generated.has(path)),
  );
  for (const path of inputs) watch(`${root}${path}`, { recursive: true }, onChange);
}

const ready = await build();
if (isWatching) rebuildOnChange();
if (ready || isWatching) {
  const mode = isWatching ? "watch" : "run";
  const args = ["node_modules/vitest/vitest.mjs", mode, "--project", "strict", ...tests];
  const scope = tests.length === 0 || tests[0].startsWith("-") ? "quick" : "named";
  process.exit(await run(args, { GRADLANE_TESTS: scope }));
}
process.exitCode = 1;
