import { expect, it } from "vitest";
import { hasFeature } from "../../src/wasm/features.ts";
import { candidates } from "../../src/verify/builds.ts";
import { describeMiss } from "../../src/verify/case.ts";
import { families } from "../../src/verify/families.ts";
import { verifyBuild } from "../../src/verify/verify.ts";

// In Node it is the command gradlane verify that tells.
it.each(candidates(false))(
  "the $name build gives what formulas do, as it is compiled first and later",
  async (candidate) => {
    const { missing, families: reports } = await verifyBuild(candidate, families);
    const isMissing = candidate.name === "relaxed" && !hasFeature("relaxedSimd");
    expect(missing).toBe(isMissing ? "WebAssembly has no relaxed SIMD here" : undefined);
    expect(reports).toHaveLength(isMissing ? 0 : families.length);
    const misses = reports.flatMap((report) => report.misses);
    expect(misses.map((miss) => `${miss.kernel}${describeMiss(miss)}`)).toEqual([]);
  },
);
