import { beforeAll, describe, expect, it } from "vitest";
import type { KernelName } from "../../src/wasm/build.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { type Cases, check, describeMiss, operandCount } from "../../src/verify/case.ts";
import { families } from "../../src/verify/families.ts";
import { createArena } from "../support/arena.ts";

/** Every kernel against its float64 formula, wherever its operands lie. */

/**
 * Elements of a case from which on it is tried in one place only, as cases have millions together.
 */
const LARGE = 1000;

/** Milliseconds that a kernel's cases may take: Firefox has taken 15 times as long as Chromium. */
const PATIENCE = 400_000;

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

describe.each(families)("$name", ({ kernels }) => {
  it.each(Object.entries(kernels) as [KernelName, Cases][])(
    "%s is its formula, and touches nothing else",
    async (_, cases) => {
      let count = 0;
      let rested = performance.now();
      for (const tried of cases()) {
        const places = layouts(operandCount(tried));
        const elements = Object.values(tried.results).reduce((n, r) => n + r.expected.length, 0);
        const wanted = elements < LARGE ? places : [places[count % places.length]!];
        for (const layout of wanted) {
          const { miss } = check(arena, tried, layout);
          if (miss) expect.fail(`${describeMiss(miss)} at ${JSON.stringify(layout)}`);
        }
        count++;
        // A page that does not answer for a minute counts as lost, and Firefox takes longer for all products.
        if (performance.now() - rested < 1000) continue;
        await new Promise((resume) => setTimeout(resume));
        rested = performance.now();
      }
      expect(count).toBeGreaterThan(0);
    },
    PATIENCE,
  );
});
