import { describe, expect, it } from "vitest";
import { createEngine } from "../../src/index.ts";
import type { Bounds } from "./bounds.ts";
import { casesOf, check } from "./recorded.ts";
import { type Case, type Reference } from "./reference.ts";

const engine = await createEngine();

const all = casesOf("attention-cases.json");

/** A case by hand; one of them aligns its queries with the last keys. */
interface AttentionCase extends Case {
  readonly attrs: {
    readonly causal: boolean;
    readonly note?: string;
    readonly mask?: Reference;
  };
}

const byHand = all.filter(([, { name }]) => name === "scaledDotProductAttention");

/** Values and gradients as a share of the largest of the case, as the cases ask for. */
function bounds({ output, grads }: Case): Bounds {
  const largest = ({ data }: Reference): number => Math.max(...data.map(Math.abs));
  const of = (share: number, array: Reference) => {
    const bound = share * largest(array);
    return () => bound;
  };
  const gradients = Object.entries(grads).map(([name, array]) => [name, of(2e-6, array)]);
  return { output: of(1e-6, output), ...(Object.fromEntries(gradients) as Bounds) };
}

describe("attention as in PyTorch", () => {
  it.each(byHand)("%s", (_, example) => {
    const { causal, note = "", mask } = (example as AttentionCase).attrs;
    check(
      engine,
      example,
      (g, { q, k, v }) =>
        g.scaledDotProductAttention(q!, k!, v!, {
          causal: causal && note.endsWith("aligned at the end") ? "end" : causal,
          ...(mask && { mask: g.constant(Float32Array.from(mask.data), mask.shape) }),
        }),
      bounds(example),
    );
  });

  it("is tried with masks, causal or not, of one length or two", () => {
    const attrs = byHand.map(([, example]) => (example as AttentionCase).attrs);
    expect(attrs.length).toBe(7);
    expect(attrs.filter(({ mask }) => mask).length).toBe(1);
    expect(attrs.filter(({ note = "" }) => note.endsWith("aligned at the end")).length).toBe(1);
  });
});
