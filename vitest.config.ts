import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import type { Build } from "./src/wasm/build.ts";
import "./test/support/provided.ts";
import { browserProjects, skippedBrowsers } from "./test/browsers/projects.ts";

// Node 20 has relaxed SIMD behind a flag, which later versions do not know.
const isOld = parseInt(process.versions.node) < 22;
const relaxed = isOld ? ["--experimental-wasm-relaxed-simd"] : [];

/** Set by scripts/quick.mjs: "quick", or "named" where files are named. */
const scope = process.env.GRADLANE_TESTS;

/**
 * Tests that `npm run test:quick` leaves out unless they are named, by their folder: folders, and
 * files without what follows the first dot. They need other builds or the package, or take longer
 * than most together.
 */
const SLOW = {
  test: [
    ...["browsers", "cli", "docs", "examples", "packaging", "remote", "scripts", "seeds"],
    ...["size", "threads", "torch", "verify"],
  ],
  "test/arguments": ["options"],
  "test/base": ["node-access"],
  "test/engine": ["module"],
  "test/graph": ["finite", "long-sums", "losses", "reductions"],
  "test/io": ["safetensors"],
  "test/kernels": [
    ...["convolution", "convolution-instructions", "derived-instructions", "fences", "formulas"],
    ...["gemm", "instructions", "kernel-abi", "math", "random", "sums", "unary", "words"],
  ],
  "test/memory": ["heap"],
  "test/model": ["bits", "diverged", "errors", "files", "pieces", "printing"],
  "test/optimizers": ["float64"],
  "test/plan": ["plan"],
};

/**
 * Returns patterns for the slow tests.
 * @throws Error for a name that no test has: a renamed one would run among the quick ones
 */
function slowPatterns(): string[] {
  return Object.entries(SLOW).flatMap(([folder, names]) => {
    const found = readdirSync(new URL(folder, import.meta.url)).map((file) => file.split(".")[0]);
    const missing = names.find((name) => !found.includes(name));
    if (missing === undefined) {
      return names.flatMap((name) => [`${folder}/${name}/**`, `${folder}/${name}.*`]);
    }
    throw new Error(`SLOW in vitest.config.ts: expected ${folder}/${missing}, there is none`);
  });
}

const slow = slowPatterns();

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
          // Files share their modules then, as in browsers: loading them takes longer than most tests.
          isolate: scope !== "quick",
          include: ["test/**/*.test.ts"],
          exclude: [
            ...["**/node_modules/**", "test/**/*.page.test.ts"],
            ...(scope === "quick" ? slow : []),
          ],
        },
      },
      kernelsOf("relaxed", relaxed),
      kernelsOf("threads"),
      ...browserProjects,
    ],
    reporters: scope ? ["default"] : ["default", skippedBrowsers],
    // Vitest leaves a core to itself: of two, which CI has, Node's tests had one, beside browsers that wait often.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Some cases train networks or start other versions of Node; machines differ widely.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
