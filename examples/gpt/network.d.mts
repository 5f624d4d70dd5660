import type { Engine, Model } from "gradlane";

/** Sizes of a network and of its training. */
export interface Settings {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly context: number;
  readonly batch: number;
  readonly steps: number;
  readonly seed: number;
}

export const RECIPE: Settings;

export function compile(engine: Engine, settings: Settings, characters: number): Model;
