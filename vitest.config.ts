import { defineConfig } from "vitest/config";
import type { Build } from "./src/wasm/build.ts";
import "./test/support/provided.ts";
import { browserProjects, skippedBrowsers } from "./test/browsers/projects.ts";

// Node 20 has relaxed SIMD behind a flag, which later versions do not know.
const isOld = parseInt(process.versions.node) < 22;
const relaxed = isOld ? ["--experimental-wasm-relaxed-simd"] : [];

/** The tests of the kernels, over a build of theirs that is not the default. */
function kernelsOf(build: Build, execArgv: string[] = []) {
  const test = { name: build, include: ["test/kernels/**/*.test.ts"], execArgv };
  return { extends: true as const, test: { ...test, provide: { build } } };
}

export default defineConfig({
  test: {
    provide: { build: "strict", isolated: true },
    projects: [
      {
        extends: true,
        test: {
          name: "strict",
          include: ["test/**/*.test.ts"],
          exclude: ["**/node_modules/**", "test/**/*.page.test.ts"],
        },
      },
      kernelsOf("relaxed", relaxed),
      kernelsOf("threads"),
      ...browserProjects,
    ],
    reporters: ["default", skippedBrowsers],
    // Some cases train networks or start other versions of Node; machines differ widely.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
