import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { ISOLATION, serve, visit } from "./chromium.ts";
import { onOneLane, onTwoLanes } from "./golden.ts";
import { type Output, type Project, createProject } from "./project.ts";
import { command, row } from "./tools.ts";

const own = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));

/** How people bundle page.mjs, as index.html in out/. */
interface Bundler {
  readonly name: string;
  /** Modules of test/packaging/package.json. */
  readonly tools: readonly string[];
  /** The line by which page.mjs gets the address of `gradlane/kernels.wasm`. */
  readonly moduleUrl: string;
  readonly build: (project: Project) => Promise<Output>;
  /** The script of the page, where the bundler makes no page. */
  readonly script?: string;
}

const IMPORTED = 'export { default as moduleUrl } from "gradlane/kernels.wasm";';
const ADDRESS = 'export const moduleUrl = new URL("gradlane/kernels.wasm", import.meta.url);';

const rollupConfig = `
import resolve from "@rollup/plugin-node-resolve";
import url from "@rollup/plugin-url";
export default {
  input: { page: "page.mjs", worker: "gradlane/worker" },
  output: { dir: "out" },
  plugins: [resolve(), url({ include: "**/*.wasm", limit: 0 })],
};`;

const esbuildFlags = ["--bundle", "--format=esm", "--splitting", "--loader:.wasm=file"];

const bundlers: readonly Bundler[] = [
  {
    name: "Vite",
    tools: [],
    moduleUrl: ADDRESS,
    build: ({ run }) => run(join(own, "vite"), "build", "--outDir", "out"),
  },
  {
    name: "webpack",
    tools: ["webpack", "webpack-cli"],
    moduleUrl: ADDRESS,
    build: ({ run }) => run(command("webpack"), "./page.mjs", "--mode=production", "-o", "out"),
    script: "main.js",
  },
  {
    name: "esbuild",
    tools: [],
    moduleUrl: IMPORTED,
    build: ({ run }) =>
      run(
        join(own, "esbuild"),
        "page.mjs",
        "worker=gradlane/worker",
        ...esbuildFlags,
        "--outdir=out",
      ),
    script: "page.js",
  },
  {
    name: "Rollup",
    tools: ["rollup", "@rollup/plugin-node-resolve", "@rollup/plugin-url"],
    moduleUrl: IMPORTED,
    build: ({ run, write, link }) => {
      link("@rollup");
      write("rollup.config.mjs", rollupConfig);
      return run(command("rollup"), "--config");
    },
    script: "page.js",
  },
];

describe.each(bundlers)("$name", ({ tools, moduleUrl, build, script }) => {
  row("bundles the package for a page", ["chromium", "playwright-core", ...tools], async () => {
    const project = createProject();
    project.write("module-url.mjs", moduleUrl);
    const { stdout, stderr } = await build(project);
    expect(`${stdout}${stderr}`).not.toMatch(/warn/i);
    const out = join(project.folder, "out");
    if (script) {
      const html = readFileSync(join(project.folder, "index.html"), "utf8");
      project.write("out/index.html", html.replace("page.mjs", script));
    }
    await serve(out, ISOLATION, async (address) => {
      for (const expected of [onOneLane, onTwoLanes]) {
        const url = `${address}?threads=${expected.threads}`;
        const { values, console } = await visit(url, "trained", "product");
        expect(values).toEqual([expected, [19, 22, 43, 50]]);
        expect(console).toEqual([]);
      }
    });
  });
});
