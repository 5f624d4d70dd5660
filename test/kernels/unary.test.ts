import { beforeAll, describe, expect, it } from "vitest";
import type { UnaryName } from "../../src/graph/ops/unary.ts";
import { type ElementaryName, elementary } from "../../src/reference/elementary.ts";
import { unary } from "../../src/reference/unary.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { check, describeMiss } from "../../src/verify/case.ts";
import { elementaryCase } from "../../src/verify/families/elementwise.ts";
import { bitPatterns } from "../../src/verify/numbers.ts";
import { backward, forward, itActsElementwise } from "./elementwise.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

describe.each(Object.keys(unary) as UnaryName[])("%s", (name) => {
  itActsElementwise(() => arena, name, unary[name], 0);
});

describe("where there is no value", () => {
  it("log and sqrt of a number below 0 are NaN", () => {
    const x = Float32Array.of(-(2 ** -149), -1, -3e38, -Infinity);
    expect([...forward(arena, "log", x, 0)]).toEqual([NaN, NaN, NaN, NaN]);
    expect([...forward(arena, "sqrt", x, 0)]).toEqual([NaN, NaN, NaN, NaN]);
  });

  it("log and reciprocal of 0 are infinite, and sqrt has an infinite slope there", () => {
    const [zeros, ones] = [Float32Array.of(0, -0), Float32Array.of(1, 1)];
    expect([...forward(arena, "log", zeros, 0)]).toEqual([-Infinity, -Infinity]);
    expect([...forward(arena, "reciprocal", zeros, 0)]).toEqual([Infinity, -Infinity]);
    expect([...forward(arena, "sqrt", zeros, 0)]).toEqual([0, -0]);
    expect(backward(arena, "sqrt", zeros, zeros, ones, 0)[0]).toBe(Infinity);
  });
});

/**
 * Every 1021st of the 2³² floats; scripts/sweep.mjs looks at all of them, and docs/accuracy.md has
 * what it found.
 */
it.each(Object.keys(elementary) as ElementaryName[])("%s is right all over float32", (name) => {
  for (const x of bitPatterns(1021, 65536)) {
    const { miss } = check(arena, elementaryCase(name, x, `from ${x[0]}`), { shift: 0 });
    if (miss) expect.fail(describeMiss(miss));
  }
});
