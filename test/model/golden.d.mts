import type * as library from "../../src/index.ts";

/** What seed 5 comes to, by network. */
export const golden: { readonly toolbox: string; readonly relu: string; readonly smooth: string };

/** The SHA-256 of all that a model has learnt. */
export function hashOf(model: Pick<library.Model, "parameters" | "buffers">): string;

/** Trains each of the networks on an engine; their hashes. */
export function trainGolden(
  gradlane: typeof library,
  engine: library.Engine,
  train: library.Dataset,
): Promise<typeof golden>;
