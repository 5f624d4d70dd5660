import type * as library from "../../src/index.ts";

/** A SHA-256 by network. */
export type Hashes = Readonly<
  Record<"toolbox" | "relu" | "smooth" | "sequences" | "images" | "text", string>
>;

/** Hashes of the weights of seed 5 after three epochs. */
export const golden: Hashes;

/** And after ten thousand steps. */
export const goldenLong: Hashes;

/** The SHA-256 of all that a model has learnt. */
export function hashOf(model: Pick<library.Model, "parameters" | "buffers">): Promise<string>;

/** Trains each of the networks on an engine, for three epochs or as many; their hashes. */
export function trainGolden(
  gradlane: typeof library,
  engine: library.Engine,
  train: library.Dataset,
  epochs?: number,
): Promise<Hashes>;

/** Trains them on an engine that is cold, then for long, and again when its code is optimised. */
export function trainColdAndWarm(
  gradlane: typeof library,
  engine: library.Engine,
  train: library.Dataset,
): Promise<Readonly<Record<"cold" | "long" | "warm", Hashes>>>;
