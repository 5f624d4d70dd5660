import { type UserConfig, defineConfig } from "tsdown";
import { shortLines } from "./scripts/lines.ts";

/** Scripts that scripts/embed.mjs makes modules of: each is whole in one file. */
const script: UserConfig = {
  outDir: "build/scripts",
  clean: false,
  format: "iife",
  minify: true,
  dts: false,
  logLevel: "error",
  outputOptions: { entryFileNames: "[name].js" },
  inputOptions: { checks: { pluginTimings: false } },
};

export default defineConfig([
  // The benchmark's page, charts and all.
  {
    ...script,
    entry: { page: "src/cli/bench/page/page.ts" },
    platform: "browser",
    target: "es2022",
    deps: { alwaysBundle: [/./] },
  },
  // What lanes are run by, which is in the package as a file too. It is a script as much as a module,
  // because what bundlers copy may come to stand in a project of CommonJS.
  {
    ...script,
    entry: { worker: "src/threads/worker.ts" },
    platform: "neutral",
    target: "es2023",
    plugins: [shortLines],
  },
]);
