import { defineConfig } from "tsdown";

/** The script of the benchmark's page, charts and all, which scripts/embed.mjs makes a module of. */
export default defineConfig({
  entry: { page: "src/cli/bench/page/page.ts" },
  outDir: "build/page",
  format: "iife",
  platform: "browser",
  target: "es2022",
  minify: true,
  dts: false,
  logLevel: "error",
  deps: { alwaysBundle: [/./] },
  outputOptions: { entryFileNames: "page.js" },
  inputOptions: { checks: { pluginTimings: false } },
});
