import { execFile } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createProject } from "./project.ts";

const { folder } = createProject();
const dist = join(folder, "node_modules/gradlane/dist");

/** Columns of a line that a terminal shows without a scroll through it. */
const MOST = 200;

/** A string, a template without a value in it, or a regular expression, and nothing beside it. */
const LITERAL = /^(?:return)?(["`/])(?:\\.|(?!\1).)*\1[a-z]*$/;

describe("what is published", () => {
  const files = readdirSync(dist).filter((name) => name.endsWith(".js"));

  it.each(files)("has no long line but for embedded data: %s", (name) => {
    const lines = readFileSync(join(dist, name), "utf8").split("\n");
    const long = lines.filter((line) => line.length > MOST && !LITERAL.test(line));
    expect(long).toEqual([]);
  });

  it("imports no module of Node's where browsers load it", () => {
    const loaded = new Set(["index.js", "static.js", "kernels.js", "digits.js", "safetensors.js"]);
    const texts = Array.from(loaded, function add(name): string {
      const text = readFileSync(join(dist, name), "utf8");
      const others = Array.from(
        text.matchAll(/(?:from|import\(?)\s*["`]\.\/([\w.-]+)["`]/g),
        ([, file]) => file!,
      );
      const fresh = others.filter((file) => !loaded.has(file));
      for (const file of fresh) loaded.add(file);
      return [text, ...fresh.map(add)].join("\n");
    });
    expect([...loaded].some((name) => name.startsWith("table-reader"))).toBe(true);
    expect(texts.join("\n")).not.toMatch(/(?:from|import)\s*["'`]node:/);
  });

  it("is more than one file, the kernels' and the command line's among them", () => {
    expect(files).toEqual(expect.arrayContaining(["index.js", "cli.js", "worker.js"]));
  });
});

/** This version of Node, and those that the environment lists. */
const listed = (process.env.GRADLANE_NODES ?? "").split(":").filter((path) => existsSync(path));
const nodes = [process.execPath, ...listed];

/** Programs that end with an error, and what it says. */
const programs = [
  ['import("gradlane").then((g) => g.dense(-1));', "dense: expected units to be"],
  ['import { dense } from "gradlane"; dense(-1);', "dense: expected units to be"],
  [
    'import { createEngine } from "gradlane"; await createEngine({ threads: 0 });',
    "createEngine: expected threads to be",
  ],
  [
    'import { createEngine } from "gradlane"; await createEngine({ module: new Uint8Array(9) });',
    "CompileError",
  ],
  [
    'import { loadKernels } from "gradlane/kernels"; await loadKernels({});',
    "loadKernels: expected memory to be a WebAssembly.Memory",
  ],
  [
    'import { decodeSafetensors } from "gradlane/safetensors"; decodeSafetensors(new Uint8Array(9));',
    "expected",
  ],
  ['import "gradlane/worker";', "gradlane/worker: expected to be called in a worker"],
] as const;

describe.each(nodes)("an uncaught error in %s", (node) => {
  it.each(programs)("is printed in less than 2 kB: %s", async (program, message) => {
    const args = ["--input-type=module", "--eval", program];
    const failed = promisify(execFile)(node, args, { cwd: folder });
    const { stderr } = await failed.then(
      () => ({ stderr: "" }),
      (error: { stderr: string }) => error,
    );
    expect(stderr).toContain(message);
    expect(stderr.length).toBeLessThan(2000);
  });
});
