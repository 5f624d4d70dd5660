import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    benchmark: { include: ["bench/**/*.bench.ts"] },
    // Some cases train networks or start other versions of Node; machines differ widely.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
