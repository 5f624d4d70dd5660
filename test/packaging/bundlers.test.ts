import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ISOLATION, ISOLATION_AND_FILES, moduleHtml, serve, visit } from "./chromium.ts";
import { onOneThread, onTwoThreads } from "./golden.ts";
import { type Output, type Project, WASM_ADDRESS, createProject, guide } from "./project.ts";
import { browser, command, row } from "./tools.ts";

const own = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));

/** A bundler, and how its users make a page in out/ of bundled.mjs. */
interface Bundler {
  readonly name: string;
  /** Modules of test/packaging/package.json. */
  readonly tools: readonly string[];
  /** Module from which the page gets the address of `gradlane/kernels.wasm`, and its worker. */
  readonly addresses: string;
  readonly build: (project: Project) => Promise<Output>;
  /** The script of the page, where the bundler makes none. */
  readonly script?: string;
}

/** Entries, as docs/bundlers.md has them. */
const WORKER_ENTRY = "worker=gradlane/worker";
const WORKER_INPUT = 'worker: "gradlane/worker"';

/** The worker of the page, from a file that is written as bundlers look for it. */
function openTrainer(file: string): string {
  const worker = `new Worker(new URL("./${file}", import.meta.url), { type: "module" })`;
  return `export const openTrainer = () => ${worker};`;
}

const found = `
export const moduleUrl = ${WASM_ADDRESS};
${openTrainer("trainer.mjs")}`;

/** Module for bundlers to which the worker is an entry, under the name that its file is to have. */
const told = `
export { default as moduleUrl } from "gradlane/kernels.wasm";
${openTrainer("trainer.js")}`;

const rollupConfig = `
import resolve from "@rollup/plugin-node-resolve";
import url from "@rollup/plugin-url";
export default {
  input: { main: "bundled.mjs", trainer: "trainer.mjs", ${WORKER_INPUT} },
  output: { dir: "out" },
  plugins: [resolve(), url({ include: "**/*.wasm", limit: 0 })],
};`;

const esbuildEntries = ["main=bundled.mjs", "trainer=trainer.mjs", WORKER_ENTRY];
const esbuildFlags = [
  ...["--bundle", "--format=esm", "--splitting", "--loader:.wasm=file", "--outdir=out"],
];

const bundlers: readonly Bundler[] = [
  {
    name: "Vite",
    tools: [],
    addresses: found,
    build: ({ run }) => run(join(own, "vite"), "build", "--outDir", "out"),
  },
  {
    name: "webpack",
    tools: ["webpack", "webpack-cli"],
    addresses: found,
    // Its hints are about assets above 244 KiB, which this program has; sizes have a test of their own.
    build: ({ run }) =>
      run(
        command("webpack"),
        ...["./bundled.mjs", "--mode=production", "--no-performance", "-o", "out"],
      ),
    script: "main.js",
  },
  {
    name: "esbuild",
    tools: [],
    addresses: told,
    build: ({ run }) => run(join(own, "esbuild"), ...esbuildEntries, ...esbuildFlags),
    script: "main.js",
  },
  {
    name: "Rollup",
    tools: ["rollup", "@rollup/plugin-node-resolve", "@rollup/plugin-url"],
    addresses: told,
    build: ({ run, write, link }) => {
      link("@rollup");
      write("rollup.config.mjs", rollupConfig);
      return run(command("rollup"), "--config");
    },
    script: "main.js",
  },
];

it("takes what docs/bundlers.md says", () => {
  expect(esbuildEntries.filter((entry) => guide.includes(entry))).toEqual([WORKER_ENTRY]);
  for (const text of [WORKER_INPUT, WASM_ADDRESS]) expect(guide).toContain(`\`${text}\``);
  for (const [name, value] of Object.entries(ISOLATION)) {
    expect(guide).toContain(`\n${name}: ${value}\n`);
  }
});

for (const { name, tools, addresses, build, script } of bundlers) {
  row(`${name} bundles the package for a page`, [...browser, ...tools], async () => {
    const project = createProject();
    project.write("addresses.mjs", addresses);
    project.write("index.html", moduleHtml("bundled.mjs"));
    const { stdout, stderr } = await build(project);
    expect(`${stdout}${stderr}`).not.toMatch(/warn/i);
    const out = join(project.folder, "out");
    if (script) project.write("out/index.html", moduleHtml(script));
    await serve(out, ISOLATION_AND_FILES, async (address) => {
      for (const expected of [onOneThread, onTwoThreads]) {
        const url = `${address}?threads=${expected.threads}`;
        const { values, console } = await visit(url, "trained", "product", "remote");
        expect(values).toEqual([expected, [19, 22, 43, 50], expected]);
        expect(console).toEqual([]);
      }
    });
  });
}
