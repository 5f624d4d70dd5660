import { defineConfig } from "tsdown";

/**
 * The library and the command line in one go, so that they share chunks. The small packages that
 * the command line is made of are bundled; the library has none and runs on any platform.
 */
export default defineConfig({
  entry: {
    index: "src/index.ts",
    digits: "src/data/digits.ts",
    kernels: "src/kernels.ts",
    cli: "src/cli/main.ts",
  },
  platform: "node",
  target: "es2023",
  dts: true,
  // Symbol.dispose is in no edition of lib that projects have by default.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
  fixedExtension: false,
  logLevel: "error",
  deps: { onlyBundle: false },
  inputOptions: { checks: { pluginTimings: false } },
});
