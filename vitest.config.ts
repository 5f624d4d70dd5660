import { defineConfig } from "vitest/config";

// Node 20 has relaxed SIMD behind a flag, which later versions do not know.
const isOld = parseInt(process.versions.node) < 22;
const relaxed = isOld ? ["--experimental-wasm-relaxed-simd"] : [];

/** The tests of the kernels, over a build of theirs that is not the default. */
function kernelsOf(build: string, execArgv: string[] = []) {
  const test = { name: build, include: ["test/kernels/**/*.test.ts"], execArgv };
  return { extends: true as const, test: { ...test, env: { GRADLANE_BUILD: build } } };
}

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "strict", include: ["test/**/*.test.ts"] } },
      kernelsOf("relaxed", relaxed),
      kernelsOf("threads"),
    ],
    // Some cases train networks or start other versions of Node; machines differ widely.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
