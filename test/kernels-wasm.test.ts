import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build as bundle } from "esbuild";
import { build as viteBuild } from "vite";
import { afterAll, describe, expect, it } from "vitest";
import { buildBytes } from "../src/runtime/build.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A project that has the package installed, and nothing else. */
const folder = mkdtempSync(join(tmpdir(), "gradlane-wasm-"));
mkdirSync(join(folder, "node_modules"));
symlinkSync(root, join(folder, "node_modules", "gradlane"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A program that fetches or reads its kernels, by an address in `url`, and calls one. */
const program = (url: string) => `
  ${url}
  const bytes = url.startsWith("data:")
    ? await (await fetch(url)).arrayBuffer()
    : await (await import("node:fs/promises")).readFile(new URL(url, import.meta.url));
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
  const x = new Float32Array(memory.buffer, 64, 3).fill(-1);
  instance.exports.abs(64, 64, 3, 0);
  console.log([...x].join(" "));`;

function run(file: string): string {
  return execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
}

describe("gradlane/kernels.wasm", () => {
  it.each([
    ["gradlane/kernels.wasm", "strict"],
    ["gradlane/kernels.relaxed.wasm", "relaxed"],
    ["gradlane/kernels.threads.wasm", "threads"],
  ] as const)("%s is the %s build", async (name, build) => {
    const file = createRequire(join(folder, "main.js")).resolve(name);
    expect(readFileSync(file).equals(await buildBytes(build))).toBe(true);
  });

  it("is found by Node", () => {
    writeFileSync(
      join(folder, "node.mjs"),
      program('const url = import.meta.resolve("gradlane/kernels.wasm");'),
    );
    expect(run("node.mjs")).toBe("1 1 1\n");
  });

  it("is found by esbuild, as a file", async () => {
    const source = program('import url from "gradlane/kernels.wasm";');
    writeFileSync(join(folder, "source.mjs"), source);
    await bundle({
      entryPoints: [join(folder, "source.mjs")],
      outfile: join(folder, "esbuild", "out.mjs"),
      ...{ bundle: true, format: "esm", platform: "node", loader: { ".wasm": "file" } },
    });
    expect(readdirSync(join(folder, "esbuild")).some((name) => name.endsWith(".wasm"))).toBe(true);
    expect(run("esbuild/out.mjs")).toBe("1 1 1\n");
  });

  it("is found by Vite, as an address", async () => {
    const source = program('import url from "gradlane/kernels.wasm?url";');
    writeFileSync(join(folder, "vite-source.mjs"), source);
    await viteBuild({
      ...{ root: folder, configFile: false, logLevel: "error" },
      build: {
        outDir: "vite",
        lib: { entry: join(folder, "vite-source.mjs"), formats: ["es"], fileName: "out" },
        rolldownOptions: { external: [/^node:/], output: { entryFileNames: "out.mjs" } },
      },
    });
    expect(run("vite/out.mjs")).toBe("1 1 1\n");
  });
});
