// Runs the steps of a build, but for those whose outputs are already what they would make.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";

/** Inputs of every step: the versions of its tools, as wanted and as npm installed them. */
const TOOLS = ["package-lock.json", "node_modules/.package-lock.json"];

/**
 * Runs the steps that are not up to date, each as soon as the steps are done whose outputs it reads
 * and which stand before it. A step is up to date if neither its definition, nor an input, nor an
 * output, nor the version of Node has changed since it ran to its end: build/stamps/NAME has their
 * hashes. Contents are compared and not times, so it does not matter how a file came to be as it is.
 *
 * @param root absolute path of the folder that paths are in and commands run in
 * @param steps `{ name, about, inputs, outputs, commands }`: inputs and outputs are files or
 * folders; commands are arguments of node, first of all a script, which is an input too
 * @param options `force` runs every step; `say` is called with each step that begins
 * @returns the names of the steps that ran
 * @throws Error if a step fails, after those that run beside it have ended
 */
export async function bringUpToDate(root, steps, { force = false, say } = {}) {
  const ended = new Map();
  for (const step of steps) {
    const before = steps.filter((other) => ended.has(other) && feeds(other, step));
    const waited = Promise.all(before.map((other) => ended.get(other)));
    ended.set(
      step,
      waited.then(() => bring(root, step, { force, say })),
    );
  }
  const results = await Promise.allSettled(ended.values());
  const failed = results.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
  return steps.filter((_, i) => results[i].value).map(({ name }) => name);
}

/** Returns the steps of some names and all that they need, which are those whose outputs they read. */
export function withNeeded(steps, names) {
  const found = new Set(steps.filter(({ name }) => names.includes(name)));
  // A Set goes on to elements that join it on the way.
  for (const step of found) {
    for (const other of steps) if (other !== step && feeds(other, step)) found.add(other);
  }
  return steps.filter((step) => found.has(step));
}

/** Says if a step reads what another makes. */
function feeds({ outputs }, { inputs }) {
  const isWithin = (path, folder) => `${path}/`.startsWith(`${folder}/`);
  return inputs.some((input) =>
    outputs.some((output) => isWithin(input, output) || isWithin(output, input)),
  );
}

/** Returns the path of a step's stamp. */
function stampOf(root, { name }) {
  return join(root, "build/stamps", name);
}

/** A hash of all that decides what a step makes. */
function digestBefore(root, { inputs, outputs, commands }) {
  const scripts = commands.map(([script]) => script);
  const definition = [inputs, outputs, commands, process.version];
  return digest(root, [...inputs, ...scripts, ...TOOLS], definition);
}

/** Says if a step has made its outputs from its inputs as they are. */
export function isUpToDate(root, step) {
  const stamp = stampOf(root, step);
  if (!existsSync(stamp)) return false;
  const now = `${digestBefore(root, step)} ${digest(root, step.outputs)}`;
  return readFileSync(stamp, "utf8") === now;
}

/** Runs a step unless it is up to date, and says if it did. */
async function bring(root, step, { force, say }) {
  const { name, inputs, outputs, commands } = step;
  check(root, `${name}: expected its input`, inputs);
  if (!force && isUpToDate(root, step)) return false;
  const stamp = stampOf(root, step);
  const before = digestBefore(root, step);
  rmSync(stamp, { force: true });
  // Folders may hold what is made no more. Files are written over: a watcher takes one that has
  // been away for a moment for unchanged.
  const folders = outputs.map((output) => join(root, output)).filter(isFolder);
  for (const folder of folders) rmSync(folder, { recursive: true });
  say?.(step);
  for (const command of commands) await run(root, name, command);
  check(root, `${name}: expected its output`, outputs);
  mkdirSync(join(root, "build/stamps"), { recursive: true });
  writeFileSync(stamp, `${before} ${digest(root, outputs)}`);
  return true;
}

function check(root, expected, paths) {
  const missing = paths.find((path) => !existsSync(join(root, path)));
  if (missing !== undefined) throw new Error(`${expected} ${missing}, there is none`);
}

async function run(root, name, args) {
  // What tools print joins what is said of the build.
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
  const [code, signal] = await once(child, "exit");
  if (code !== 0) throw new Error(`${name}: ${args[0]} ended with ${signal ?? `code ${code}`}`);
}

/** A hash over the files of paths, by their names and contents, and over other values. */
function digest(root, paths, values = []) {
  const hash = createHash("sha256").update(JSON.stringify(values));
  for (const path of paths) {
    const files = filesOf(join(root, path));
    hash.update(`\n${path}: ${files.length} files`);
    for (const file of files) {
      const bytes = readFileSync(file);
      hash.update(`\n${relative(root, file)}: ${bytes.length} bytes\n`).update(bytes);
    }
  }
  return hash.digest("hex");
}

function isFolder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The file at a path, or all files in the folder there, in the order of their names. */
function filesOf(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return [];
  if (!stats.isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
