import { type UserConfig, defineConfig } from "tsdown";

const common: UserConfig = {
  platform: "node",
  target: "es2023",
  fixedExtension: false,
  logLevel: "error",
  inputOptions: { checks: { pluginTimings: false } },
};

/**
 * The library and the command line in one go, so that they share chunks. The small packages that
 * the command line is made of are bundled; the library has none and runs on any platform.
 *
 * The workers' module by itself: it is started by its address, and so has to be one file.
 */
export default defineConfig([
  {
    ...common,
    entry: {
      index: "src/index.ts",
      digits: "src/data/digits.ts",
      kernels: "src/kernels.ts",
      cli: "src/cli/main.ts",
    },
    dts: true,
    // Symbol.dispose is in no edition of lib that projects have by default.
    banner: { dts: '/// <reference lib="esnext.disposable" />' },
    deps: { onlyBundle: false },
  },
  { ...common, entry: { worker: "src/threads/worker.ts" }, dts: false, minify: true },
]);
