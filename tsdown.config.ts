import { defineConfig } from "tsdown";

/** The command line is a bundle of its own, with the small packages that it is made of inside. */
export default defineConfig([
  {
    entry: { index: "src/index.ts", digits: "src/data/digits.ts" },
    platform: "neutral",
    target: "es2023",
    dts: true,
    minify: true,
    fixedExtension: false,
  },
  {
    entry: { cli: "src/cli/main.ts" },
    platform: "node",
    target: "node20",
    dts: false,
    clean: false,
    fixedExtension: false,
  },
]);
