import { compileBuild } from "../wasm/build.ts";
import { type OnDemand, load } from "../base/on-demand.ts";
import { fastestTile } from "../wasm/tile-timing.ts";
import type { Tile } from "../wasm/tiles.ts";
import type { ChosenBuild, EngineOptions } from "./options.ts";

/** The build and the tile that an engine runs on. */
export interface Choice extends ChosenBuild {
  readonly tile: Tile;
}

/** Code that chooses other builds than the default, loaded on demand. */
export const builds: OnDemand<typeof import("./choose-build.ts")> = {
  import: () => import("./choose-build.ts"),
};

/** Returns the build that the options ask for. */
async function kernelsFor(options: EngineOptions, shared: boolean): Promise<ChosenBuild> {
  const { module, math = "strict", revectorize = false } = options;
  if (module || math !== "strict" || revectorize || shared) {
    const { chooseBuild } = await load(builds);
    return chooseBuild(options, shared);
  }
  return { build: "strict", module: await compileBuild("strict"), revectorize, notes: [] };
}

/**
 * Chooses the kernels and their tile.
 * @param shared true for a memory that threads share; false by default
 * @throws TypeError if the given module is not a build of gradlane, or is one for the other kind of
 * memory, CompileError if its bytes are not a module
 */
export async function choose(options: EngineOptions, shared = false): Promise<Choice> {
  const kernels = await kernelsFor(options, shared);
  const { module, revectorize } = kernels;
  const tile = options.tile ?? (await fastestTile(module, { revectorize, shared }));
  return { ...kernels, tile };
}
