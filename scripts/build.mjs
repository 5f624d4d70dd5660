// Builds what is not up to date: `npm run build`. `node scripts/build.mjs [STEP...] [--force]`
// builds some steps alone, by their names in steps.mjs or by what these begin with, such as kernels
// for kernels-strict and its like; --force also what is up to date.
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { steps } from "./steps.mjs";
import { bringUpToDate } from "./up-to-date.mjs";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { force: { type: "boolean", default: false } },
});
const names = steps.map(({ name }) => name);
const meant = (asked) => names.filter((name) => name === asked || name.startsWith(`${asked}-`));
const unknown = positionals.find((asked) => meant(asked).length === 0);
const chosen = positionals.length === 0 ? names : positionals.flatMap(meant);
const wanted = steps.filter(({ name }) => chosen.includes(name));
const root = fileURLToPath(new URL("../", import.meta.url));
const start = Date.now();

/** Results go to stdout, so what the build says does not. */
const say = (text) => process.stderr.write(`${text}\n`);

/** Says if Vite, which bundles, runs in this version of Node. The package itself needs only 20.16. */
function canBuild() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  return major === 20 ? minor >= 19 : major === 22 ? minor >= 12 : major > 22;
}

try {
  if (!canBuild()) {
    throw new Error(
      `expected Node 20.19 or later (not 21), or 22.12, got ${process.versions.node}`,
    );
  }
  if (unknown !== undefined) throw new Error(`expected ${names.join(", ")}, got ${unknown}`);
  const built = await bringUpToDate(root, wanted, {
    force: values.force,
    say: ({ about }) => say(`building ${about}`),
  });
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  say(built.length > 0 ? `built in ${seconds} s` : "build: up to date");
} catch ({ message }) {
  say(`build: ${message}`);
  process.exitCode = 1;
}
