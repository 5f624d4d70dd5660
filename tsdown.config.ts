import { fileURLToPath } from "node:url";
import { type UserConfig, defineConfig } from "tsdown";
import { noFacades } from "./scripts/facades.ts";
import { shortLines } from "./scripts/lines.ts";
import { papaparseModule } from "./scripts/papaparse.ts";
import { unnamedWords } from "./scripts/words.ts";

const common: UserConfig = {
  platform: "node",
  target: "es2023",
  fixedExtension: false,
  logLevel: "error",
  inputOptions: { checks: { pluginTimings: false } },
  // Leaves out the part of PapaParse that needs Node's streams, which browsers' bundlers would look for.
  define: { PAPA_BROWSER_CONTEXT: "true" },
};

/** Rolldown's view of the modules while it makes chunks of them. */
interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** All that a file of src imports, and what that imports, but not what is imported on demand. */
function closure(file: string, modules: Modules): Set<string> {
  const found = new Set<string>();
  const waiting = [fileURLToPath(new URL(`src/${file}`, import.meta.url))];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(modules.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

/**
 * Three files for the library, which Node imports in two thirds of the time that seven take: what the
 * kernels alone need; what the reader of tables shares with the rest; and the rest, which a bundler would
 * not get out of one file with them. With the second one in the rest, Vite does not put a worker that reads no
 * tables into one file: the reader, which nobody imports there, would import the worker.
 */
const CHUNKS = [
  { name: "runtime", files: ["kernels.ts"] },
  { name: "data", files: ["data/table-reader.ts", "index.ts"] },
  { name: "gradlane", files: ["index.ts"] },
];

/**
 * The library and the command line in one go, so that they share chunks. The small packages that
 * the command line is made of are bundled; the library has none and runs on any platform.
 */
export default defineConfig({
  ...common,
  entry: {
    index: "src/index.ts",
    static: "src/static.ts",
    digits: "src/data/digits.ts",
    kernels: "src/kernels.ts",
    safetensors: "src/io/safetensors.ts",
    cli: "src/cli/main.ts",
  },
  dts: true,
  // Symbol.dispose is in no edition of lib that projects have by default.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
  // Names are for stack traces, and for errors that say what came: "got Tensor".
  minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
  plugins: [papaparseModule, unnamedWords, noFacades, shortLines],
  deps: { onlyBundle: false },
  // What Node reads instead of decoding what is embedded, and what other hosts load.
  copy: [
    ...["strict", "relaxed", "threads"].map((build) => `build/asc/${build}.wasm`),
    "src/kernels.wasm.d.ts",
    "build/scripts/worker.js",
    "src/worker.d.ts",
  ],
  outputOptions: {
    // For noFacades; bundlers shorten them anyway.
    minifyInternalExports: false,
    codeSplitting: {
      groups: CHUNKS.map(({ name, files }) => {
        let closures: Set<string>[] | undefined;
        return {
          name: (id: string, modules: Modules) => {
            closures ??= files.map((file) => closure(file, modules));
            return closures.every((own) => own.has(id)) ? name : null;
          },
        };
      }),
    },
  },
});
